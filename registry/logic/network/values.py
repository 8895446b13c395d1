"""The types of values in a network file: how each is read, written and shown to people.

Knows the form of a value only. Whether what it names exists is the question of `plan`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from ipaddress import ip_address
from typing import Any

from pyroaring import BitMap

from registry.logic.listings import Entry, digest_listing
from registry.logic.netblocks import parse_netblock
from registry.logic.places import normalize_path
from registry.logic.rsync_options import parse_rsync_options
from registry.logic.urls import normalize_url, parse_protocols

# How much of a wrong value a sentence repeats.
QUOTED_CHARACTERS = 60
GREATEST_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class Type:
    """A type of value. `wants` completes the sentence “… is not …”.

    `parse` returns the canonical value or raises ValueError; a message of its own replaces the
    sentence. `dump` is its inverse.
    """

    wants: str
    parse: Callable[[Any], Any]
    dump: Callable[[Any], Any] = lambda value: value


@dataclass(frozen=True)
class Listing:
    """The files of a Directory. Two are equal if their digests are; entries may be left out."""

    digest: bytes
    entries: tuple[Entry, ...] | None = field(default=None, compare=False)

    @classmethod
    def of(cls, entries: tuple[Entry, ...]) -> "Listing":
        """Make the Listing of these entries."""
        return cls(digest_listing(entries), entries)


class Scope(Enum):
    """Which Directories an up2date set names."""

    ALL = "all"
    ONLY = "only"
    ALL_EXCEPT = "all_except"


@dataclass(frozen=True)
class Up2date:
    """An up2date set as the file spells it: a scope and the paths that it needs."""

    scope: Scope
    paths: tuple[str, ...] = ()


def quote(value: object) -> str:
    """Return a value as a sentence may repeat it."""
    match value:
        case str():
            dots = "…" if len(value) > QUOTED_CHARACTERS else ""
            return f"“{printable(value[:QUOTED_CHARACTERS])}{dots}”"
        case None:
            return "Nothing (null)"
        case bool():
            return "true" if value else "false"
        case list():
            return "A list"
        case Mapping():
            return "A mapping"
    return str(value)


def printable(text: str) -> str:
    """Return a text that does nothing to the terminal it is shown on."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def show(value: object) -> str:
    """Return a canonical value in the few words that fit in a line of differences."""
    match value:
        case None | "" | ():
            return "none"
        case bool():
            return "yes" if value else "no"
        case Listing(entries=None):
            return "other files"
        case Listing(entries=entries):
            return f"{len(entries or ())} files"
        case BitMap():
            return f"{len(value)} directories"
        case tuple():
            return " / ".join(show(part) for part in value)
        case datetime():
            return dump_moment(value)
        case str():
            return quote(value)
    return str(value)


def explain(value: object, wanted: Type, error: ValueError) -> str:
    """Return the sentence that says why a value is not of the wanted type."""
    hint = " Put it in quotes." if _forgot_quotes(value, wanted) else ""
    return str(error) or f"{quote(value)} is not {wanted.wants}.{hint}"


def _forgot_quotes(value: object, wanted: Type) -> bool:
    return isinstance(value, bool | int | float) and wanted.wants.startswith("text")


def require(condition: object) -> None:
    """Raise ValueError without a message unless the condition holds."""
    if not condition:
        raise ValueError


def is_text(value: object, limit: int) -> bool:
    """Tell whether a value is a string that a database can store: no NUL, no half characters."""
    return (
        isinstance(value, str)
        and len(value) <= limit
        and not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value)
    )


def text(limit: int = 100_000) -> Type:
    """Return the type of texts, kept as they are written; they may be empty."""

    def parse(value: object) -> object:
        require(is_text(value, limit))
        return value

    return Type(f"text of at most {limit} characters", parse)


def name(limit: int) -> Type:
    """Return the type of names: texts that are not blank, nor padded with blanks."""

    def parse(value: Any) -> object:
        require(is_text(value, limit) and value and value == value.strip())
        return value

    return Type(f"text of 1 to {limit} characters without blanks around it", parse)


def _parse_flag(value: object) -> object:
    require(isinstance(value, bool))
    return value


FLAG = Type("true or false", _parse_flag)


def integer(least: int, greatest: int = GREATEST_INTEGER) -> Type:
    """Return the type of whole numbers from `least` to `greatest`."""

    def parse(value: Any) -> object:
        require(type(value) is int and least <= value <= greatest)
        return value

    return Type(f"a whole number from {least} to {greatest}", parse)


def number(least: float, greatest: float) -> Type:
    """Return the type of numbers from `least` to `greatest`, read as floats."""

    def parse(value: Any) -> object:
        require(type(value) in (int, float) and least <= value <= greatest)
        return float(value)

    return Type(f"a number from {least} to {greatest}", parse)


