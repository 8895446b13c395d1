"""Which Hosts every Directory has, and under which number that set of Hosts is stored.

Knows Directories, what Hosts have up2date, and the two rules that take Hosts off again: old
metadata, and Directories that only some Hosts may offer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pyroaring import BitMap

from mirrorlist.logic.host_sets import (
    Copy,
    HostMask,
    hosts_by_directory,
    number_of,
    require_metadata,
)
from mirrorlist.logic.snapshot import Directory
from mirrorlist.logic.targets import METADATA_DIRECTORY
from registry.logic.places import join_path


class DirectoryRow(NamedTuple):
    """A Directory of the master tree."""

    id: int
    path: str
    category_id: int


@dataclass(frozen=True)
class Placement:
    """Distinct sets of Hosts by number, and Directories with the number of theirs."""

    host_sets: Mapping[int, HostMask]
    directories: Sequence[Directory]


@dataclass(frozen=True)
class Rules:
    """What a Host must have or be, beside having a Directory.

    `metadata` names the metadata Directory of each Repository's. `exclusives` are Directories with
    the only Hosts that may offer them; nothing is in two of them. If the rules `cross` Categories,
    no Category can be judged alone.
    """

    metadata: Mapping[int, int] = field(default_factory=dict)
    exclusives: Sequence[tuple[BitMap, HostMask]] = ()
    crosses: bool = False

    def apply(self, hosts: Mapping[int, HostMask]) -> dict[int, HostMask]:
        """Take from every Directory the Hosts that may not offer it."""
        kept = require_metadata(hosts, self.metadata)
        for directory_ids, mask in self.exclusives:
            for directory_id in directory_ids:
                kept[directory_id] &= mask
        return kept

    def offered(self, has: BitMap, member: int) -> BitMap:
        """Return which of the Directories that one Host has up2date it may offer."""
        behind = (
            directory_id
            for directory_id, metadata_id in self.metadata.items()
            if directory_id in has and metadata_id not in has
        )
        kept = has - BitMap(behind)
        for directory_ids, mask in self.exclusives:
            if not mask >> member & 1:
                kept -= directory_ids
        return kept


def make_rules(
    rows: Sequence[DirectoryRow],
    repository_paths: Iterable[str],
    exclusives: Mapping[str, HostMask],
) -> Rules:
    """Return the rules for these Directories; `exclusives` name paths and their Hosts."""
    pairs = _metadata(rows, repository_paths)
    return Rules(
        metadata={directory.id: metadata.id for directory, metadata in pairs},
        exclusives=_exclusives(rows, exclusives),
        crosses=any(one.category_id != other.category_id for one, other in pairs),
    )


def place_directories(
    rows: Sequence[DirectoryRow], copies: Mapping[int, Iterable[Copy]], rules: Rules
) -> Placement:
    """Return every Directory with its Hosts; `copies` are those of each Category."""
    by_category: dict[int, list[int]] = {}
    for row in rows:
        by_category.setdefault(row.category_id, []).append(row.id)
    hosts: dict[int, HostMask] = {}
    for category_id, directory_ids in by_category.items():
        hosts |= hosts_by_directory(directory_ids, copies.get(category_id, ()))
    hosts = rules.apply(hosts)
    numbers = {mask: number_of(mask) for mask in set(hosts.values())}
    return Placement(
        {number: mask for mask, number in numbers.items()},
        [Directory(*row, numbers[hosts[row.id]]) for row in rows],
    )


def nearest_exclusive(path: str, exclusives: Iterable[str]) -> str | None:
    """Return the longest of some paths that a Directory is or lies below, or None."""
    above = [each for each in exclusives if path == each or path.startswith(f"{each}/")]
    return max(above, key=len, default=None)


def _metadata(
    rows: Iterable[DirectoryRow], repository_paths: Iterable[str]
) -> list[tuple[DirectoryRow, DirectoryRow]]:
    """Return each Repository's Directory with its metadata Directory, where there is one."""
    pairs = {path: join_path(path, METADATA_DIRECTORY) for path in repository_paths}
    wanted = {*pairs, *pairs.values()}
    known = {row.path: row for row in rows if row.path in wanted}
    return [
        (known[path], known[below])
        for path, below in pairs.items()
        if path in known and below in known
    ]


def _exclusives(
    rows: Iterable[DirectoryRow], exclusives: Mapping[str, HostMask]
) -> list[tuple[BitMap, HostMask]]:
    if not exclusives:
        return []
    found: dict[str, list[int]] = {}
    for row in rows:
        if path := nearest_exclusive(row.path, exclusives):
            found.setdefault(path, []).append(row.id)
    return [(BitMap(ids), exclusives[path]) for path, ids in sorted(found.items())]
