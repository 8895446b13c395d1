from datetime import UTC, datetime, timedelta

import pytest

from crawler.logic.queue import Candidate, DueReason, QueuePolicy, batches, judge_due, sort_due

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
POLICY = QueuePolicy(timedelta(hours=6), timedelta(hours=24), hosts_per_batch=2)


def candidate(number: int = 1, *, hours: float | None = None, **extra) -> Candidate:
    last = None if hours is None else NOW - timedelta(hours=hours)
    return Candidate(number, f"mirror{number}", last_crawled_at=last, **extra)


@pytest.mark.parametrize(
    ("host", "due", "reason"),
    [
        (candidate(), True, DueReason.NEVER_CRAWLED),
        (candidate(hours=6), True, DueReason.INTERVAL),
        (candidate(hours=5.9), False, DueReason.RECENT),
        (candidate(hours=23, system_active=False), False, DueReason.RECENT),
        (candidate(hours=24, system_active=False), True, DueReason.DISABLED_INTERVAL),
        (candidate(hours=99, running=True), False, DueReason.RUNNING),
        (candidate(running=True), False, DueReason.RUNNING),
    ],
)
def test_which_hosts_are_due(host, due, reason) -> None:
    turnout = judge_due(host, now=NOW, policy=POLICY)
    assert (turnout.overdue is not None, turnout.reason) == (due, reason)
    assert turnout.sentence.endswith(".")


def test_a_host_that_is_not_due_is_told_when_it_will_be() -> None:
    turnout = judge_due(candidate(hours=5), now=NOW, policy=POLICY)
    assert turnout.sentence == "It is not due before 2026-11-20 13:00 UTC."


def test_never_crawled_hosts_go_first_then_the_most_overdue_then_the_slowest() -> None:
    slow = timedelta(hours=1)
    hosts = [
        candidate(1, hours=7),
        candidate(2, hours=9),
        candidate(3, hours=7, last_crawl_duration=slow),
        candidate(4),
        candidate(5, hours=1),
        candidate(6, hours=7),
    ]
    due = sort_due(hosts, now=NOW, policy=POLICY)
    assert [turnout.host_id for turnout in due] == [4, 2, 3, 1, 6]


def test_batches_keep_the_order() -> None:
    assert batches([5, 3, 4], policy=POLICY) == [[5, 3], [4]]
    assert batches([], policy=POLICY) == []
