"""Which Hosts the clients of one place are sent to, by stage: the part of a choice they share.

The stages: requested countries, the client's country, its continent, everywhere, and those that are
always listed (docs/how-it-works/selection.md). A stage is cut into slots: Hosts that the client's
family of addresses reaches come before those that it may not, near ones before far ones. Knows
who has the Directory and what each Host offers; deliberately knows neither URLs nor chance.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from mirrorlist.logic.distance import Cell, Distances, Point, center_of, split_by_band
from mirrorlist.logic.limits import Circumstances, Way, why_refused
from mirrorlist.logic.offers import Offers
from mirrorlist.logic.snapshot import Continents, Host, HostSet

EVERYWHERE = "country = global "


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
    which of the restricted ones it may not be given.
    """

    hosts: Sequence[Host]
    host_set: HostSet
    offers: Offers
    continents: Continents
    countries: tuple[str, ...] | None
    restricted: frozenset[int] = frozenset()
    always: Members = ()
    distances: Distances | None = None
    avoided: frozenset[str] = frozenset()
    file_bytes: int = 0
    refusals: dict[str, frozenset[int]] | None = None

    def circumstances(self, country: str) -> Circumstances:
        """Return what limits look at for a client of a country."""
        return Circumstances(country, self.continents, self.avoided, self.file_bytes)


class Slot(NamedTuple):
    """Hosts between which chance decides. Those of a smaller tier come before all others."""

    tier: int
    stage: Stage
    members: Members

    def without(self, taken: frozenset[int]) -> "Slot":
        """Return the slot without some Hosts; with nobody to take it is shared."""
        if taken.isdisjoint(self.members):
            return self
        return self._replace(members=tuple(m for m in self.members if m not in taken))


class Ready(NamedTuple):
    """A choice but for chance: the words, and the slots in the order of the answer."""

    fragments: str
    slots: tuple[Slot, ...]
    stages: tuple[tuple[Stage, int], ...]


class Plan(NamedTuple):
    """The part of a choice that all clients of one place share.

    `ready` is the whole choice for a client without own Hosts. The rest is for those with: `slots`
    hold the Hosts that are shown; `hidden` ones count towards the minimum, too, but have no URL to
    show. `everywhere` follows if they are too few, unless requested countries were `final`; else
    `always` does. There are many plans, so that what can be counted is not kept.
    """

    ready: Ready
    fragments: str
    slots: tuple[Slot, ...]
    hidden: Members
    everywhere: tuple[Slot, ...]
    always: tuple[Slot, ...]
    final: bool

    @property
    def counted(self) -> frozenset[int]:
        """The Hosts that count towards the minimum: all but those without a share."""
        shown = (slot.members for slot in self.slots if not slot.tier % 2)
        return frozenset(self.hidden).union(*shown)

    @property
    def number(self) -> int:
        """The number of those; nobody is in two slots."""
        return len(self.hidden) + sum(
            len(members) for tier, _, members in self.slots if not tier % 2
        )

    def arrange(
        self,
        own: Sequence[Slot],
        taken: frozenset[int],
        counting: frozenset[int],
        *,
        minimum: int,
    ) -> Ready:
        """Return the choice for a client that has own Hosts, which come first and but once.

        `taken` are all of them, offered or not; `counting` those that count.
        """
        count = len(self.counted | counting) if counting else self.number
        widened = not self.final and count < minimum
        rest = (*self.slots, *(self.everywhere if widened else self.always))
        fragments = self.fragments + EVERYWHERE if widened else self.fragments
        if not taken:
            return make_ready(fragments, [*own, *rest])
        return make_ready(fragments, [*own, *(slot.without(taken) for slot in rest)])


class _Found(NamedTuple):
    """The Hosts of some stages, and the words that tell of them."""

    fragments: tuple[str, ...]
    stages: tuple[tuple[Stage, Members], ...]


def make_plan(scope: Scope, whence: Whence, *, minimum: int) -> Plan:
    """Find the Hosts by place for clients of one place.

    Requested countries come first; if they have Hosts for this client they are final, and if not,
    the others of their continents are. Only when that finds nobody do the client's own country,
    its continent and the rest of the world count. Limits hold in every stage (mirrorlist-server
    forgets them in two).
    """
    refused = _refused(scope, whence.country)
    found, final = _find(scope, whence, refused)
    listed = frozenset(member for _, members in found.stages for member in members)
    cut = _Cutter(scope, whence)
    fragments = "".join(dict.fromkeys(found.fragments))
    plan = Plan(
        ready=Ready("", (), ()),
        fragments=fragments,
        slots=cut.slots(found.stages),
        hidden=tuple(listed & scope.offers.hidden),
        everywhere=(),
        always=cut.slots([(Stage.ALWAYS, _kept(scope.always, refused | listed))]),
        final=final,
    )
    if not final and plan.number < minimum:
        rest = _kept(scope.host_set.everywhere, refused | listed)
        plan = plan._replace(everywhere=cut.slots([(Stage.GLOBAL, rest)]))
    return plan._replace(ready=plan.arrange((), frozenset(), frozenset(), minimum=minimum))


