"""Whether a request that failed is made again, and when.

Knows what servers say when they have too much to do (RFC 9110, 10.2.3) and full jitter: a random
part of a time that doubles. Deliberately waits for nothing itself.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from crawler.logic.observations import Fault

if TYPE_CHECKING:
    from random import Random

    from crawler.logic.observations import Observation

BUSY = frozenset({429, 502, 503, 504})
# A connection that broke may be an old one that the server closed; the next one is new.
BROKEN = frozenset({Fault.CONNECTION, Fault.CUT_SHORT})
# About thirty years: whoever asks for more means never, and moments beyond year 9999 do not exist.
LONGEST_PAUSE = 999_999_999.0


class RetryPolicy(NamedTuple):
    """How often and how long; a server that asks for more patience is left alone."""

    tries: int = 4
    first_seconds: float = 1
    most_seconds: float = 10
    patience_seconds: float = 60


class RetryReason(StrEnum):
    """Why a request is made again or not."""

    ANSWERED = "answered"
    ASKED_TO_WAIT = "asked_to_wait"
    BUSY = "busy"
    BROKEN = "broken"
    TOO_LONG = "too_long"
    ENOUGH = "enough"


class Retry(NamedTuple):
    """When a request is made again; no time means that what came is the answer.

    `everybody`: the whole address should be left alone so long.
    """

    reason: RetryReason
    sentence: str
    wait_seconds: float | None = None
    everybody: bool = False


ANSWERED = Retry(RetryReason.ANSWERED, "It answered.")


def parse_pause(told: str, *, date: str) -> float | None:
    """Return how many seconds a `Retry-After` asks for (RFC 9110, 10.2.3); None if it is none.

    A moment is taken relative to the `Date` of the same answer: the server's clock may be wrong.
    """
    told = told.strip()
    if told.isascii() and told.isdigit():
        return min(float(told), LONGEST_PAUSE)
    try:
        seconds = (parsedate_to_datetime(told) - parsedate_to_datetime(date)).total_seconds()
    # Offsets may be too great for Python, and one date may have an offset while the other has none.
    except (OverflowError, TypeError, ValueError):
        return None
    return min(max(0.0, seconds), LONGEST_PAUSE)


def judge_retry(found: Observation, *, tries: int, policy: RetryPolicy, rng: Random) -> Retry:
    """Say whether to ask again after so many tries. The first rule that applies decides.

    A wait that the server asks for is kept to the second; without one it is random, so that not
    everybody comes back at the same moment. A broken connection is tried once more.
    """
    if found.status not in BUSY and found.fault not in BROKEN:
        return ANSWERED
    if found.fault is not None and tries >= 2:
        return Retry(RetryReason.ENOUGH, f"{found.url} broke off {tries} times.")
    if tries >= policy.tries:
        return Retry(RetryReason.ENOUGH, f"{found.url} was busy {tries} times.")
    if found.retry_after is not None:
        if found.retry_after > policy.patience_seconds:
            return Retry(
                RetryReason.TOO_LONG,
                f"{found.url} asks for a pause of {found.retry_after:,.0f} seconds.",
            )
        sentence = f"{found.url} asks for a pause of {found.retry_after:,.0f} seconds."
        return Retry(RetryReason.ASKED_TO_WAIT, sentence, found.retry_after, everybody=True)
    most = min(policy.most_seconds, policy.first_seconds * 2 ** (tries - 1))
    wait = rng.uniform(0, most)
    if found.fault is not None:
        return Retry(RetryReason.BROKEN, f"{found.url} broke off.", wait)
    sentence = f"{found.url} is busy ({found.status})."
    return Retry(RetryReason.BUSY, sentence, wait, everybody=True)
