from datetime import UTC, datetime, timedelta

import pytest

from crawler.logic.stability import StabilityPolicy, Visited, stability_percent

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
POLICY = StabilityPolicy()


def visits(*results: str, hours: int = 6) -> list[Visited]:
    """Return visits that end now: g(ood), h(alf of it bad), e(mpty), d(own)."""
    kinds = {"g": (True, 100, 0), "h": (True, 50, 50), "e": (True, 0, 0), "d": (False, 100, 0)}
    letters = "".join(results)
    start = NOW - timedelta(hours=hours * len(letters))
    return [
        Visited(start + timedelta(hours=hours * place), *kinds[letter])
        for place, letter in enumerate(letters)
    ]


def percent(given: list[Visited]) -> int | None:
    return stability_percent(given, now=NOW, policy=POLICY)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("", None),
        ("ggg", None),
        ("gggg", 100),
        ("hhhh", 50),
        ("dddd", 0),
        ("eeee", 0),
        ("gd" * 10, 50),
        ("dg" * 10, 50),
    ],
)
def test_visits_are_worth_what_they_found(results, expected) -> None:
    assert percent(visits(results)) == expected


def test_recent_days_count_more() -> None:
    first_half, second_half = "d" * 60 + "g" * 60, "g" * 60 + "d" * 60
    assert percent(visits(first_half)) == 74
    assert percent(visits(second_half)) == 26


def test_a_day_counts_the_same_whether_visited_once_or_four_times() -> None:
    seldom, often = visits("dd", hours=24), visits("gggggggg", hours=6)
    shifted = [v._replace(at=v.at - timedelta(days=2)) for v in often]
    assert percent([*shifted, *seldom]) == 47


def test_a_visit_does_not_speak_for_weeks_in_which_nobody_came() -> None:
    old = [v._replace(at=v.at - timedelta(days=9)) for v in visits("dddd")]
    assert percent([*old, *visits("gggggggg")]) == 66


def test_visits_before_the_window_and_in_the_future_do_not_count() -> None:
    before = [Visited(NOW - timedelta(days=31), reached=False)]
    later = [Visited(NOW + timedelta(days=1), reached=False)]
    assert percent([*before, *visits("gggg"), *later]) == 100
    assert percent([*before * 4, *later]) is None
