"""What people may ask the crawler for, and how often: trials of URLs, visits of their Hosts.

Deliberately knows neither people nor tables; it judges moments.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from registry.logic.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class RequestPolicy(NamedTuple):
    """How many trials one person gets in a time, and how often a Host is visited on request."""

    trials: int = 60
    trials_window: timedelta = timedelta(minutes=10)
    between_crawls: timedelta = timedelta(minutes=10)


class RequestReason(Enum):
    """Why a request is granted or not."""

    GRANTED = "granted"
    TOO_MANY = "too_many"
    RUNNING = "running"
    WAITING = "waiting"
    TOO_SOON = "too_soon"
    NOT_VISITED = "not_visited"


class RequestVerdict(NamedTuple):
    """The decision about a request, with the sentence for whoever made it."""

    reason: RequestReason
    sentence: str

    @property
    def granted(self) -> bool:
        """Tell whether it is done."""
        return self.reason is RequestReason.GRANTED


def judge_trial_request(
    moments: Sequence[datetime], *, now: datetime, policy: RequestPolicy
) -> RequestVerdict:
    """Say whether somebody may try one more URL, after those at these moments."""
    recent = [moment for moment in moments if now - moment < policy.trials_window]
    if len(recent) < policy.trials:
        return RequestVerdict(RequestReason.GRANTED, "It is tried.")
    left = min(recent) + policy.trials_window - now
    return RequestVerdict(
        RequestReason.TOO_MANY,
        f"{counted(len(recent), 'URL')} were tried for you in the last "
        f"{_minutes(policy.trials_window)}. Try again in {_minutes(left)}.",
    )


class HostFacts(NamedTuple):
    """What counts about a Host somebody wants visited now.

    `refusal` says why it is not visited at all, and is empty if it is.
    """

    refusal: str = ""
    running_since: datetime | None = None
    last_visit_at: datetime | None = None
    last_request_at: datetime | None = None


def judge_crawl_request(host: HostFacts, *, now: datetime, policy: RequestPolicy) -> RequestVerdict:
    """Say whether a Host is visited because one of its people asks for it."""
    if host.refusal:
        return RequestVerdict(RequestReason.NOT_VISITED, host.refusal)
    if host.running_since is not None:
        since = f"{host.running_since:%H:%M} UTC"
        sentence = f"It is being visited since {since}. Watch it below."
        return RequestVerdict(RequestReason.RUNNING, sentence)
    visited, asked = host.last_visit_at, host.last_request_at
    if asked is not None and (visited is None or visited < asked):
        if now - asked < policy.between_crawls:
            sentence = "It was asked for already and waits for a free crawler."
            return RequestVerdict(RequestReason.WAITING, sentence)
        return RequestVerdict(RequestReason.GRANTED, "The Host will be visited now.")
    latest = max((each for each in (visited, asked) if each is not None), default=None)
    if latest is not None and now - latest < policy.between_crawls:
        left = latest + policy.between_crawls - now
        return RequestVerdict(
            RequestReason.TOO_SOON,
            f"It was visited at {latest:%H:%M} UTC. Ask again in {_minutes(left)}.",
        )
    return RequestVerdict(RequestReason.GRANTED, "The Host will be visited now.")


def _minutes(length: timedelta) -> str:
    """Return a length of time in whole minutes, at least one."""
    return counted(max(1, -(-int(length.total_seconds()) // 60)), "minute")
