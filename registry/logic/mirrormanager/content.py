"""Directories, their files, FileDetails and Repositories of a MirrorManager database.

These are many, so they are decided row by row and never held as records.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from registry.logic.listings import Entry
from registry.logic.mirrormanager.choices import ChoiceReason, Ledger
from registry.logic.mirrormanager.drafting import clean, name_row
from registry.logic.mirrormanager.rows import DirectoryRow, FileDetailRow, RepositoryRow
from registry.logic.network.values import is_text
from registry.logic.places import normalize_path, owning_top

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MOMENT = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())
GREATEST_SIZE = 2**63 - 1
DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
LONGEST_FILENAME = 255
LONGEST_NAME = 4096
# How a pickled dictionary begins, from protocol 0 to 5; no JSON does.
PICKLES = (b"(", b"}", b"\x80")
LONGEST_PREFIX = 200


@dataclass(frozen=True)
class Place:
    """Where a Directory of MirrorManager is here: its path and its Category's top directory."""

    path: str
    top: str


class Detail(NamedTuple):
    """One state of a file, with the columns of a FileDetail."""

    filename: str
    timestamp: int
    size_bytes: int
    md5: str
    sha1: str
    sha256: str
    sha512: str


@dataclass(frozen=True)
class Wanted:
    """A Repository as it shall be; ids are MirrorManager's."""

    row: RepositoryRow
    path: str
    prefix: str
    arch: str | None


def place_directories(
    names: Iterable[tuple[int, str]], tops: Sequence[str], ledger: Ledger
) -> dict[int, Place]:
    """Return where each Directory belongs: to the longest top directory that contains it.

    Those below no top directory are left out: nobody could carry them.
    """
    places: dict[int, Place] = {}
    for id, name in names:
        try:
            path = normalize_path(name)
        except ValueError as error:
            ledger.choose(ChoiceReason.INVALID, f"directory {id}", f"{error} It is left out.")
            continue
        top = owning_top(path, tops)
        if top is None:
            sentence = f"“{path}” is below no Category's top directory."
            ledger.choose(ChoiceReason.OUTSIDE, f"directory {id}", sentence)
            continue
        places[id] = Place(path, top)
    return places


def note_several_categories(
    memberships: Iterable[tuple[int, int]],
    places: Mapping[int, Place],
    tops: Mapping[int, str],
    ledger: Ledger,
) -> None:
    """Note Directories that are in several Categories, of which only one can stay."""
    found: dict[int, list[int]] = defaultdict(list)
    for category, directory in memberships:
        if category in tops and directory in places:
            found[directory].append(category)
    for directory, categories in found.items():
        if len(categories) > 1:
            place = places[directory]
            sentence = f"“{place.path}” goes with “{place.top}”, not with the other Categories."
            ledger.choose(ChoiceReason.SEVERAL_CATEGORIES, f"directory {directory}", sentence)


def read_files(row: DirectoryRow, ledger: Ledger) -> tuple[Entry, ...] | None:
    """Return the files that MirrorManager knows of a Directory, or None if that is not legible.

    It knows the newest few only. A pickle is recognized by its first byte, and never read.
    """
    data = bytes(row.files or b"").strip()
    if not data:
        return ()
    if data.startswith(PICKLES):
        sentence = f"The files of “{row.name}” are a pickle; the next UMDL reads them anew."
        ledger.choose(ChoiceReason.PICKLED, name_row(row), sentence)
        return None
    try:
        return _entries(json.loads(data))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        sentence = f"The files of “{row.name}” cannot be read; the next UMDL reads them anew."
        ledger.choose(ChoiceReason.BROKEN_FILES, name_row(row), sentence)
        return None


def _entries(items: Any) -> tuple[Entry, ...]:
    """Return a list of files, each name once; anything else is a ValueError or the like."""
    entries = {item["name"]: _entry(item) for item in items}
    if sum(entry.size for entry in entries.values()) > GREATEST_SIZE:
        raise ValueError
    return tuple(sorted(entries.values()))


def _entry(item: Any) -> Entry:
    name, size, timestamp = item["name"], int(item["size"]), int(item["timestamp"])
    good = is_text(name, LONGEST_NAME) and name and "/" not in name and size >= 0
    if not good or abs(timestamp) > GREATEST_SIZE:
        raise ValueError
    return Entry(name, size, timestamp)


