"""What the checksum files of one Directory say together of the files beside them.

Merges the digests of several checksum files into one state per file, with size and time from the
listing. Believes no digest that another checksum file contradicts.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from crawler.logic.checksum_files import Digest
from crawler.logic.file_history import FileState
from registry.logic.listings import Entry

# As many names as fit into a sentence that somebody will read.
NAMES_SHOWN = 3


class Merged(NamedTuple):
    """The states of the files that are there, and the names of those that raise doubts."""

    states: tuple[FileState, ...]
    absent: tuple[str, ...]
    disputed: tuple[str, ...]


def merge_digests(
    digests: Iterable[Digest], *, entries: Mapping[str, Entry], leave_out: Collection[str]
) -> Merged:
    """Return one state for each named file of a listing, sorted by name.

    `leave_out` are names whose states somebody else knows better. Disputed is a file with two
    different digests of one algorithm: then none of its digests is believed.
    """
    found: dict[str, dict[str, str]] = {}
    disputed: set[str] = set()
    for name, algorithm, digest in digests:
        if name in leave_out:
            continue
        if found.setdefault(name, {}).setdefault(algorithm, digest) != digest:
            disputed.add(name)
    states = (
        FileState(name, entries[name].mtime, entries[name].size, **found[name])
        for name in sorted(found.keys() & entries.keys() - disputed)
    )
    absent = found.keys() - entries.keys()
    return Merged(tuple(states), tuple(sorted(absent)), tuple(sorted(disputed)))


def name_some(names: Collection[str]) -> str:
    """Return the first few names for a sentence, and that there are more."""
    first = ", ".join(list(names)[:NAMES_SHOWN])
    return f"{first}, …" if len(names) > NAMES_SHOWN else first
