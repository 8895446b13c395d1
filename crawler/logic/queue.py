"""Which Hosts are due for a crawl, and in which order.

Knows intervals and the lower rate for Hosts that the system took out of service. Deliberately
does not know who may be visited at all; that is a queryset.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

FOREVER = timedelta(days=999_999)


class QueuePolicy(NamedTuple):
    """How often a Host is visited, in service and out of it, and how many share one task.

    A visit looks at everything once in `full_interval`, at what changed otherwise. Clocks of
    several machines may differ by `clock_skew`; a time farther in the future is none.
    """

    interval: timedelta = timedelta(hours=6)
    disabled_interval: timedelta = timedelta(hours=24)
    full_interval: timedelta = timedelta(days=7)
    hosts_per_batch: int = 40
    clock_skew: timedelta = timedelta(minutes=10)


class Candidate(NamedTuple):
    """A Host that may be visited; `running` while somebody visits it.

    `crawl_from` and `crawl_until` are hours (UTC) between which visits may begin.
    """

    id: int
    name: str
    system_active: bool = True
    running: bool = False
    last_crawled_at: datetime | None = None
    last_crawl_duration: timedelta | None = None
    last_full_crawl_at: datetime | None = None
    crawl_from: int | None = None
    crawl_until: int | None = None


class DueReason(StrEnum):
    """Why a Host is or is not due."""

    NEVER_CRAWLED = "never_crawled"
    IN_FUTURE = "in_future"
    INTERVAL = "interval"
    DISABLED_INTERVAL = "disabled_interval"
    RUNNING = "running"
    RECENT = "recent"
    OUTSIDE_WINDOW = "outside_window"


class Turnout(NamedTuple):
    """Whether a Host is due, and why; `overdue` orders those that are, and is None for others.

    `full` tells whether everything is to be looked at.
    """

    host_id: int
    name: str
    reason: DueReason
    sentence: str
    overdue: timedelta | None = None
    full: bool = True


def judge_due(candidate: Candidate, *, now: datetime, policy: QueuePolicy) -> Turnout:
    """Say whether a Host is due: never crawled, or its interval is over since the last crawl.

    A last crawl in the future is one by a clock that was wrong, and what it says of changes is
    wrong, too: then everything is to be looked at. Never outside the hours that its owner allows.
    """
    if candidate.running:
        return _not_due(candidate, DueReason.RUNNING, "It is being crawled.")
    if not _in_window(candidate, now):
        hours = f"{candidate.crawl_from}:00 to {candidate.crawl_until}:00 UTC"
        sentence = f"It is only crawled from {hours}."
        return _not_due(candidate, DueReason.OUTSIDE_WINDOW, sentence)
    if candidate.last_crawled_at is None:
        reason, sentence = DueReason.NEVER_CRAWLED, "It was never crawled."
        return Turnout(candidate.id, candidate.name, reason, sentence, FOREVER)
    if _is_to_come(candidate.last_crawled_at, now=now, policy=policy):
        sentence = (
            f"Its last crawl ended {candidate.last_crawled_at:%Y-%m-%d %H:%M} UTC, in the future."
        )
        return Turnout(candidate.id, candidate.name, DueReason.IN_FUTURE, sentence, timedelta(0))
    interval = policy.interval if candidate.system_active else policy.disabled_interval
    next_at = candidate.last_crawled_at + interval
    if next_at > now:
        sentence = f"It is not due before {next_at:%Y-%m-%d %H:%M} UTC."
        return _not_due(candidate, DueReason.RECENT, sentence)
    sentence = f"Its last crawl ended {candidate.last_crawled_at:%Y-%m-%d %H:%M} UTC"
    if candidate.system_active:
        reason, sentence = DueReason.INTERVAL, f"{sentence}."
    else:
        reason = DueReason.DISABLED_INTERVAL
        sentence = f"{sentence}, and the system took it out of service."
    full = is_full_due(candidate, now=now, policy=policy)
    return Turnout(candidate.id, candidate.name, reason, sentence, now - next_at, full)


def is_full_due(candidate: Candidate, *, now: datetime, policy: QueuePolicy) -> bool:
    """Tell whether the next visit should look at everything: at first, and then once a week.

    A Host out of service comes back with a full visit, because nothing of it is believed.
    """
    last = candidate.last_full_crawl_at
    if not candidate.system_active or last is None or now - last >= policy.full_interval:
        return True
    return _is_to_come(last, now=now, policy=policy)


def _is_to_come(moment: datetime, *, now: datetime, policy: QueuePolicy) -> bool:
    return moment - now > policy.clock_skew


def _in_window(candidate: Candidate, now: datetime) -> bool:
    """Tell whether a visit may begin; half a window, or one of no hours, is none."""
    begin, end = candidate.crawl_from, candidate.crawl_until
    if begin is None or end is None or begin == end:
        return True
    return begin <= now.hour < end if begin < end else now.hour >= begin or now.hour < end


def _not_due(candidate: Candidate, reason: DueReason, sentence: str) -> Turnout:
    return Turnout(candidate.id, candidate.name, reason, sentence)


def sort_due(
    candidates: Iterable[Candidate], *, now: datetime, policy: QueuePolicy
) -> list[Turnout]:
    """Return the Hosts that are due: never crawled first, then the most overdue.

    Of equals the one that took longest the last time goes first, so that a batch does not end
    with a single slow Host; then the smallest id.
    """
    due = [
        (turnout.overdue, candidate.last_crawl_duration or timedelta(0), turnout)
        for candidate in candidates
        if (turnout := judge_due(candidate, now=now, policy=policy)).overdue is not None
    ]
    due.sort(key=lambda each: (-each[0], -each[1], each[2].host_id))
    return [turnout for _, _, turnout in due]


class Fraction(NamedTuple):
    """The share of one of several processes that divide the Hosts among themselves."""

    part: int
    parts: int

    def holds(self, host_id: int) -> bool:
        """Tell whether a Host belongs to this share: by the remainder of its id."""
        return host_id % self.parts == self.part - 1


def parse_fraction(text: str) -> Fraction:
    """Read “1:4”, the first of four shares; raise ValueError with a sentence."""
    part, colon, parts = text.partition(":")
    if not (colon and part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise ValueError(f"“{text}” is not a fraction; write 1:4 for the first of four shares.")
    return Fraction(int(part), int(parts))


def batches(host_ids: Sequence[int], *, policy: QueuePolicy) -> list[list[int]]:
    """Cut ids into batches, one per task, in the same order."""
    size = policy.hosts_per_batch
    return [list(host_ids[start : start + size]) for start in range(0, len(host_ids), size)]
