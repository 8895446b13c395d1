"""Everything that is written into a snapshot.

Knows which rows there are. Deliberately knows neither the tables they were read from nor the file
they go to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import NamedTuple

from mirrorlist.logic.continuing import Basis, CopyRow
from mirrorlist.logic.guard import Holdings
from mirrorlist.logic.host_sets import HostMask, members_of
from mirrorlist.logic.snapshot import Carrier, Category, Directory, Exclusion, FileDetail, Host


class ListingRow(NamedTuple):
    """The files of a Directory that others may read: its change time, and the stored listing."""

    directory_id: int
    changed_at: int
    data: bytes


class PiecesRow(NamedTuple):
    """The digests of the pieces of a file, by the id of their row; see `snapshot.Pieces`."""

    id: int
    directory_id: int
    filename: str
    size: int
    mtime: int
    piece_bytes: int
    digests: bytes


class RepositoryRow(NamedTuple):
    """A Repository that clients can ask for, and the path of its Directory."""

    prefix: str
    arch: str
    path: str


class CountryRow(NamedTuple):
    """A country: its continent, and a place where many of its clients are, if it is known."""

    code: str
    continent: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True)
class Contents:
    """The rows of a snapshot. Hosts are named by id, but in sets by their position in `hosts`.

    If the snapshot `continues` the last one, `directories` are only those whose Hosts changed.
    `basis` and `copies` are for the next one to be continued from; `how` says whether this one
    is a continuation, or why not. `base_url` is where the server's pages are.
    """

    built_at: int
    hosts: Sequence[Host]
    categories: Sequence[Category]
    carriers: Sequence[tuple[int, int, Carrier]]
    exclusions: Sequence[tuple[int, Exclusion]]
    host_sets: Mapping[int, HostMask]
    directories: Sequence[Directory]
    repositories: Sequence[RepositoryRow]
    disabled: Sequence[str]
    redirects: Sequence[tuple[str, str]]
    countries: Sequence[CountryRow]
    netblocks: Sequence[tuple[str, int]]
    netblock_countries: Sequence[tuple[str, str]]
    asns: Sequence[tuple[int, int]]
    file_details: Sequence[tuple[int, str, FileDetail]]
    basis: Basis = field(default_factory=Basis)
    copies: Sequence[CopyRow] = ()
    directory_count: int = 0
    continues: bool = False
    how: str = ""
    base_url: str = ""
    # Read while they are written, since all of them together may not fit into memory; None leaves
    # them out. Pieces without listings would be nobody's.
    listings: Iterable[ListingRow] | None = None
    pieces: Iterable[PiecesRow] = ()

    def holdings(self) -> Holdings:
        """Return what the guard compares with the last snapshot."""
        anywhere = members_of(reduce(or_, self.host_sets.values(), 0))
        return Holdings(
            hosts=frozenset(self.hosts[member].id for member in anywhere),
            repositories=frozenset((row.prefix, row.arch) for row in self.repositories),
            directories=self.directory_count,
        )

    def counts(self) -> dict[str, int]:
        """Return the numbers that operators see beside the snapshot."""
        return {
            "hosts": len(self.holdings().hosts),
            "repositories": len(self.repositories),
            "directories": self.directory_count,
            "host_sets": len(self.host_sets),
            "urls": sum(len(carrier.urls) for _, _, carrier in self.carriers),
            "files": len(self.file_details),
            "left_out": len(self.exclusions),
        }
