from datetime import UTC, datetime, timedelta

import pytest

from crawler.logic.queue import (
    Candidate,
    DueReason,
    QueuePolicy,
    batches,
    judge_due,
    parse_fraction,
    sort_due,
)

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
        (candidate(hours=-0.1), False, DueReason.RECENT),
        (candidate(hours=-0.2), True, DueReason.IN_FUTURE),
        (candidate(hours=-24, system_active=False), True, DueReason.IN_FUTURE),
        (candidate(hours=-24, running=True), False, DueReason.RUNNING),
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


def test_a_last_crawl_in_the_future_is_none_and_everything_is_looked_at() -> None:
    recent = NOW - timedelta(days=1)
    turnout = judge_due(candidate(hours=-24, last_full_crawl_at=recent), now=NOW, policy=POLICY)
    assert turnout.sentence == "Its last crawl ended 2026-11-21 12:00 UTC, in the future."
    assert turnout.full


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


@pytest.mark.parametrize(
    ("begin", "end", "hour", "open_"),
    [
        (None, None, 12, True),
        (3, None, 12, True),
        (5, 5, 12, True),
        (10, 13, 12, True),
        (10, 12, 12, False),
        (13, 20, 12, False),
        (22, 6, 23, True),
        (22, 6, 5, True),
        (22, 6, 6, False),
    ],
)
def test_visits_begin_only_in_the_hours_that_are_allowed(begin, end, hour, open_) -> None:
    host = Candidate(1, "mirror", crawl_from=begin, crawl_until=end)
    turnout = judge_due(host, now=NOW.replace(hour=hour), policy=POLICY)
    assert (turnout.overdue is not None) is open_
    if not open_:
        assert turnout.reason is DueReason.OUTSIDE_WINDOW
        assert turnout.sentence == f"It is only crawled from {begin}:00 to {end}:00 UTC."


@pytest.mark.parametrize(
    ("days", "active", "full"),
    [(None, True, True), (-1, True, True), (6, True, False), (7, True, True), (6, False, True)],
)
def test_everything_is_looked_at_once_a_week(days, active, full) -> None:
    last = NOW - timedelta(days=days) if days else None
    crawled = NOW - timedelta(days=2)
    host = Candidate(1, "m", active, last_crawled_at=crawled, last_full_crawl_at=last)
    assert judge_due(host, now=NOW, policy=POLICY).full is full


def test_fractions_share_all_hosts_out() -> None:
    shares = [parse_fraction(f"{part}:3") for part in (1, 2, 3)]
    for host_id in range(20):
        assert sum(share.holds(host_id) for share in shares) == 1


@pytest.mark.parametrize("text", ["", "1", "0:4", "5:4", "a:b", "1:", "-1:4"])
def test_what_is_no_fraction_is_refused(text) -> None:
    with pytest.raises(ValueError, match="is not a fraction; write 1:4"):
        parse_fraction(text)
