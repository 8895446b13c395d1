"""The body of POST /api/v1/check-in/: unpacked, limited, and read with a path for each mistake.

Knows our own JSON form of a report. Deliberately knows no Host and no master: a directory that is
none is simply unknown later.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from registry.logic.check_in_payload import (
    PayloadPolicy,
    clean_name,
    directory_names,
    is_directory_name,
)
from registry.logic.listings import DIGEST_BYTES
from registry.logic.packing import NotGzipError, gunzip

KNOWN_FIELDS = ("categories", "dry_run", "user_active")
PROBLEMS_SHOWN = 20


class Encoding(Enum):
    """How the body is packed."""

    PLAIN = "identity"
    GZIP = "gzip"


class RequestReason(Enum):
    """Why a body is refused as a whole."""

    NOT_GZIP = "not_gzip"
    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    NOT_VALID = "not_valid"


@dataclass(frozen=True)
class Problem:
    """One mistake: where in the document, and what is wrong there."""

    path: str
    sentence: str


class RequestError(ValueError):
    """The body is refused, with every mistake that was found."""

    def __init__(self, reason: RequestReason, *problems: Problem) -> None:
        self.reason = reason
        self.problems = problems[:PROBLEMS_SHOWN]
        super().__init__(" ".join(problem.sentence for problem in self.problems))


@dataclass(frozen=True)
class CheckInRequest:
    """A valid report: per Category its directories, each with the digest of its files or None."""

    categories: Mapping[str, Mapping[str, bytes | None]]
    dry_run: bool = False
    user_active: bool | None = None


def read_request(body: bytes, *, encoding: Encoding, policy: PayloadPolicy) -> CheckInRequest:
    """Unpack and read a body; raise RequestError with all mistakes in it.

    Names that are not UTF-8 are taken as they are; no Directory has one. Slashes at the ends of a
    name do not count, and names with `..` or NUL are left out, since no Directory is called so.
    """
    document = _parse(_unpack(body, encoding, greatest=policy.greatest_bytes))
    if not isinstance(document, dict):
        raise _invalid(Problem("", "The document must be an object with “categories”."))
    problems = [
        Problem(clean_name(name), f"There is no field of this name; use {', '.join(KNOWN_FIELDS)}.")
        for name in document
        if name not in KNOWN_FIELDS
    ]
    switches = [
        Problem(name, "This must be true or false.")
        for name in ("dry_run", "user_active")
        if not isinstance(document.get(name, False), bool)
    ]
    reader = _CategoryReader()
    categories = reader.read(document.get("categories"))
    if found := problems + switches + reader.problems:
        raise _invalid(*found)
    if len(categories) > policy.greatest_categories:
        sentence = f"The report names more than {policy.greatest_categories} Categories."
        raise RequestError(RequestReason.TOO_LARGE, Problem("categories", sentence))
    if sum(map(len, categories.values())) > policy.greatest_directories:
        sentence = f"The report names more than {policy.greatest_directories} directories."
        raise RequestError(RequestReason.TOO_LARGE, Problem("categories", sentence))
    return CheckInRequest(categories, document.get("dry_run", False), document.get("user_active"))


def _invalid(*problems: Problem) -> RequestError:
    return RequestError(RequestReason.NOT_VALID, *problems)


def _unpack(body: bytes, encoding: Encoding, *, greatest: int) -> bytes:
    if encoding is Encoding.GZIP:
        body = _gunzip(body, greatest)
    if len(body) > greatest:
        sentence = f"The report is larger than {greatest // 2**20} MiB."
        raise RequestError(RequestReason.TOO_LARGE, Problem("", sentence))
    return body


def _gunzip(body: bytes, greatest: int) -> bytes:
    try:
        return gunzip(body, greatest=greatest)
    except NotGzipError as error:
        raise RequestError(RequestReason.NOT_GZIP, Problem("", str(error))) from None


def _parse(document: bytes) -> Any:
    try:
        text = document.decode("utf-8", "surrogateescape")
        return json.loads(text, object_pairs_hook=_unique)
    except RecursionError:
        sentence = "The document is nested too deeply."
    except ValueError as error:
        sentence = f"The body is not JSON: {error}."
    raise RequestError(RequestReason.NOT_JSON, Problem("", sentence)) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; the same name twice is a mistake, because one of them would be lost."""
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise ValueError(f"the name “{name[:100]}” stands twice in one object")
        seen.add(name)
    return members  # pragma: no cover -- one of the names is there twice


class _CategoryReader:
    """Reads the Categories and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def _complain(self, path: str, sentence: str) -> None:
        if len(self.problems) < PROBLEMS_SHOWN:
            self.problems.append(Problem(path, sentence))

    def read(self, categories: Any) -> dict[str, dict[str, bytes | None]]:
        if not isinstance(categories, dict) or not categories:
            self._complain(
                "categories",
                "This must be an object with one member a Category, for example "
                '{"Fedora Linux": ["releases", "updates"]}.',
            )
            return {}
        return {
            clean_name(name): self._directories(f"categories.{clean_name(name)}", directories)
            for name, directories in categories.items()
        }

    def _directories(self, path: str, directories: Any) -> dict[str, bytes | None]:
        if isinstance(directories, dict):
            return self._with_digests(path, directories)
        if not isinstance(directories, list):
            self._complain(path, "This must be a list of directory names.")
            return {}
        for position, name in enumerate(directories):
            if not isinstance(name, str):
                self._complain(f"{path}[{position}]", "The name of a directory must be a string.")
        names = directory_names(name for name in directories if isinstance(name, str))
        return dict.fromkeys(names)

    def _with_digests(self, path: str, directories: dict[str, Any]) -> dict[str, bytes | None]:
        found = {}
        for name, digest in directories.items():
            try:
                parsed = None if digest is None else bytes.fromhex(digest)
            except (TypeError, ValueError):
                parsed = b""
            if parsed is not None and len(parsed) != DIGEST_BYTES:
                self._complain(
                    f"{path}.{clean_name(name)}",
                    f"This must be null or a digest of {2 * DIGEST_BYTES} hexadecimal digits.",
                )
            elif is_directory_name(name.strip("/")):
                found[name.strip("/")] = parsed
        return found
