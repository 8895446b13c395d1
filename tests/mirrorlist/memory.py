"""A small network in memory: what the pure parts of the mirrorlist are tested with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.answers import Answer, answer
from mirrorlist.logic.distance import Point
from mirrorlist.logic.query import Client, Kind
from mirrorlist.logic.snapshot import (
    Carrier,
    Category,
    Continents,
    Directory,
    Exclusion,
    FileDetail,
    Host,
    HostSet,
    Pieces,
    make_host_set,
)
from mirrorlist.logic.world import AnswerPolicy, World
from registry.logic.listings import Entry

BUILT_AT = 1_750_000_000
CHANGED_AT = 1_740_000_000
NOW = 1_795_149_706.5  # Fri, 20 Nov 2026 04:41:46 GMT
TOP = "pub/fedora"
OS = f"{TOP}/linux/42/x86_64/os"
# One client per country, as FixedGeo knows them.
DE, FR, US, JP, NOWHERE = "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "203.0.113.1"
COUNTRIES = {DE: "DE", FR: "FR", US: "US", JP: "JP"}

CONTINENTS = Continents({"DE": "EU", "FR": "EU", "ES": "EU", "US": "NA", "CA": "NA", "JP": "AS"})


def a_host(id_: int, country: str, **over) -> Host:
    name = f"{country.lower()}{id_}.example.org"
    return Host(id_, name, country, 100, private=False, countries_allowed=frozenset())._replace(
        **over
    )


def offering(host: Host, *protocols: str, note: str = "") -> Carrier:
    return Carrier(tuple(f"{p}://{host.name}/fedora" for p in protocols or ("https",)), note)


@dataclass
class MemorySnapshot:
    """Everything that `Snapshot` asks for, from dictionaries."""

    hosts: Sequence[Host]
    offered: Mapping[int, Carrier]
    sets: Mapping[int, Sequence[int]]
    directories: Mapping[str, int]
    paths: Mapping[tuple[str, str], str] = field(default_factory=dict)
    disabled: frozenset[str] = frozenset()
    redirects: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[tuple[str, str], Sequence[FileDetail]] = field(default_factory=dict)
    left_out: Sequence[Exclusion] = ()
    netblocks: Ranges[int] = field(default_factory=lambda: Ranges(()))
    netblock_countries: Ranges[str] = field(default_factory=lambda: Ranges(()))
    asn_hosts: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    exclusives: Mapping[str, frozenset[int]] = field(default_factory=dict)
    continents: Continents = CONTINENTS
    built_at: int = BUILT_AT
    top: str = TOP
    canonical_url: str = ""
    listings: Mapping[str, Sequence[Entry]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    knows_files: bool = True
    base_url: str = ""
    in_pieces: Mapping[tuple[str, str], Pieces] = field(default_factory=dict)

    def category(self, category_id: int) -> Category:
        return Category(category_id, "Fedora Linux", self.top, self.canonical_url)

    def carriers(self, category_id: int) -> Mapping[int, Carrier]:
        return self.offered

    def exclusions(self, category_id: int) -> Sequence[Exclusion]:
        return self.left_out

    def directory(self, path: str) -> Directory | None:
        if path not in self.directories:
            return None
        return Directory(list(self.directories).index(path), path, 1, self.directories[path])

    def host_set(self, host_set_id: int) -> HostSet:
        mask = sum(1 << member for member in self.sets[host_set_id])
        return make_host_set(mask, len(self.hosts))

    def redirect(self, prefix: str) -> str | None:
        return self.redirects.get(prefix)

    def is_disabled(self, prefix: str) -> bool:
        return prefix in self.disabled

    def repository_path(self, prefix: str, arch: str) -> str | None:
        return self.paths.get((prefix, arch))

    def repositories(self) -> Sequence[tuple[str, str]]:
        return list(self.paths)

    def file_details(self, directory_id: int, filename: str) -> Sequence[FileDetail]:
        return self.files.get((list(self.directories)[directory_id], filename), ())

    def listing(self, directory_id: int) -> Sequence[Entry]:
        return self.listings.get(list(self.directories)[directory_id], ())

    def entry(self, directory_id: int, filename: str) -> Entry | None:
        return next((e for e in self.listing(directory_id) if e.name == filename), None)

    def pieces(self, directory_id: int, filename: str) -> Pieces | None:
        return self.in_pieces.get((list(self.directories)[directory_id], filename))

    def changed_at(self, directory_id: int) -> int | None:
        path = list(self.directories)[directory_id]
        return None if path in self.hidden or not self.knows_files else CHANGED_AT

    def subdirectories(self, path: str) -> Sequence[str]:
        top = f"{path}/" if path else ""
        below = (known[len(top) :] for known in self.directories if known.startswith(top))
        return sorted({name.split("/")[0] for name in below if name})


class FixedGeo:
    """Knows the clients above, and one autonomous system."""

    def __init__(
        self,
        asns: Mapping[str, int] | None = None,
        points: Mapping[str, Point] | None = None,
    ) -> None:
        self.asns = asns or {}
        self.points = points or {}

    def country(self, address: str) -> str | None:
        return COUNTRIES.get(address)

    def asn(self, address: str) -> int | None:
        return self.asns.get(address)

    def location(self, address: str) -> Point | None:
        return self.points.get(address)


def network(hosts: Sequence[Host], *, behind: Sequence[int] = (), **over) -> MemorySnapshot:
    """Return a network in which all Hosts carry the Category, and all but some are up2date."""
    carried = [position for position in range(len(hosts)) if position not in behind]
    values = {
        "hosts": hosts,
        "offered": {position: offering(host) for position, host in enumerate(hosts)},
        "sets": {0: carried},
        "directories": {OS: 0, f"{OS}/repodata": 0, TOP: 0},
        "paths": {("fedora-42", "x86_64"): OS},
        "files": {
            (f"{OS}/repodata", "repomd.xml"): [FileDetail(1_795_249_680, 3069, "a", "b", "c", "d")]
        },
    }
    return MemorySnapshot(**(values | over))


def a_world(
    snapshot: MemorySnapshot,
    *,
    seed: int = 0,
    asns: Mapping[str, int] | None = None,
    points: Mapping[str, Point] | None = None,
    **policy,
) -> World:
    return World(snapshot, FixedGeo(asns, points), AnswerPolicy(**policy), rng=Random(seed))


def ask(
    world: World,
    query: str = "repo=fedora-42&arch=x86_64",
    *,
    ip: str = DE,
    kind: Kind = Kind.MIRRORLIST,
    forwarded_for: str = "",
    now: float = NOW,
) -> Answer:
    return answer(kind, query.encode(), Client(ip, forwarded_for), world, now=now)


def header(got: Answer) -> str:
    return got.body.decode().split("\n")[0]


def listed(got: Answer) -> list[str]:
    """Return the names of the Hosts of a mirrorlist, without domain."""
    lines = got.body.decode().split("\n")[1:-1]
    return [line.split("/")[2].split(".")[0] for line in lines if not line.startswith("#")]
