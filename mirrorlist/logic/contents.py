"""Everything that is written into a snapshot, and how Directories get their Hosts.

Knows which rows there are. Deliberately knows neither the tables they were read from nor the file
they go to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import NamedTuple

from mirrorlist.logic.guard import Holdings
from mirrorlist.logic.host_sets import (
    Copy,
    HostMask,
    hosts_by_directory,
    members_of,
    require_metadata,
)
from mirrorlist.logic.snapshot import Carrier, Category, Directory, Exclusion, FileDetail, Host
from mirrorlist.logic.targets import METADATA_DIRECTORY
from registry.logic.places import join_path


class DirectoryRow(NamedTuple):
    """A Directory of the master tree."""

    id: int
    path: str
    category_id: int


class RepositoryRow(NamedTuple):
    """A Repository that clients can ask for, and the path of its Directory."""

    prefix: str
    arch: str
    path: str


@dataclass(frozen=True)
class Contents:
    """The rows of a snapshot. Hosts are named by id, but in sets by their position in `hosts`."""

    built_at: int
    hosts: Sequence[Host]
    categories: Sequence[Category]
    carriers: Sequence[tuple[int, int, Carrier]]
    exclusions: Sequence[tuple[int, Exclusion]]
    host_sets: Sequence[HostMask]
    directories: Sequence[Directory]
    repositories: Sequence[RepositoryRow]
    disabled: Sequence[str]
    redirects: Sequence[tuple[str, str]]
    continents: Sequence[tuple[str, str]]
    netblocks: Sequence[tuple[str, int]]
    netblock_countries: Sequence[tuple[str, str]]
    asns: Sequence[tuple[int, int]]
    file_details: Sequence[tuple[int, str, FileDetail]]

    def holdings(self) -> Holdings:
        """Return what the guard compares with the last snapshot."""
        return Holdings(
            hosts=frozenset(
                self.hosts[member].id for member in members_of(reduce(or_, self.host_sets, 0))
            ),
            repositories=frozenset((row.prefix, row.arch) for row in self.repositories),
            directories=len(self.directories),
        )

    def counts(self) -> dict[str, int]:
        """Return the numbers that operators see beside the snapshot."""
        return {
            "hosts": len(self.holdings().hosts),
            "repositories": len(self.repositories),
            "directories": len(self.directories),
            "host_sets": len(self.host_sets),
            "urls": sum(len(carrier.urls) for _, _, carrier in self.carriers),
            "files": len(self.file_details),
            "left_out": len(self.exclusions),
        }


def place_directories(
    rows: Sequence[DirectoryRow],
    copies: Mapping[int, Iterable[Copy]],
    repository_paths: Iterable[str],
) -> tuple[list[HostMask], list[Directory]]:
    """Return the distinct sets of Hosts, and every Directory with the number of its set.

    `copies` are those of each Category. A Repository's Directory is kept by Hosts only that have
    its metadata, too.
    """
    by_category: dict[int, list[int]] = {}
    for row in rows:
        by_category.setdefault(row.category_id, []).append(row.id)
    hosts: dict[int, HostMask] = {}
    for category_id, directory_ids in by_category.items():
        hosts |= hosts_by_directory(directory_ids, copies.get(category_id, ()))
    hosts = require_metadata(hosts, _metadata(rows, repository_paths))
    numbers: dict[HostMask, int] = {}
    directories = [
        Directory(
            row.id, row.path, row.category_id, numbers.setdefault(hosts[row.id], len(numbers))
        )
        for row in rows
    ]
    return list(numbers), directories


def _metadata(rows: Iterable[DirectoryRow], repository_paths: Iterable[str]) -> dict[int, int]:
    """Return the metadata Directory of each Repository's Directory, where there is one."""
    ids = {row.path: row.id for row in rows}
    pairs = ((path, join_path(path, METADATA_DIRECTORY)) for path in repository_paths)
    return {ids[path]: ids[metadata] for path, metadata in pairs if path in ids and metadata in ids}