def choice(*options: str) -> Type:
    """Return the type of values from a fixed list."""

    def parse(value: object) -> object:
        require(isinstance(value, str) and value in options)
        return value

    return Type(f"one of {', '.join(options)}", parse)


def matching(pattern: str, wants: str, limit: int) -> Type:
    """Return the type of texts that a regular expression matches as a whole."""
    compiled = re.compile(pattern)

    def parse(value: Any) -> object:
        require(is_text(value, limit) and compiled.fullmatch(value))
        return value

    return Type(wants, parse)


def canonical(convert: Callable[[str], object], wants: str, limit: int) -> Type:
    """Return the type of texts with a canonical form, which `convert` makes or refuses."""

    def parse(value: Any) -> object:
        require(is_text(value, limit))
        result = str(convert(value))
        require(len(result) <= limit)
        return result

    return Type(wants, parse)


def _parse_address(value: str) -> object:
    try:
        return ip_address(value)
    except ValueError:
        raise ValueError(f"{quote(value)} is not an IP address.") from None


def _parse_pattern(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, OverflowError) as error:
        raise ValueError(f"{quote(value)} is not a regular expression: {error}.") from None
    return value


def _parse_options(value: str) -> str:
    parse_rsync_options(value)
    return value


def _parse_moment(value: Any) -> datetime:
    require(isinstance(value, str))
    try:
        moment = datetime.fromisoformat(value)
        require(moment.tzinfo is not None)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        # Times at the ends of the calendar have no UTC.
        raise ValueError from None


def dump_moment(value: datetime) -> str:
    """Return a time in ISO 8601, UTC, with as many digits as it needs."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _parse_listing(value: Any) -> Listing:
    require(isinstance(value, list))
    entries = tuple(_parse_entry(row) for row in value)
    names = {entry.name for entry in entries}
    if len(names) != len(entries):
        raise ValueError("Two of the files have the same name.")
    require(sum(entry.size for entry in entries) <= GREATEST_INTEGER)
    return Listing.of(tuple(sorted(entries)))


def _parse_entry(row: Any) -> Entry:
    match row:
        case [str(filename), int(size), int(mtime)] if _is_filename(filename):
            if 0 <= size <= GREATEST_INTEGER and abs(mtime) <= GREATEST_INTEGER:
                return Entry(filename, int(size), int(mtime))
    raise ValueError(f"{quote(row)} is not a file: write [name, size in bytes, Unix time].")


def _is_filename(filename: str) -> bool:
    return is_text(filename, 4096) and filename != "" and "/" not in filename


def _parse_up2date(value: Any) -> Up2date:
    match value:
        case "all":
            return Up2date(Scope.ALL)
        case list() if all(is_text(path, 100_000) for path in value):
            return Up2date(Scope.ONLY, tuple(value))
        case {"all_except": list(paths)} if len(value) == 1:
            require(all(is_text(path, 100_000) for path in paths))
            return Up2date(Scope.ALL_EXCEPT, tuple(paths))
    raise ValueError


def _dump_up2date(value: Up2date) -> object:
    if value.scope is Scope.ALL:
        return "all"
    paths = list(value.paths)
    return paths if value.scope is Scope.ONLY else {"all_except": paths}


ASN = integer(1, 2**32 - 1)
EMAIL = matching(r"([^@\s]+@[^@\s]+)?", "an e-mail address", 254)
WEB_URL = matching(r"((?i:https?|ftps?)://[^\s/]\S*)?", "the address of a page", 200)
BASE_URL = canonical(normalize_url, "the base URL of a mirror", 500)
PROTOCOLS = canonical(
    lambda value: " ".join(parse_protocols(value)), "protocols in order of preference", 40
)
NETBLOCK = canonical(parse_netblock, "an address range", 49)
ADDRESS = canonical(_parse_address, "an IP address", 45)
PATH = canonical(normalize_path, "a path in the master tree", 1000)
DEEP_PATH = canonical(normalize_path, "a path in the master tree", 100_000)
RSYNC_OPTIONS = canonical(_parse_options, "text of at most 500 characters", 500)
PATTERN = canonical(_parse_pattern, "a regular expression of at most 500 characters", 500)
COUNTRY_CODE = matching(r"[A-Z][A-Z]", "a country code", 2)
MOMENT = Type("a time such as 2026-11-19T12:00:00Z", _parse_moment, dump_moment)
FILES = Type(
    "a list of files",
    _parse_listing,
    lambda value: [list(entry) for entry in value.entries],
)
UP2DATE = Type(
    "a list of paths, nor “all”, nor “all_except” with a list of paths",
    _parse_up2date,
    _dump_up2date,
)


def hexadecimal(digits: int) -> Type:
    """Return the type of digests: lower-case hexadecimal of a fixed length, or empty."""
    return matching(f"([0-9a-f]{{{digits}}})?", f"{digits} hexadecimal digits", digits)
