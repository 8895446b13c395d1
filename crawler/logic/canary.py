"""What follows from a canary: one cheap look, every minute, whether a URL can be reached.

Knows reachability only, by family of addresses; what a mirror has is for visits to find out.
Deliberately never decides about a Host.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from crawler.logic.health import Standing, Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.logic.observations import Fault


class Family(IntEnum):
    """A family of addresses, by its version number."""

    IPV4 = 4
    IPV6 = 6


class CanaryPolicy(NamedTuple):
    """After how many canaries in a row a URL counts as failing, or one family that worked."""

    fail_after: int = 3


class Reached(NamedTuple):
    """What one attempt found: a status, or the fault that kept it from being one."""

    status: int
    fault: Fault | None = None
    detail: str = ""


class Reach(NamedTuple):
    """Whether a URL can be reached by one family: the value of a FamilyState, and why.

    `failures` are canaries in a row that did not reach it.
    """

    state: str = "unknown"
    sentence: str = ""
    failures: int = 0


class Canaried(NamedTuple):
    """What is remembered of a URL. `visit_failures` are failed visits in a row."""

    standing: Standing = Standing.UNKNOWN
    sentence: str = ""
    visit_failures: int = 0
    canary_failures: int = 0
    ipv4: Reach = Reach()
    ipv6: Reach = Reach()


class CanaryChange(NamedTuple):
    """What is remembered after a canary, whether the URL turned, and the sentence for the owner."""

    after: Canaried
    turn: Turn
    sentence: str = ""


def judge_canary(
    before: Canaried, found: Mapping[Family, Reached], *, policy: CanaryPolicy
) -> CanaryChange:
    """Say what a canary changes. Only turns and reachability by family change anything.

    Each family is judged by itself, and one that worked fails after several failures in a row. The
    URL as a whole fails once no family reached it several times in a row. What visits found wrong
    with it is not for a canary to forgive: only what canaries said themselves they take back.
    """
    ipv4, ipv6 = (_reach(found.get(family), family) for family in Family)
    reached = "working" in {ipv4.state, ipv6.state}
    after = before._replace(
        ipv4=_settle(before.ipv4, ipv4, policy=policy),
        ipv6=_settle(before.ipv6, ipv6, policy=policy),
    )
    if reached:
        after = after._replace(canary_failures=0)
        if before.standing is Standing.FAILING and not before.visit_failures:
            sentence = "It can be reached again."
            after = after._replace(standing=Standing.WORKING, sentence=sentence)
            return CanaryChange(after, Turn.RECOVERED, sentence)
        return CanaryChange(after, Turn.NONE)
    after = after._replace(canary_failures=min(before.canary_failures + 1, policy.fail_after))
    if before.standing is Standing.FAILING or after.canary_failures < policy.fail_after:
        return CanaryChange(after, Turn.NONE)
    failing = next((each for each in (ipv4, ipv6) if each.state == "failing"), None)
    why = failing.sentence if failing else "Its name leads to no address that we visit."
    sentence = f"It could not be reached {policy.fail_after} times in a row. {why}"
    after = after._replace(standing=Standing.FAILING, sentence=sentence)
    return CanaryChange(after, Turn.FAILED, sentence)


def _settle(before: Reach, now: Reach, *, policy: CanaryPolicy) -> Reach:
    """Return what is believed of one family: a failure of one that worked must be confirmed."""
    if now.state != "failing":
        return now
    failures = min(before.failures + 1, policy.fail_after)
    if before.state == "working" and failures < policy.fail_after:
        return before._replace(failures=failures)
    return now._replace(failures=failures)


def _reach(reached: Reached | None, family: Family) -> Reach:
    """Judge one family: any answer but a server error proves that somebody is there."""
    name = f"IPv{family.value}"
    if reached is None:
        return Reach("absent", f"Its name has no {name} address.")
    if reached.fault is not None:
        return Reach("failing", f"By {name}: {reached.detail}.")
    if reached.status >= 500:
        return Reach("failing", f"By {name} it answers {reached.status}.")
    return Reach("working", f"It can be reached by {name}.")
