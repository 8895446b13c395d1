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
    """How often a Host is visited, in service and out of it, and how many share one task."""

    interval: timedelta = timedelta(hours=6)
    disabled_interval: timedelta = timedelta(hours=24)
    hosts_per_batch: int = 40


class Candidate(NamedTuple):
    """A Host that may be visited; `running` while somebody visits it."""

    id: int
    name: str
    system_active: bool = True
    running: bool = False
    last_crawled_at: datetime | None = None
    last_crawl_duration: timedelta | None = None


class DueReason(StrEnum):
    """Why a Host is or is not due."""

    NEVER_CRAWLED = "never_crawled"
    INTERVAL = "interval"
    DISABLED_INTERVAL = "disabled_interval"
    RUNNING = "running"
    RECENT = "recent"


class Turnout(NamedTuple):
    """Whether a Host is due, and why; `overdue` orders those that are, and is None for others."""

    host_id: int
    name: str
    reason: DueReason
    sentence: str
    overdue: timedelta | None = None


def judge_due(candidate: Candidate, *, now: datetime, policy: QueuePolicy) -> Turnout:
    """Say whether a Host is due: never crawled, or its interval is over since the last crawl."""
    if candidate.running:
        return _not_due(candidate, DueReason.RUNNING, "It is being crawled.")
    if candidate.last_crawled_at is None:
        reason, sentence = DueReason.NEVER_CRAWLED, "It was never crawled."
        return Turnout(candidate.id, candidate.name, reason, sentence, FOREVER)
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
    return Turnout(candidate.id, candidate.name, reason, sentence, now - next_at)


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


def batches(host_ids: Sequence[int], *, policy: QueuePolicy) -> list[list[int]]:
    """Cut ids into batches, one per task, in the same order."""
    size = policy.hosts_per_batch
    return [list(host_ids[start : start + size]) for start in range(0, len(host_ids), size)]
