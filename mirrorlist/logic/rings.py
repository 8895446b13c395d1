"""Who could be offered to the clients of one place, ring by ring, whatever they ask for.

The stages: requested countries, the client's country, its continent, everywhere, and those that are
always listed (docs/how-it-works/selection.md). A stage is cut into rings: Hosts that the client's
family of addresses reaches come before those that it may not, near ones before far ones. All this
is the same for thousands of Directories, so it is worked out once; `mirrorlist.logic.plans` keeps
of every ring those that have the Directory.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from mirrorlist.logic.bound import Bound
from mirrorlist.logic.distance import Cell, Distances, Point, center_of, group_by_band
from mirrorlist.logic.host_sets import Group
from mirrorlist.logic.limits import Circumstances, Way, why_refused
from mirrorlist.logic.offers import Offers
from mirrorlist.logic.snapshot import Continents, Host, HostSet, Whereabouts


class Stage(Enum):
    """Where a Host was found; the order is that of the answer."""

    NETBLOCK = "netblock"
    ASN = "ASN"
    REQUESTED = "requested country"
    REQUESTED_CONTINENT = "continent of a requested country"
    COUNTRY = "client's country"
    CONTINENT = "client's continent"
    GLOBAL = "everywhere"
    ALWAYS = "always listed"


# Stages in which the way is part of the choice; a country is too small for its point to tell.
_BY_DISTANCE = frozenset({Stage.CONTINENT, Stage.GLOBAL})

Members = tuple[int, ...]


class Whence(NamedTuple):
    """What a plan is made for: where clients are and by which family they come.

    `cell` is where on the globe, if the geo data says so exactly; else the country's point counts.
    """

    country: str
    ipv6: bool = False
    cell: Cell | None = None


class Scope(NamedTuple):
    """What one question may choose from: all Hosts, those that have it, and what they offer.

    `restricted` are the Hosts that some clients may not be given, `always` those that are listed
    however many others there are; `distances` is None where no distance counts. `avoided` are
    countries whose Hosts the client does not want. `refusals` remember, by the client's country,
    which of the restricted ones it may not be given; None if that holds for this question alone.
    `rings` remember what is around a place, as long as `places` permits.
    """

    hosts: Sequence[Host]
    whereabouts: Whereabouts
    host_set: HostSet
    offers: Offers
    continents: Continents
    countries: tuple[str, ...] | None
    rings: "dict[Whence, Surroundings]"
    places: Bound
    restricted: frozenset[int] = frozenset()
    always: Members = ()
    distances: Distances | None = None
    avoided: frozenset[str] = frozenset()
    file_bytes: int = 0
    refusals: dict[str, frozenset[int]] | None = None

    def circumstances(self, country: str) -> Circumstances:
        """Return what limits look at for a client of a country."""
        return Circumstances(country, self.continents, self.avoided, self.file_bytes)

    def around(self, whence: Whence) -> "Surroundings":
        """Return what is around a place."""
        found = self.rings.get(whence)
        if found is None:
            found = Surroundings(self, whence)
            self.places.keep(self.rings, whence, found)
        return found


class Level(NamedTuple):
    """How early some Hosts come, and where they were found. A smaller tier comes before others."""

    tier: int
    stage: Stage


class Ring(NamedTuple):
    """Hosts of one level, between which chance decides."""

    level: Level
    group: Group


class Surroundings:
    """The rings around a place.

    `near` are those of the country and the continent; of their Hosts, `hidden` ones count towards
    the minimum without a URL to show. `everywhere` is the rest of the world, `always` what is
    listed where that is not needed. Looks at everything in a Scope but who has the Directory.
    """

    def __init__(self, scope: Scope, whence: Whence) -> None:
        """Find everybody; limits hold in every stage (mirrorlist-server forgets them in two)."""
        refused = refused_in(scope, whence.country)
        abroad = [
            member
            for country in scope.continents.neighbors(whence.country)
            for member in scope.whereabouts.by_country.get(country, ())
        ]
        here = kept(scope.whereabouts.by_country.get(whence.country, ()), refused)
        around = kept(abroad, refused | frozenset(here))
        self._cutter = _Cutter(scope, whence)
        self._refused = refused
        self._everywhere = scope.whereabouts.everywhere
        self.near = self._cutter.rings([(Stage.COUNTRY, here), (Stage.CONTINENT, around)])
        self.hidden = Group([m for m in (*here, *around) if m in scope.offers.hidden])
        always = kept(scope.always, refused.union(here, around))
        self.always = self._cutter.rings([(Stage.ALWAYS, always)])

    @cached_property
    def everywhere(self) -> tuple[Ring, ...]:
        """The rings of the rest of the world; most places never need it."""
        listed = self._refused.union(*(ring.group.members for ring in self.near))
        return self._cutter.rings([(Stage.GLOBAL, kept(self._everywhere, listed))])


class _Cutter:
    """Cut the Hosts of stages into rings for the clients of one place."""

    def __init__(self, scope: Scope, whence: Whence) -> None:
        self._tiers = scope.offers.tiers[whence.ipv6]
        self._whence = whence
        self._bands = bands_for(scope, whence)

    def rings(self, found: Iterable[tuple[Stage, Sequence[int]]]) -> tuple[Ring, ...]:
        """Return those that are offered, by tier, stage and distance."""
        rings = [ring for stage, members in found for ring in self._cut(stage, members)]
        return tuple(sorted(rings, key=attrgetter("level.tier")))

    def _cut(self, stage: Stage, members: Sequence[int]) -> Iterator[Ring]:
        by_tier: dict[int, list[int]] = {}
        for member in members:
            if member in self._tiers:
                by_tier.setdefault(self._tiers[member], []).append(member)
        for tier, alike in by_tier.items():
            level = Level(tier, stage)
            if self._bands is None or not goes_by_distance(stage, self._whence):
                yield Ring(level, Group(alike))
                continue
            for near in group_by_band(alike, self._bands):
                yield Ring(level, Group(near))


def cut(scope: Scope, whence: Whence, stage: Stage, members: Sequence[int]) -> tuple[Ring, ...]:
    """Return the rings of Hosts that were found in some stage."""
    return _Cutter(scope, whence).rings([(stage, members)])


def kept(members: Iterable[int], refused: frozenset[int]) -> Members:
    """Return Hosts once each, without those that may not be given."""
    return tuple(member for member in dict.fromkeys(members) if member not in refused)


def refused_in(scope: Scope, country: str) -> frozenset[int]:
    """Return who may not be given to clients of a country; worked out once for many Directories."""
    known = {} if scope.refusals is None else scope.refusals
    found = known.get(country)
    if found is None:
        circumstances = scope.circumstances(country)
        found = known[country] = frozenset(
            member
            for member in scope.restricted
            if why_refused(scope.hosts[member], circumstances, Way.PLACE)
        )
    return found


def goes_by_distance(stage: Stage, whence: Whence) -> bool:
    """Tell whether near Hosts come first in a stage; in a country only if the place is exact."""
    return stage in _BY_DISTANCE or (stage is Stage.COUNTRY and whence.cell is not None)


def bands_for(scope: Scope, whence: Whence) -> Sequence[int] | None:
    """Return the bands of all Hosts seen from a place, or None where nobody knows the place."""
    here: Point | None = (
        center_of(whence.cell) if whence.cell else scope.continents.points.get(whence.country)
    )
    return scope.distances.bands(here) if scope.distances and here else None
