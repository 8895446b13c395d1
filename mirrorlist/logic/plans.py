"""Which Hosts the clients of one place are sent to, by stage: the part of a choice they share.

Takes the rings around a place (`mirrorlist.logic.rings`) and keeps of each the Hosts that have the
Directory: a slot. Deliberately knows neither URLs nor chance.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from mirrorlist.logic.distance import FEWEST_IN_BAND
from mirrorlist.logic.rings import Members, Ring, Scope, Stage, Whence, cut, refused_in

EVERYWHERE = "country = global "


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
        widened = not self.final and len(self.counted | counting) < minimum
        rest = (*self.slots, *(self.everywhere if widened else self.always))
        fragments = self.fragments + EVERYWHERE if widened else self.fragments
        return make_ready(fragments, [*own, *(slot.without(taken) for slot in rest)])


def make_plan(scope: Scope, whence: Whence, *, minimum: int) -> Plan:
    """Find the Hosts by place for clients of one place.

    Requested countries come first; if they have Hosts for this client they are final, and if not,
    the others of their continents are. Only when that finds nobody do the client's own country,
    its continent and the rest of the world count.
    """
    asked: list[str] = []
    if scope.countries and (plan := _requested(scope, whence, asked)):
        return plan
    around, flags = scope.around(whence), scope.host_set.flags
    fragments = _words(scope, whence.country, asked)
    slots = _slots(around.near, flags)
    hidden = around.hidden.among(flags)
    always = _slots(around.always, flags)
    number = len(hidden)
    for tier, _, members in slots:
        if not tier % 2:
            number += len(members)
    if number >= minimum:
        ready = make_ready(fragments, slots + always) if always else Ready(fragments, slots)
        return Plan(ready, fragments, slots, hidden, (), always, final=False)
    everywhere = _slots(around.everywhere, flags)
    ready = make_ready(fragments + EVERYWHERE, slots + everywhere)
    return Plan(ready, fragments, slots, hidden, everywhere, always, final=False)


def make_ready(fragments: str, slots: Iterable[Slot]) -> Ready:
    """Put slots into the order of the answer: by tier, then as they came."""
    return Ready(fragments, tuple(sorted((slot for slot in slots if slot.members), key=_tier)))


def _tier(slot: Slot) -> int:
    return slot.tier


def _slots(rings: Iterable[Ring], flags: bytes) -> tuple[Slot, ...]:
    """Return of each ring those that are in a set; too small a band is joined with the next one."""
    slots: list[Slot] = []
    for tier, stage, group in rings:
        members = group.among(flags)
        if not members:
            continue
        if slots:
            before = slots[-1]
            alike = before.stage is stage and before.tier == tier
            if alike and len(before.members) < FEWEST_IN_BAND:
                members = slots.pop().members + members
        slots.append(Slot(tier, stage, members))
    return tuple(slots)


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
            fragments = "".join(dict.fromkeys(words))
            ready = make_ready(fragments, slots + always)
            return Plan(ready, fragments, slots, (), (), always, final=True)
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
