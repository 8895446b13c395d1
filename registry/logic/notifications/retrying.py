"""Whether a message that could not be delivered is tried again, and when.

Delays grow fourfold and carry jitter, so that not all that failed together comes back together.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from registry.logic.wording import counted

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

GROWTH = 4


class DeliveryPolicy(NamedTuple):
    """How often and how long: by default nine times, spread over about a day."""

    tries: int = 9
    first: timedelta = timedelta(minutes=1)
    most: timedelta = timedelta(hours=6)


class FailureReason(StrEnum):
    """What follows from a failure."""

    AGAIN = "again"
    REFUSED = "refused"
    ENOUGH = "enough"


class Verdict(NamedTuple):
    """When the next attempt is due; no time means that it is given up."""

    reason: FailureReason
    sentence: str
    due_at: datetime | None = None


def judge_failure(
    fault: str,
    *,
    attempts: int,
    permanent: bool,
    now: datetime,
    policy: DeliveryPolicy,
    rng: Random,
) -> Verdict:
    """Say what follows after so many attempts, the failed one included.

    A permanent fault will not pass by waiting: given up at once.
    """
    if permanent:
        return Verdict(FailureReason.REFUSED, f"Given up: {fault}")
    if attempts >= policy.tries:
        tries = counted(attempts, "attempt")
        return Verdict(FailureReason.ENOUGH, f"Given up after {tries}: {fault}")
    delay = min(policy.most, policy.first * GROWTH ** (attempts - 1))
    due_at = now + delay * rng.uniform(0.75, 1.25)
    sentence = f"Attempt {attempts} failed, the next is at {due_at:%Y-%m-%d %H:%M} UTC: {fault}"
    return Verdict(FailureReason.AGAIN, sentence, due_at)