def moment_of(timestamp: int | None) -> datetime:
    """Return a Unix time as a moment; what is missing or out of the calendar is the epoch."""
    inside = timestamp is not None and 0 <= timestamp <= LAST_MOMENT
    return datetime.fromtimestamp(timestamp or 0, UTC) if inside else EPOCH


def read_detail(row: FileDetailRow, ledger: Ledger) -> Detail | None:
    """Return the state of a file, or None if it cannot be one. Wrong digests are left empty."""
    filename = clean(row.filename)
    if filename is None or len(filename) > LONGEST_FILENAME or "/" in filename:
        sentence = "A FileDetail without a possible file name is left out."
        ledger.choose(ChoiceReason.INVALID, name_row(row), sentence)
        return None
    digests = {}
    for name, digits in DIGITS.items():
        text = (clean(getattr(row, name)) or "").lower()
        good = not text or re.fullmatch(f"[0-9a-f]{{{digits}}}", text)
        if not good:
            sentence = f"The {name} of “{filename}” is not {digits} hexadecimal digits."
            ledger.choose(ChoiceReason.INVALID, name_row(row), sentence)
        digests[name] = text if good else ""
    return Detail(filename, row.timestamp or 0, max(row.size or 0, 0), **digests)


def want_repositories(
    rows: Iterable[RepositoryRow],
    places: Mapping[int, Place],
    arches: Mapping[int, str],
    *,
    held: Mapping[tuple[str, str | None], str],
    ledger: Ledger,
) -> list[Wanted]:
    """Return the Repositories as they shall be, one per Directory.

    Of two of one Directory that with a prefix is taken, then the earlier. `held` are the prefixes
    and Arches that Repositories here have at paths that MirrorManager does not know: they keep
    them. Of two with one prefix and Arch the earlier keeps them.
    """
    chosen: dict[str, Wanted] = {}
    for row in sorted(rows, key=lambda row: (not clean(row.prefix), row.id)):
        wanted = _want_repository(row, places, arches, ledger)
        if wanted is None:
            continue
        first = chosen.setdefault(wanted.path, wanted)
        if first is not wanted:
            sentence = f"“{wanted.path}” is already {name_row(first.row)}; that one is taken."
            ledger.choose(ChoiceReason.TWICE, name_row(row), sentence)
    own = {wanted.path for wanted in chosen.values()}
    taken = {key: path for key, path in held.items() if path not in own}
    return [_with_free_prefix(wanted, taken, ledger) for wanted in chosen.values()]


def _want_repository(
    row: RepositoryRow, places: Mapping[int, Place], arches: Mapping[int, str], ledger: Ledger
) -> Wanted | None:
    place = places.get(row.directory_id) if row.directory_id is not None else None
    if place is None:
        sentence = f"The Directory of the Repository “{row.name}” is missing or left out."
        ledger.choose(ChoiceReason.NO_PARENT, name_row(row), sentence)
        return None
    prefix = clean(row.prefix) or ""
    if len(prefix) > LONGEST_PREFIX:
        sentence = f"A prefix has at most {LONGEST_PREFIX} characters. It has none then."
        ledger.choose(ChoiceReason.INVALID, name_row(row), sentence)
        prefix = ""
    arch = arches.get(row.arch_id) if row.arch_id is not None else None
    return Wanted(row, place.path, prefix, arch)


def _with_free_prefix(
    wanted: Wanted, taken: dict[tuple[str, str | None], str], ledger: Ledger
) -> Wanted:
    if not wanted.prefix or wanted.arch is None:
        return wanted
    holder = taken.setdefault((wanted.prefix, wanted.arch), wanted.path)
    if holder == wanted.path:
        return wanted
    sentence = (
        f"“{wanted.prefix}” for {wanted.arch} belongs to “{holder}” already, so the Repository "
        f"“{wanted.path}” has no prefix."
    )
    ledger.choose(ChoiceReason.TAKEN, name_row(wanted.row), sentence)
    return Wanted(wanted.row, wanted.path, "", wanted.arch)
