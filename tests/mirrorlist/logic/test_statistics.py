"""What statistics tell."""

from datetime import date

import pytest

from mirrorlist.logic.statistics import (
    Period,
    csv_rows,
    fold_systems,
    fold_weeks,
    rank,
    read_period,
    repository_of,
    steps_of,
)

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("name", "until", "first", "last"),
    [
        ("", "", "2026-10-22", "2026-11-20"),
        ("day", "2026-11-19", "2026-11-19", "2026-11-19"),
        ("week", "2026-11-19", "2026-11-13", "2026-11-19"),
        ("month", "2099-01-01", "2026-10-22", "2026-11-20"),
        ("month", "'; DROP", "2026-10-22", "2026-11-20"),
        ("century", "0001-01-01", "1969-12-03", "1970-01-01"),
        ("year", "2026-11-20", "2025-12-01", "2026-11-01"),
        ("year", "2026-12-31", "2025-12-01", "2026-11-01"),
    ],
)
def test_a_period_ends_with_a_day(name: str, until: str, first: str, last: str) -> None:
    period = read_period(name, until, today=TODAY)
    assert (str(period.first), str(period.last)) == (first, last)


def test_a_year_has_twelve_steps() -> None:
    months = steps_of(read_period("year", "", today=TODAY))
    assert len(months) == 12
    assert {month.day for month in months} == {1}


def test_days_are_steps() -> None:
    steps = steps_of(Period("x", date(2026, 2, 27), date(2026, 3, 1)))
    assert [step.day for step in steps] == [27, 28, 1]


def test_the_greatest_come_first_and_the_rest_together() -> None:
    ranking = rank({"a": 10, "b": 70, "c": 10, "d": 9, "": 1}, most=2)
    assert [(row.key, row.number, row.percent) for row in ranking.rows] == [
        ("b", 70, 70.0),
        ("a", 10, 10.0),
    ]
    assert ranking.other is not None
    assert (ranking.other.number, ranking.other.percent, ranking.total) == (20, 20.0, 100)


def test_what_is_rare_or_has_no_label_is_other() -> None:
    ranking = rank({"a": 9, "b": 10, "secret": 50}, label={"a": "A", "b": "B"}.get, least=10)
    assert [row.label for row in ranking.rows] == ["B"]
    assert ranking.other is not None
    assert ranking.other.number == 59


def test_nothing_has_no_other() -> None:
    assert rank({}) == ((), None, 0)
    assert rank({"a": 0}).rows == ()
    assert rank({"a": 1}).other is None


def test_weeks_are_sums_of_their_days() -> None:
    rows = [
        (date(2026, 11, 15), "1", 5),
        (date(2026, 11, 16), "1", 2),
        (date(2026, 11, 20), "1", 1),
        (date(2026, 11, 20), "4", 7),
        (date(2026, 11, 20), "9", 7),
    ]
    running, before = fold_weeks(rows, today=TODAY)
    assert (running.monday, running.ages, running.total) == (date(2026, 11, 16), (3, 0, 0, 7), 10)
    assert not running.complete
    assert before.complete


def test_systems_are_added_up_over_their_ages() -> None:
    systems = fold_systems({"fedora 42 x86_64 1": 2, "fedora 42 x86_64 4": 3, "epel s390x 1": 1})
    assert systems == {"fedora 42 x86_64": 5, "epel s390x": 1}
    assert repository_of("fedora 42 x86_64") == "fedora 42"


def test_a_spreadsheet_sees_no_formula() -> None:
    head, row, other = csv_rows({"file": rank({"=1+1": 9, "": 1})})
    assert head[0] == "dimension"
    assert row == ("file", "'=1+1", "'=1+1", "9", "90.0")
    assert other == ("file", "", "other", "1", "10.0")
