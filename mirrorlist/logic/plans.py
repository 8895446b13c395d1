"""Which Hosts the clients of one place are sent to, by stage: the part of a choice they share.

Takes the rings around a place (`mirrorlist.logic.rings`) and keeps of each the Hosts that have the
Directory. Deliberately knows neither URLs nor chance.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from mirrorlist.logic.distance import FEWEST_IN_BAND
from mirrorlist.logic.rings import Level, Members, Ring, Scope, Stage, Whence, cut, refused_in

EVERYWHERE = "country = global "


class Slot(NamedTuple):
    """Hosts between which chance decides."""

    level: Level
    members: Members

    def without(self, taken: frozenset[int]) -> "Slot":
        """Return the slot without some Hosts; with nobody to take it is shared."""
        if taken.isdisjoint(self.members):
            return self
        return Slot(self.level, tuple(m for m in self.members if m not in taken))


class Plan(NamedTuple):
    """A choice but for chance: the words, and the slots in the order of the answer.

    There are many plans, so that the levels of slots, of which there are few kinds, are kept
    beside their `groups`. Requested countries are `final`: if they have Hosts, nobody else is
    offered. `nearby` is there if the rest of the world was asked for help.
    """

    fragments: str
    levels: tuple[Level, ...]
    groups: tuple[Members, ...]
    final: bool = False
    nearby: "Nearby | None" = None

    @property
    def slots(self) -> list[Slot]:
        return list(map(Slot, self.levels, self.groups))

    def arrange(
        self,
        own: Sequence[Slot],
        taken: frozenset[int],
        counting: frozenset[int],
        *,
        minimum: int,
    ) -> "Plan":
        """Return the choice for a client that has own Hosts, which come first and but once.

        `taken` are all of them, offered or not; `counting` those that count.
        """
        nearby, plan = self.nearby, self
        if nearby and len(nearby.counted | counting) >= minimum:
            plan = nearby.plan
        return _lay_out(plan.fragments, [*own, *(slot.without(taken) for slot in plan.slots)])


class Nearby(NamedTuple):
    """What is around a client, for those whose own Hosts make it enough, and what it counts."""

    plan: Plan
    counted: frozenset[int]


def make_plan(scope: Scope, whence: Whence, *, minimum: int) -> Plan:
    """Find the Hosts by place for clients of one place.

    Requested countries come first; if they have Hosts for this client they are final, and if not,
    the others of their continents are. Only when that finds nobody do the client's own country,
    its continent and the rest of the world count. Hosts that have no URL to show count towards the
    minimum, too; those without a share do not.
    """
    asked: list[str] = []
    if scope.countries and (plan := _requested(scope, whence, asked)):
        return plan
    around, flags = scope.around(whence), scope.host_set.flags
    fragments = _words(scope, whence.country, asked)
    slots = _slots(around.near, flags)
    nearby = _lay_out(fragments, [*slots, *_slots(around.always, flags)])
    shown = [slot.members for slot in slots if not slot.level.tier % 2]
    hidden = around.hidden.among(flags)
    if len(hidden) + sum(map(len, shown)) >= minimum:
        return nearby
    counted = frozenset(hidden).union(*shown)
    plan = _lay_out(fragments + EVERYWHERE, [*slots, *_slots(around.everywhere, flags)])
    return plan._replace(nearby=Nearby(nearby, counted))


def _lay_out(fragments: str, slots: Iterable[Slot]) -> Plan:
    """Put slots into the order of the answer: by tier, then as they came."""
    ordered = sorted((slot for slot in slots if slot.members), key=_tier)
    levels = _shared(tuple(slot.level for slot in ordered))
    return Plan(fragments, levels, tuple(slot.members for slot in ordered))


_tier = attrgetter("level.tier")


@lru_cache(4096)
def _shared(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    return levels


def _slots(rings: Iterable[Ring], flags: bytes) -> list[Slot]:
    """Return of each ring those that are in a set; too small a band is joined with the next one."""
    slots: list[Slot] = []
    for level, group in rings:
        members = group.among(flags)
        if not members:
            continue
        if slots:
            before = slots[-1]
            if before.level == level and len(before.members) < FEWEST_IN_BAND:
                members = slots.pop().members + members
        slots.append(Slot(level, members))
    return slots


def _words(scope: Scope, country: str, said: Sequence[str]) -> str:
    """Return the words for the countries with Hosts around a client, its own first, each once."""
    words = _continent(scope, country)
    if scope.whereabouts.any_in(country, scope.host_set):
        own = _word(country)
        words = own + words.replace(own, "", 1)
    for word in said:
        words = words.replace(word, "", 1)
    return "".join(dict.fromkeys(said)) + words


def _continent(scope: Scope, country: str) -> str:
    """Return the words for the countries of a continent that have Hosts of a set, sorted."""
    known = scope.host_set.words
    continent = scope.continents.continent_of.get(country, "")
    found = known.get(continent)
    if found is None:
        countries = scope.continents.countries_in.get(continent, ())
        any_in, host_set = scope.whereabouts.any_in, scope.host_set
        found = "".join(_word(each) for each in countries if any_in(each, host_set))
        known[continent] = found
    return found


def _word(country: str) -> str:
    return f"country = {country} "


def _requested(scope: Scope, whence: Whence, words: list[str]) -> Plan | None:
    """Return the plan for the countries that were asked for, or None and the words said so far."""
    refused = refused_in(scope, whence.country)
    finders: tuple[tuple[Stage, Callable[[Scope, list[str]], list[int]]], ...] = (
        (Stage.REQUESTED, _in_countries),
        (Stage.REQUESTED_CONTINENT, _in_neighbors),
    )
    for stage, find in finders:
        found = {m for m in find(scope, words) if m in scope.host_set and m not in refused}
        if found:
            flags = scope.host_set.flags
            slots = _slots(cut(scope, whence, stage, sorted(found)), flags)
            others = [m for m in scope.always if m not in found and m not in refused]
            always = _slots(cut(scope, whence, Stage.ALWAYS, others), flags)
            plan = _lay_out("".join(dict.fromkeys(words)), [*slots, *always])
            return plan._replace(final=True)
    return None


def _in_countries(scope: Scope, words: list[str]) -> list[int]:
    """Return the Hosts of the requested countries; `global` (any case) asks for all."""
    found: list[int] = []
    for country in scope.countries or ():
        if country.lower() == "global":
            words.append(EVERYWHERE)
            found += scope.whereabouts.everywhere
        elif scope.whereabouts.any_in(country.upper(), scope.host_set):
            words.append(_word(country))
            found += scope.whereabouts.by_country[country.upper()]
    return found


def _in_neighbors(scope: Scope, words: list[str]) -> list[int]:
    """Return the Hosts of the other countries of each requested country's continent."""
    neighbors = {n for c in scope.countries or () for n in scope.continents.neighbors(c.upper())}
    found: list[int] = []
    for country in sorted(neighbors):
        if scope.whereabouts.any_in(country, scope.host_set):
            words.append(_word(country))
            found += scope.whereabouts.by_country[country]
    return found
