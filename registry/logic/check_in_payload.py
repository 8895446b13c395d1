"""What a Host sends when it checks in by XML-RPC: unpacked, limited, validated.

Knows the payload of `report_mirror` and quick-fedora-mirror and the exact texts that those clients
print. Deliberately knows no Site, no Host and no password check, and never unpickles. The texts end
in “error checking in” and must not contain the word that stands for success, because
quick-fedora-mirror searches for it.
"""

import base64
import binascii
import bz2
import json
import re
from collections.abc import Callable, Iterable, KeysView, Mapping, Set
from dataclasses import dataclass
from enum import Enum
from typing import Any

from registry.logic.places import normalize_path
from registry.logic.xmlrpc import without_success

SETTINGS = ("global", "site", "host")
NOT_CATEGORIES = frozenset({"version", "global", "site", "host", "stats"})
# No database holds NUL in a text, and lone surrogates stand for bytes that were not UTF-8.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
TRUE_WORDS = frozenset({"true", "1", "t", "y", "yes"})
INVALID = "Invalid config file provided, please check your report_mirror.conf.error checking in"


@dataclass(frozen=True)
class PayloadPolicy:
    """How large a payload may be. Real ones are a few megabytes: one name a directory."""

    greatest_bytes: int = 30 * 1024 * 1024
    greatest_directories: int = 500_000
    greatest_categories: int = 100


class RefusalReason(Enum):
    """Why a payload is refused as a whole."""

    NOT_BASE64 = "not_base64"
    NOT_BZ2 = "not_bz2"
    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    NOT_VALID = "not_valid"


class PayloadError(ValueError):
    """The payload is refused; `text` is the whole answer for the client."""

    def __init__(self, reason: RefusalReason, message: str) -> None:
        self.reason = reason
        self.text = without_success(f"{message}\n{INVALID}")
        super().__init__(message)


@dataclass(frozen=True)
class Section:
    """One Category of the payload: its name in lower case and the directories below its top.

    `ignored` is the sentence that says why the section does not count, or empty.
    """

    name: str
    directories: Set[str]
    ignored: str = ""


@dataclass(frozen=True)
class Payload:
    """A valid payload. `user_active` is None where the client said nothing about it."""

    site: str
    password: str
    host: str
    user_active: bool | None
    sections: tuple[Section, ...]


def read_payload(text: str, *, policy: PayloadPolicy) -> Payload:
    """Unpack and validate the one parameter of `checkin`.

    Raises PayloadError with the text that the client prints. The order of the checks is the
    incumbent's, so that one mistake gives the answer that its documentation tells.
    """
    return _validated(_unpack(text, policy=policy), policy=policy)


