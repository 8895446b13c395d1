from datetime import UTC, datetime, timedelta

import pytest

from registry.logic.vitals import Tone, judge_age, judge_count, judge_failures

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("count", "tone"), [(0, Tone.OK), (1, Tone.WARN), (9, Tone.WARN), (10, Tone.BAD)]
)
def test_few_are_watched_and_many_are_bad(count: int, tone: Tone) -> None:
    assert judge_count(count, bad=10) is tone


def test_a_count_without_limit_is_never_bad() -> None:
    assert judge_count(1000) is Tone.WARN


@pytest.mark.parametrize(
    ("last", "tone"),
    [
        (None, Tone.BAD),
        (NOW, Tone.OK),
        (NOW - HOUR, Tone.WARN),
        (NOW - 2 * HOUR, Tone.BAD),
        (NOW + HOUR, Tone.OK),
    ],
)
def test_what_is_long_ago_is_bad(last: datetime | None, tone: Tone) -> None:
    assert judge_age(last, now=NOW, warn=HOUR, bad=2 * HOUR) is tone


@pytest.mark.parametrize(
    ("failed", "of", "tone"),
    [(0, 0, Tone.OK), (0, 10, Tone.OK), (4, 10, Tone.WARN), (5, 10, Tone.BAD), (1, 1, Tone.BAD)],
)
def test_half_of_them_failing_is_bad(failed: int, of: int, tone: Tone) -> None:
    assert judge_failures(failed, of=of) is tone
