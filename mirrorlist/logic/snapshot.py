"""What answers are made from: the read-only view of a snapshot that selection needs.

Knows the shape of the data and nothing about the file that holds it (`mirrorlist.snapshot_file`)
or the database it came from. Hosts are named by their position in `Snapshot.hosts`, so that a
permutation of all Hosts is a plain list.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple, Protocol

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.distance import Point
from mirrorlist.logic.host_sets import HostMask, flags_of, shared
from registry.logic.listings import Entry
from registry.logic.reach import Reach

OWN_NETWORKS_ONLY = (Reach.ASNS, Reach.NETBLOCKS)


class Host(NamedTuple):
    """A Host that some client may be sent to.

    `weight` is its share; with 0 it comes after all others. Countries are in upper case.
    `max_file_mb` is 0 without a limit. `point` is where it is, None if nobody said. `site` and
    `asn` are for people.
    """

    id: int
    name: str
    country: str
    weight: int
    private: bool
    countries_allowed: frozenset[str]
    countries_excluded: frozenset[str] = frozenset()
    countries_served: frozenset[str] = frozenset()
    reach: Reach = Reach.EVERYBODY
    always_listed: bool = False
    max_file_mb: int = 0
    asn: int | None = None
    point: Point | None = None
    site: str = ""

    @property
    def countries(self) -> Iterator[str]:
        """The countries of which it counts as a Host, its own first."""
        yield self.country
        yield from sorted(self.countries_served - {self.country})

    @property
    def is_public(self) -> bool:
        """Whether clients outside its own networks may find it."""
        return not self.private and self.reach not in OWN_NETWORKS_ONLY


class Exclusion(NamedTuple):
    """A Host that carries a Category but was left out when the snapshot was built, and why."""

    host_id: int
    name: str
    country: str
    reason: str
    sentence: str


class Reachable(IntEnum):
    """Whether a URL can be reached by one family of addresses; the better, the smaller."""

    YES = 0
    UNKNOWN = 1
    NO = 2


class Families(NamedTuple):
    """By which families of addresses a URL can be reached."""

    ipv4: Reachable = Reachable.YES
    ipv6: Reachable = Reachable.UNKNOWN


def pack_families(families: Sequence[Families]) -> str:
    """Return two digits for each URL, as a snapshot file has them."""
    return "".join(f"{each.ipv4:d}{each.ipv6:d}" for each in families)


def unpack_families(text: str) -> tuple[Families, ...]:
    """Read what `pack_families` wrote."""
    found = [Reachable(int(digit)) for digit in text]
    return tuple(map(Families, found[::2], found[1::2]))


class Carrier(NamedTuple):
    """Under which base URLs a Host offers a Category; `note` says which URLs were left out.

    `families` stand in the order of the URLs; where there are none, nobody has looked.
    """

    urls: tuple[str, ...]
    note: str
    families: tuple[Families, ...] = ()


class Category(NamedTuple):
    """A Category: its name and top directory, which its URLs stand for.

    `canonical_url` is that of the master; empty if clients are never sent there.
    """

    id: int
    name: str
    top_directory: str
    canonical_url: str = ""


class Directory(NamedTuple):
    """A Directory: where it is and which set of Hosts has it up2date."""

    id: int
    path: str
    category_id: int
    host_set_id: int


class FileDetail(NamedTuple):
    """One state of a file that clients verify; zero and the empty text mean unknown."""

    timestamp: int
    size: int
    md5: str
    sha1: str
    sha256: str
    sha512: str


class Pieces(NamedTuple):
    """SHA-1 digests of the pieces of a file, 20 bytes each; they mean only a file of this state."""

    size: int
    mtime: int
    piece_bytes: int
    digests: bytes


class HostSet(NamedTuple):
    """The Hosts that have a Directory up2date.

    `flags` say of every Host of the snapshot whether it is one of them. `words` are for those who
    tell clients in which countries of a continent there are any.
    """

    mask: HostMask
    flags: bytes
    words: dict[str, str]

    def __contains__(self, member: object) -> bool:
        return isinstance(member, int) and self.flags[member] == 1


def make_host_set(mask: HostMask, count: int) -> HostSet:
    """Return a set of Hosts of a snapshot with so many."""
    return HostSet(mask, flags_of(mask, count), {})


class Whereabouts:
    """In which countries Hosts count; those for their own networks only count in none."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        self.everywhere = tuple(shared(m) for m, host in enumerate(hosts) if host.is_public)
        found: dict[str, list[int]] = {}
        for member in self.everywhere:
            for country in hosts[member].countries:
                found.setdefault(country, []).append(member)
        self.by_country = {country: tuple(members) for country, members in found.items()}
        self._masks = {
            country: sum(1 << member for member in members) for country, members in found.items()
        }

    def any_in(self, country: str, host_set: HostSet) -> bool:
        """Tell whether a set has Hosts of a country."""
        return bool(self._masks.get(country, 0) & host_set.mask)


