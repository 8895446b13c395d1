"""When a message that failed is tried again, and when it is given up."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from registry.logic.notifications.retrying import DeliveryPolicy, FailureReason, judge_failure

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def judge(attempts: int, *, permanent: bool = False, seed: int = 0):
    return judge_failure(
        "No answer.",
        attempts=attempts,
        permanent=permanent,
        now=NOW,
        policy=DeliveryPolicy(),
        rng=Random(seed),
    )


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 4), (3, 16), (4, 64), (5, 256), (6, 360), (8, 360)]
)
def test_delays_grow_up_to_a_limit_and_differ(attempts: int, minutes: int) -> None:
    delays = {judge(attempts, seed=seed).due_at for seed in range(20)}
    assert len(delays) > 10
    for due_at in delays:
        assert due_at is not None
        assert 0.75 * minutes * MINUTE <= due_at - NOW <= 1.25 * minutes * MINUTE


def test_a_message_is_given_up_after_the_last_attempt() -> None:
    verdict = judge(9)
    assert (verdict.reason, verdict.due_at) == (FailureReason.ENOUGH, None)
    assert verdict.sentence == "Given up after 9 attempts: No answer."


def test_what_is_refused_for_good_is_given_up_at_once() -> None:
    verdict = judge(1, permanent=True)
    assert (verdict.reason, verdict.due_at) == (FailureReason.REFUSED, None)


def test_a_failure_says_when_the_next_attempt_is() -> None:
    assert "Attempt 1 failed, the next is at 2026-11-20 12:0" in judge(1).sentence