def make_ready(fragments: str, slots: Iterable[Slot]) -> Ready:
    """Put slots into the order of the answer: by tier, then as they came."""
    kept = tuple(sorted((slot for slot in slots if slot.members), key=_tier))
    return Ready(fragments, kept, tuple((slot.stage, len(slot.members)) for slot in kept))


def _tier(slot: Slot) -> int:
    return slot.tier


def _refused(scope: Scope, country: str) -> frozenset[int]:
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


def _find(scope: Scope, whence: Whence, refused: frozenset[int]) -> tuple[_Found, bool]:
    """Return who is found by place, and whether that is final."""
    fragments: list[str] = []
    finders: tuple[tuple[Stage, Callable[[Scope, list[str]], list[int]]], ...] = (
        (Stage.REQUESTED, _requested),
        (Stage.REQUESTED_CONTINENT, _requested_neighbors),
    )
    for stage, find in finders if scope.countries else ():
        if asked := _kept(find(scope, fragments), refused):
            return _Found(tuple(fragments), ((stage, asked),)), True
    country = whence.country
    here = _kept(_found_in(scope, [country], fragments), refused)
    near: dict[int, None] = {}
    for other, members in scope.host_set.around(country, scope.continents):
        if other != country:
            fragments.append(f"country = {other} ")
            near.update(dict.fromkeys(members))
    for member in here:
        near.pop(member, None)
    stages = ((Stage.COUNTRY, here), (Stage.CONTINENT, _kept(near, refused)))
    return _Found(tuple(fragments), stages), False


def _requested(scope: Scope, fragments: list[str]) -> list[int]:
    """Return the Hosts of the requested countries; `global` (any case) asks for all."""
    found: list[int] = []
    for country in scope.countries or ():
        if country.lower() == "global":
            fragments.append(EVERYWHERE)
            found += scope.host_set.everywhere
        elif here := scope.host_set.by_country.get(country.upper()):
            fragments.append(f"country = {country} ")
            found += here
    return found


def _requested_neighbors(scope: Scope, fragments: list[str]) -> list[int]:
    """Return the Hosts of the other countries of each requested country's continent."""
    neighbors = [n for c in scope.countries or () for n in scope.continents.neighbors(c.upper())]
    return _found_in(scope, sorted(set(neighbors)), fragments)


def _found_in(scope: Scope, countries: Iterable[str], fragments: list[str]) -> list[int]:
    """Return the Hosts of some countries; each that has any leaves a fragment."""
    found: list[int] = []
    for country in countries:
        if here := scope.host_set.by_country.get(country):
            fragments.append(f"country = {country} ")
            found += here
    return found


def _kept(members: Iterable[int], refused: frozenset[int]) -> Members:
    """Return Hosts once each, without those that may not be given."""
    once = dict.fromkeys(members)
    if refused.isdisjoint(once):
        return tuple(once)
    return tuple(member for member in once if member not in refused)


class _Cutter:
    """Cut the Hosts of stages into slots for the clients of one place."""

    def __init__(self, scope: Scope, whence: Whence) -> None:
        self._scope = scope
        self._whence = whence
        self._bands = bands_for(scope, whence)

    def slots(self, found: Iterable[tuple[Stage, Members]]) -> tuple[Slot, ...]:
        """Return those that are offered, by stage, tier and distance."""
        return tuple(slot for stage, members in found for slot in self._cut(stage, members))

    def _cut(self, stage: Stage, members: Members) -> Iterator[Slot]:
        for tier, alike in sorted(self._by_tier(members).items()):
            if self._bands is None or not goes_by_distance(stage, self._whence):
                yield Slot(tier, stage, tuple(alike))
                continue
            for near in split_by_band(alike, self._bands):
                yield Slot(tier, stage, near)

    def _by_tier(self, members: Members) -> dict[int, list[int]]:
        tiers = self._scope.offers.tiers[self._whence.ipv6]
        found: dict[int, list[int]] = {}
        for member in members:
            if member in tiers:
                found.setdefault(tiers[member], []).append(member)
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