@dataclass(frozen=True)
class Continents:
    """On which continent each country is, operators' redirects included, and where in it.

    The point of a country is a place where many of its clients are.
    """

    continent_of: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[str, Point] = field(default_factory=dict)

    @cached_property
    def countries_in(self) -> Mapping[str, tuple[str, ...]]:
        """The countries of each continent, sorted."""
        found: dict[str, list[str]] = {}
        for country, continent in sorted(self.continent_of.items()):
            found.setdefault(continent, []).append(country)
        return {continent: tuple(countries) for continent, countries in found.items()}

    def neighbors(self, country: str) -> tuple[str, ...]:
        """Return the other countries of a country's continent, sorted; none if it is unknown."""
        continent = self.continent_of.get(country, "")
        return tuple(c for c in self.countries_in.get(continent, ()) if c != country)


class Snapshot(Protocol):
    """Everything that answers know about the network, at one moment.

    `base_url` is the public address of the server's pages, without a slash at the end.
    """

    built_at: int
    hosts: Sequence[Host]
    continents: Continents
    netblocks: Ranges[int]
    netblock_countries: Ranges[str]
    asn_hosts: Mapping[int, tuple[int, ...]]
    exclusives: Mapping[str, frozenset[int]]
    base_url: str

    def category(self, category_id: int) -> Category:
        """Return a Category that a Directory of this snapshot names."""
        ...

    def carriers(self, category_id: int) -> Mapping[int, Carrier]:
        """Return who offers a Category, by position of the Host, and under which URLs."""
        ...

    def exclusions(self, category_id: int) -> Sequence[Exclusion]:
        """Return who was left out of a Category when the snapshot was built."""
        ...

    def directory(self, path: str) -> Directory | None:
        """Return the Directory of a path, or None."""
        ...

    def host_set(self, host_set_id: int) -> HostSet:
        """Return a set of Hosts that a Directory of this snapshot names."""
        ...

    def redirect(self, prefix: str) -> str | None:
        """Return the prefix that clients of this one get instead, or None."""
        ...

    def is_disabled(self, prefix: str) -> bool:
        """Tell whether an operator disabled a Repository of this prefix."""
        ...

    def repository_path(self, prefix: str, arch: str) -> str | None:
        """Return the path of a Repository's Directory, or None."""
        ...

    def repositories(self) -> Sequence[tuple[str, str]]:
        """Return prefix and Arch of every Repository."""
        ...

    def file_details(self, directory_id: int, filename: str) -> Sequence[FileDetail]:
        """Return the states of a file, the current one first; none if clients cannot verify it."""
        ...

    def pieces(self, directory_id: int, filename: str) -> Pieces | None:
        """Return the digests of a file's pieces, perhaps of an earlier state, or None."""
        ...

    @property
    def knows_files(self) -> bool:
        """Whether this snapshot has the listings of Directories."""
        ...

    def listing(self, directory_id: int) -> Sequence[Entry]:
        """Return the files of a Directory, sorted by name."""
        ...

    def entry(self, directory_id: int, filename: str) -> Entry | None:
        """Return one file of a Directory, or None."""
        ...

    def changed_at(self, directory_id: int) -> int | None:
        """Return when a Directory changed, in Unix seconds; None if nobody may look into it."""
        ...

    def subdirectories(self, path: str) -> Sequence[str]:
        """Return the names of what lies directly below a path, sorted."""
        ...
