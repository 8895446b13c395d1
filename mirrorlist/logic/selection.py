"""Which Hosts a client is sent to, in which order of stages, and why not to the others.

The stages: netblock, ASN, requested countries, the client's country, its continent, everywhere
(docs/how-it-works/selection.md). Knows who has the Directory and what each Host offers;
deliberately knows neither URLs nor the form of the answer. `explain` reads the same result.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from mirrorlist.logic.offers import Offers
from mirrorlist.logic.ordering import Ordering
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


class Reason(Enum):
    """Why a Host that has the Directory is not in an answer."""

    PRIVATE = "private"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    OTHER_PROTOCOL = "other_protocol"
    NOT_REQUESTED = "not_requested"
    ENOUGH_CLOSER = "enough_closer"


Members = tuple[int, ...]


class Scope(NamedTuple):
    """What one question may choose from: all Hosts, those that have it, and what they offer."""

    hosts: Sequence[Host]
    host_set: HostSet
    offers: Offers
    continents: Continents
    countries: tuple[str, ...] | None


class Plan(NamedTuple):
    """The part of a choice that all clients of one country share.

    `stages` hold the Hosts that are shown; `hidden` ones count towards the minimum, too, but have
    no URL to show. If `counted` is below the minimum, `everywhere` follows, unless requested
    countries were `final`.
    """

    fragments: str
    stages: tuple[tuple[Stage, Members], ...]
    hidden: Members
    counted: int
    everywhere: Members
    final: bool


class Preferred(NamedTuple):
    """Hosts that prefer the client itself: (prefix length, Host) pairs, and those of its ASN."""

    netblocks: tuple[tuple[int, int], ...] = ()
    asn: int | None = None
    asn_hosts: Members = ()


NOBODY = Preferred()


class Selection(NamedTuple):
    """The Hosts of an answer by stage, in order, and the words that tell how they were found."""

    fragments: str
    stages: tuple[tuple[Stage, Sequence[int]], ...]

    @property
    def members(self) -> list[int]:
        """All Hosts, in the order of the answer."""
        return [member for _, members in self.stages for member in members]


def make_plan(scope: Scope, country: str, *, minimum: int) -> Plan:
    """Find the Hosts by country for clients of one country.

    Requested countries come first; if they have Hosts for this client they are final, and if not,
    the others of their continents are. Only when that finds nobody do the client's own country,
    its continent and the rest of the world count. Hosts with allowed countries are trimmed in
    every stage (mirrorlist-server forgets that in two of them).
    """
    fragments: list[str] = []
    for stage, find in (
        (Stage.REQUESTED, _requested),
        (Stage.REQUESTED_CONTINENT, _requested_neighbors),
    ):
        if asked := _allowed(scope, find(scope, fragments), country):
            return _plan(scope, fragments, [(stage, asked)])._replace(final=True)
    here = _found_in(scope, [country], fragments)
    near = _found_in(scope, scope.continents.neighbors(country), fragments)
    found = [
        (Stage.COUNTRY, _allowed(scope, here, country)),
        (Stage.CONTINENT, _allowed(scope, near, country)),
    ]
    plan = _plan(scope, fragments, found)
    if plan.counted >= minimum:
        return plan
    return plan._replace(
        everywhere=_offered(scope, _allowed(scope, scope.host_set.everywhere, country))
    )


def select(
    scope: Scope, plan: Plan, preferred: Preferred, ordering: Ordering, *, minimum: int
) -> Selection:
    """Put a client's own Hosts before the plan, add the rest of the world if they are few.

    Netblock Hosts come longest prefix first, then those of the ASN; neither is trimmed by
    country and private Hosts appear here only. Everybody appears once, where found first.
    """
    rank = ordering.permutation().__getitem__
    words, own = _own(scope, preferred, ordering)
    taken = {member for _, members in own for member in members}
    stages: list[tuple[Stage, Sequence[int]]] = [
        (stage, _offered(scope, members)) for stage, members in own
    ]
    stages += [
        (stage, sorted(set(members) - taken if taken else members, key=rank))
        for stage, members in plan.stages
    ]
    fragments = words + plan.fragments
    if not plan.final and _count(scope, plan, taken) < minimum:
        listed = taken.union(*(members for _, members in plan.stages))
        stages.append((Stage.GLOBAL, sorted(set(plan.everywhere) - listed, key=rank)))
        fragments += EVERYWHERE
    return Selection(fragments, tuple(stages))


def why_not(scope: Scope, plan: Plan, member: int, country: str) -> Reason:
    """Say why a Host that has the Directory is not in a selection made from this plan."""
    host = scope.hosts[member]
    if member not in scope.offers.texts:
        return Reason.OTHER_PROTOCOL
    if host.private:
        return Reason.PRIVATE
    if not _is_allowed(host, country):
        return Reason.COUNTRY_NOT_ALLOWED
    return Reason.NOT_REQUESTED if plan.final else Reason.ENOUGH_CLOSER


def _count(scope: Scope, plan: Plan, taken: set[int]) -> int:
    """Return how many Hosts count towards the minimum, those of the client itself included."""
    if not taken:
        return plan.counted
    counted = {member for member in taken if member in scope.offers.counted}
    return len(counted.union(plan.hidden, *(members for _, members in plan.stages)))


def _own(
    scope: Scope, preferred: Preferred, ordering: Ordering
) -> tuple[str, list[tuple[Stage, list[int]]]]:
    """Return the netblock and ASN stages, offered or not, and their words."""
    if not preferred.netblocks and not preferred.asn_hosts:
        return "", []
    hits = [(length, m) for length, m in preferred.netblocks if m in scope.host_set]
    words = "Using preferred netblock " if hits else ""
    if preferred.asn_hosts:
        words += f"Using ASN {preferred.asn} "
    longest: dict[int, int] = {}
    for length, member in hits:
        longest[member] = max(length, longest.get(member, 0))
    near = sorted(ordering.shuffled(longest), key=longest.__getitem__, reverse=True)
    same_asn = [m for m in preferred.asn_hosts if m in scope.host_set and m not in longest]
    return words, [(Stage.NETBLOCK, near), (Stage.ASN, ordering.shuffled(same_asn))]


def _plan(
    scope: Scope,
    fragments: Iterable[str],
    found: Sequence[tuple[Stage, Members]],
) -> Plan:
    """Keep what is offered, and remember what counts besides."""
    stages = tuple((stage, _offered(scope, members)) for stage, members in found)
    hidden = tuple(
        member
        for _, members in found
        for member in members
        if member in scope.offers.counted and member not in scope.offers.texts
    )
    return Plan(
        fragments="".join(dict.fromkeys(fragments)),
        stages=stages,
        hidden=hidden,
        counted=len(hidden) + sum(len(members) for _, members in stages),
        everywhere=(),
        final=False,
    )


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
    return list(dict.fromkeys(found))


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


def _allowed(scope: Scope, members: Sequence[int], country: str) -> Members:
    return _kept(members, lambda member: _is_allowed(scope.hosts[member], country))


def _is_allowed(host: Host, country: str) -> bool:
    return not host.countries_allowed or country in host.countries_allowed


def _offered(scope: Scope, members: Sequence[int]) -> Members:
    return _kept(members, lambda member: member in scope.offers.texts)


def _kept(members: Sequence[int], keep: Callable[[int], bool]) -> Members:
    """Filter Hosts; where nobody is dropped, the tuple is shared, for there are many plans."""
    kept = tuple(filter(keep, members))
    return members if isinstance(members, tuple) and len(kept) == len(members) else kept
