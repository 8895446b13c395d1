"""Which Hosts a client is sent to, in which order, and why not to the others.

Puts the Hosts that prefer the client itself before the plan for its place
(`mirrorlist.logic.plans`) and draws inside each slot. Deliberately knows neither URLs nor the form
of the answer. `explain` reads the same result.
"""

from collections.abc import Sequence
from typing import NamedTuple

from mirrorlist.logic.limits import Reason, Way, why_refused
from mirrorlist.logic.offers import tier_of
from mirrorlist.logic.ordering import Ordering
from mirrorlist.logic.plans import Plan, Slot
from mirrorlist.logic.rings import Level, Members, Scope, Stage, Whence


class Preferred(NamedTuple):
    """Hosts that prefer the client itself: (prefix length, Host) pairs, and those of its ASN."""

    netblocks: tuple[tuple[int, int], ...] = ()
    asn: int | None = None
    asn_hosts: Members = ()


NOBODY = Preferred()


class Selection(NamedTuple):
    """The Hosts of an answer in order, and the words that tell how they were found.

    `plan` says where they were found, in the same order. What a client's `limit=` cut off is
    `beyond`.
    """

    fragments: str
    members: list[int]
    plan: Plan
    beyond: Sequence[int] = ()

    def limited(self, limit: int) -> "Selection":
        """Return the first of the Hosts only; 0 is no limit."""
        if not limit or len(self.members) <= limit:
            return self
        return self._replace(members=self.members[:limit], beyond=self.members[limit:])

    def found(self) -> list[tuple[Stage, int]]:
        """Return every Host with its stage, in the order of the answer."""
        stages = (slot.level.stage for slot in self.plan.slots for _ in slot.members)
        return list(zip(stages, self.members, strict=False))


def shuffle(plan: Plan, ordering: Ordering) -> Selection:
    """Let chance order the Hosts of each slot."""
    rank = ordering.permutation().__getitem__
    members: list[int] = []
    for alike in plan.groups:
        members += sorted(alike, key=rank)
    # Past the constructor, which is slow: this is done for every answer.
    return tuple.__new__(Selection, (plan.fragments, members, plan, ()))


def draw(plan: Plan, ordering: Ordering, others: int) -> Selection:
    """Draw the Host that a redirect leads to, and some that would be next.

    The first is drawn as that of `shuffle` is, without putting everybody into order.
    """
    groups = plan.groups
    if not groups:
        return Selection(plan.fragments, [], plan)
    found = [ordering.first(groups[0])]
    if others:
        found += _next(groups, found[0], ordering, others)
    return tuple.__new__(Selection, (plan.fragments, found, plan, ()))


def _next(groups: Sequence[Members], first: int, ordering: Ordering, most: int) -> list[int]:
    """Return the Hosts that come first, without one."""
    rank = ordering.permutation().__getitem__
    found: list[int] = []
    for alike in groups:
        found += sorted(alike, key=rank)
        if len(found) > most:
            break
    return [member for member in found[: most + 1] if member != first][:most]


def arrange(
    scope: Scope,
    plan: Plan,
    preferred: Preferred,
    ordering: Ordering,
    whence: Whence,
    *,
    minimum: int,
) -> Plan:
    """Put Hosts that prefer a client before the plan, add the rest of the world if they are few.

    Netblock Hosts come longest prefix first, then those of the ASN; private Hosts appear here
    only, and a country trims them if it is excluded, not otherwise. Everybody appears once, where
    found first. Chance has put them into order already, so each has a slot of its own.
    """
    words, own = _own(scope, preferred, ordering, whence)
    reachable = scope.offers.reachable
    offered = [
        Slot(Level(tier_of(reachable(member, ipv6=whence.ipv6), share=1), stage), (member,))
        for stage, members in own
        for member in members
        if member in scope.offers.texts
    ]
    taken = frozenset(member for _, members in own for member in members)
    counting = frozenset(
        m for m in taken if m in scope.offers.counted and scope.hosts[m].weight > 0
    )
    arranged = plan.arrange(offered, taken, counting, minimum=minimum)
    return arranged._replace(fragments=words + arranged.fragments)


def why_not(scope: Scope, plan: Plan, selection: Selection, member: int, country: str) -> Reason:
    """Say why a Host that has the Directory is not in a selection made from this plan."""
    if member in selection.beyond:
        return Reason.BEYOND_LIMIT
    if member not in scope.offers.texts:
        return Reason.OTHER_PROTOCOL
    refusal = why_refused(scope.hosts[member], scope.circumstances(country), Way.PLACE)
    if refusal:
        return refusal
    return Reason.NOT_REQUESTED if plan.final else Reason.ENOUGH_CLOSER


def _own(
    scope: Scope, preferred: Preferred, ordering: Ordering, whence: Whence
) -> tuple[str, list[tuple[Stage, list[int]]]]:
    """Return the netblock and ASN stages, offered or not, and their words."""
    circumstances = scope.circumstances(whence.country)

    def may(member: int, way: Way) -> bool:
        host = scope.hosts[member]
        return member in scope.host_set and not why_refused(host, circumstances, way)

    longest: dict[int, int] = {}
    for length, member in preferred.netblocks:
        if may(member, Way.NETBLOCK):
            longest[member] = max(length, longest.get(member, 0))
    words = "Using preferred netblock " if longest else ""
    if preferred.asn_hosts:
        words += f"Using ASN {preferred.asn} "
    near = sorted(ordering.shuffled(longest), key=longest.__getitem__, reverse=True)
    same_asn = [m for m in preferred.asn_hosts if m not in longest and may(m, Way.ASN)]
    return words, [(Stage.NETBLOCK, near), (Stage.ASN, ordering.shuffled(same_asn))]
