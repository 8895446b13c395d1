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
    """How often and how long; who asks for more patience is left alone for the visit."""

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

    `hold_seconds`: so long nobody should ask the address, even if this is not asked again.
    """

    reason: RetryReason
    sentence: str
    wait_seconds: float | None = None
    hold_seconds: float = 0


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

    A wait that the server asks for is kept to the second, and if it is too long the URL should
    not be asked for anything. Without one it is random, so that not everybody comes back at the
    same moment. A broken connection is tried once more.
    """
    if found.status not in BUSY and found.fault not in BROKEN:
        return ANSWERED
    pause = found.retry_after
    if pause is not None and pause > policy.patience_seconds:
        return Retry(RetryReason.TOO_LONG, _asks(found.url, pause))
    if found.fault is not None and tries >= 2:
        return Retry(RetryReason.ENOUGH, f"{found.url} broke off {tries} times.")
    if tries >= policy.tries:
        sentence = f"{found.url} was busy {tries} times."
        return Retry(RetryReason.ENOUGH, sentence, hold_seconds=pause or 0)
    if pause is not None:
        return Retry(RetryReason.ASKED_TO_WAIT, _asks(found.url, pause), pause, pause)
    most = min(policy.most_seconds, policy.first_seconds * 2 ** (tries - 1))
    wait = rng.uniform(0, most)
    if found.fault is not None:
        return Retry(RetryReason.BROKEN, f"{found.url} broke off.", wait)
    return Retry(RetryReason.BUSY, f"{found.url} is busy ({found.status}).", wait, wait)


def _asks(url: str, retry_after: float) -> str:
    return f"{url} asks for a pause of {retry_after:,.0f} seconds."