def _unpack(text: str, *, policy: PayloadPolicy) -> Any:
    try:
        packed = base64.urlsafe_b64decode(text.encode("ascii", "ignore"))
    except (binascii.Error, ValueError):
        raise PayloadError(RefusalReason.NOT_BASE64, "The report is not base64.") from None
    document = _decompress(packed, policy.greatest_bytes)
    try:
        # Bytes that are not UTF-8 stay recognizable, so that one odd name does not spoil the rest.
        return json.loads(document.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        raise PayloadError(
            RefusalReason.NOT_JSON,
            "config file is not JSON.\nPlease update your copy of report_mirror.",
        ) from None


def _decompress(packed: bytes, greatest: int) -> bytes:
    """Decompress bz2, but never more than one byte beyond the limit."""
    unpacker = bz2.BZ2Decompressor()
    try:
        document = unpacker.decompress(packed, greatest + 1)
    except (OSError, ValueError, EOFError):
        raise PayloadError(RefusalReason.NOT_BZ2, "The report is not bz2.") from None
    if len(document) > greatest:
        raise PayloadError(
            RefusalReason.TOO_LARGE, f"The report is larger than {greatest // 2**20} MiB."
        )
    if not unpacker.eof:
        raise PayloadError(RefusalReason.NOT_BZ2, "The report is cut short.")
    return document


def _text(value: Any) -> str:
    """Return an option as text; clients send numbers and lists where INI files had lines."""
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _echo(value: Any) -> str:
    """Return what the client sent, shortened, for a sentence about it."""
    return str(value)[:100]


def _section(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = config.get(name)
    return value if isinstance(value, Mapping) else {}


def _version(config: Mapping[str, Any]) -> str | None:
    if "version" not in config:
        return "config file has no version field."
    if config["version"] != 0 or config["version"] is False:
        return f"config file version is not 0, is {_echo(config['version'])}."
    return None


def _missing_section(config: Mapping[str, Any]) -> str | None:
    missing = [name for name in SETTINGS if not isinstance(config.get(name), Mapping)]
    return f"config file missing section {missing[0]}." if missing else None


def _not_enabled(config: Mapping[str, Any]) -> str | None:
    enabled = _text(_section(config, "global").get("enabled", "")) == "1"
    return None if enabled else "config file section [global] not enabled."


def _site_option(config: Mapping[str, Any]) -> str | None:
    missing = [option for option in ("name", "password") if option not in _section(config, "site")]
    return f"config file [site] missing required option {missing[0]}." if missing else None


def _host_option(config: Mapping[str, Any]) -> str | None:
    named = "name" in _section(config, "host")
    return None if named else "section [host] missing required option name."


def _tree(config: Mapping[str, Any]) -> str | None:
    for name in sorted(set(config) - NOT_CATEGORIES):
        if not isinstance(_section(config, name).get("dirtree"), Mapping):
            return f"section [{_echo(name)}] missing required option dirtree."
    return None


# In this order; the first that has something to say is the answer.
CHECKS: tuple[Callable[[Mapping[str, Any]], str | None], ...] = (
    _version,
    _missing_section,
    _not_enabled,
    _site_option,
    _host_option,
    _tree,
)


def _validated(config: Any, *, policy: PayloadPolicy) -> Payload:
    if not isinstance(config, Mapping):
        raise PayloadError(
            RefusalReason.NOT_VALID,
            "config file is not a dict.\nPlease update your copy of report_mirror.",
        )
    for check in CHECKS:
        if complaint := check(config):
            raise PayloadError(RefusalReason.NOT_VALID, complaint)
    names = sorted(set(config) - NOT_CATEGORIES)
    if len(names) > policy.greatest_categories:
        raise PayloadError(
            RefusalReason.TOO_LARGE,
            f"The report has more than {policy.greatest_categories} sections.",
        )
    sections = tuple(_read_section(name, config[name]) for name in names)
    if sum(len(section.directories) for section in sections) > policy.greatest_directories:
        raise PayloadError(
            RefusalReason.TOO_LARGE,
            f"The report names more than {policy.greatest_directories} directories.",
        )
    host = config["host"]
    active = host.get("user_active")
    return Payload(
        site=_text(config["site"]["name"]),
        password=_text(config["site"]["password"]),
        host=_text(host["name"]),
        user_active=None if active is None else _text(active) in TRUE_WORDS,
        sections=sections,
    )


def _read_section(name: str, section: Mapping[str, Any]) -> Section:
    name = clean_name(name).lower()
    if _text(section.get("enabled", "1")) != "1":
        return Section(name, frozenset(), "The section is not enabled.")
    directories = directory_names(section["dirtree"])
    if not directories or list(directories) == [""]:
        return Section(name, frozenset(), "The directory tree is empty; is its path right?")
    return Section(name, directories)


def clean_name(name: str) -> str:
    """Return what a client calls a Category, so that it can be stored: short, without oddities."""
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", name[:100])


def directory_names(paths: Iterable[str]) -> KeysView[str]:
    """Return the names without slashes at their ends, and only those that a Directory can have.

    A hundred thousand of them are usual, so only what looks odd is looked at closely. They stay in
    their order, because strings that lie side by side in memory are looked up twice as fast.
    """
    stripped = [path.strip("/") for path in paths]
    names = dict.fromkeys(stripped)
    for path in stripped:
        looks_odd = "/." in path or "//" in path or path[:1] == "." or "\0" in path
        if (looks_odd or not path.isascii()) and not is_directory_name(path):
            names.pop(path, None)
    return names.keys()


def is_directory_name(path: str) -> bool:
    """Tell whether a name can be that of a Directory; others are simply unknown to us.

    No Directory has slashes at its ends or doubled, dots as a component, NUL, or bytes that are
    not UTF-8.
    """
    try:
        path.encode()  # lone surrogates stand for bytes that were not UTF-8
        return normalize_path(path) == path
    except ValueError:
        return False
