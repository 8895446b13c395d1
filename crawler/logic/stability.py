"""How reliable a Host has been: one percentage from its visits of the last 30 days.

Knows the weights (docs/how-it-works/health.md). Deliberately knows nothing of why a visit went
as it did.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple


class StabilityPolicy(NamedTuple):
    """How far back visits count, how fast they lose weight, and how many are needed.

    A visit speaks for the time until the next one, at most for `longest`: that nobody visited is
    not the Host's fault.
    """

    window: timedelta = timedelta(days=30)
    half_life: timedelta = timedelta(days=10)
    longest: timedelta = timedelta(hours=26)
    fewest_visits: int = 4


class Visited(NamedTuple):
    """One visit: when, whether any URL worked, and how many Directories were good or bad.

    Directories that are missing do not count, since a mirror may leave parts out.
    """

    at: datetime
    reached: bool
    up2date: int = 0
    bad: int = 0


def stability_percent(
    visits: Sequence[Visited], *, now: datetime, policy: StabilityPolicy
) -> int | None:
    """Return the share of time in which a Host was reachable and up2date, in whole percent.

    `visits` are ordered by time. Each is worth the share of good Directories, nothing if the Host
    was not reached. None if there were too few visits to say anything.
    """
    recent = [visit for visit in visits if now - policy.window <= visit.at < now]
    if len(recent) < policy.fewest_visits:
        return None
    ends = [visit.at for visit in recent[1:]] + [now]
    weights = [
        _weight(visit.at, min(end, visit.at + policy.longest), now=now, policy=policy)
        for visit, end in zip(recent, ends, strict=True)
    ]
    good = sum(w * _worth(visit) for w, visit in zip(weights, recent, strict=True))
    return round(100 * good / sum(weights))


def _worth(visit: Visited) -> float:
    if not visit.reached or not visit.up2date:
        return 0
    return visit.up2date / (visit.up2date + visit.bad)


def _weight(start: datetime, end: datetime, *, now: datetime, policy: StabilityPolicy) -> float:
    """Return the length of a span in seconds, halved for each half-life of its age."""
    age = now - (start + (end - start) / 2)
    halved: float = 0.5 ** (age / policy.half_life)
    return max((end - start).total_seconds(), 1) * halved
