"""What becomes of batches in the database: each counts once, in whatever order it comes."""

from datetime import date, timedelta

import pytest

from mirrorlist.logic.counters import OTHER
from mirrorlist.logic.statistics_batch import BatchError, BatchReason
from mirrorlist.models import AccessStat, FileStat, StatisticsBatch
from mirrorlist.services.statistics import (
    StatisticsPolicy,
    expire_statistics,
    statistics_policy,
    take_batch,
)
from registry.models import EmbargoedCountry
from tests.mirrorlist.counted import DAY, a_batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def statistics(db: None) -> StatisticsPolicy:
    return statistics_policy()


def numbers(dimension: str, *, span: str = "day", day: date = DAY) -> dict[str, int]:
    rows = AccessStat.objects.filter(dimension=dimension, span=span, day=day)
    return dict(rows.values_list("key", "count"))


def test_counts_of_all_batches_add_up_by_day_and_by_month(statistics, now) -> None:
    take_batch(a_batch(0), now=now, policy=statistics)
    take_batch(a_batch(1, country={"FR": 1, "US": 2}), now=now, policy=statistics)
    assert numbers("country") == {"DE": 6, "FR": 5, "US": 2}
    assert numbers("country", span="month", day=date(2026, 11, 1)) == numbers("country")


def test_a_batch_that_is_delivered_twice_counts_once(statistics, now) -> None:
    first = take_batch(a_batch(), now=now, policy=statistics)
    again = take_batch(a_batch(), now=now + timedelta(days=1), policy=statistics)
    assert (first.requests, again.requests) == (10, 0)
    assert "before" in again.sentence
    assert numbers("kind") == {"mirrorlist 200": 7, "metalink 200": 3}


def test_batches_may_come_in_any_order(statistics, now) -> None:
    for sequence in (2, 0, 1):
        take_batch(a_batch(sequence), now=now, policy=statistics)
    assert numbers("arch") == {"x86_64": 30}


@pytest.mark.parametrize("days", [-31, 2])
def test_days_that_are_far_away_are_refused_with_a_reason(statistics, now, days: int) -> None:
    day = now.date() + timedelta(days=days)
    with pytest.raises(BatchError, match="clock of the edge") as caught:
        take_batch(a_batch(day=day), now=now, policy=statistics)
    assert caught.value.reason is BatchReason.NO_DAY
    row = StatisticsBatch.objects.get()
    assert (row.state, row.requests) == ("refused", 0)
    assert str(day) in row.reason
    assert not AccessStat.objects.exists()


@pytest.mark.parametrize("days", [-30, 1])
def test_a_clock_that_is_a_little_wrong_is_no_matter(statistics, now, days: int) -> None:
    day = now.date() + timedelta(days=days)
    assert take_batch(a_batch(day=day), now=now, policy=statistics).requests == 10


def test_the_good_days_of_a_batch_count_and_the_others_are_named(statistics, now) -> None:
    far = date(2030, 1, 1)
    batch = a_batch()._replace(days={DAY: a_batch().days[DAY], far: a_batch().days[DAY]})
    taken = take_batch(batch, now=now, policy=statistics)
    assert taken.requests == 10
    assert "2030-01-01" in StatisticsBatch.objects.get().reason
    assert not AccessStat.objects.filter(day=far).exists()


def test_what_was_refused_may_count_later(statistics, now) -> None:
    day = now.date() + timedelta(days=2)
    with pytest.raises(BatchError):
        take_batch(a_batch(day=day), now=now, policy=statistics)
    later = now + timedelta(days=1)
    assert take_batch(a_batch(day=day), now=later, policy=statistics).requests == 10


def test_countries_under_embargo_cannot_be_told_from_unknown_ones(statistics, now) -> None:
    EmbargoedCountry.objects.create(country_id="KP")
    take_batch(a_batch(country={"KP": 2, "N/A": 1, "DE": 5}), now=now, policy=statistics)
    assert numbers("country") == {"N/A": 3, "DE": 5}


def test_files_have_a_table_of_their_own(statistics, now) -> None:
    take_batch(a_batch(file={"pub/a.iso": 2}), now=now, policy=statistics)
    take_batch(a_batch(1, file={"pub/a.iso": 1, "<b>": 1}), now=now, policy=statistics)
    days = FileStat.objects.filter(span="day", day=DAY)
    assert dict(days.values_list("path", "count")) == {"pub/a.iso": 3, "<b>": 1}
    assert FileStat.objects.filter(span="month").count() == 2


def test_a_day_has_a_bounded_number_of_files(statistics, now) -> None:
    few = statistics._replace(keys_per_day=3)
    take_batch(a_batch(file={"a": 1, "b": 5, "c": 2, "d": 9}), now=now, policy=few)
    take_batch(a_batch(1, file={"b": 1, "e": 7}), now=now, policy=few)
    days = FileStat.objects.filter(span="day").values_list("path", "count")
    assert dict(days) == {"d": 9, "b": 6, "c": 2, OTHER: 8}


def test_more_keys_than_fit_into_one_query_are_counted(statistics, now) -> None:
    files = {f"pub/{number}": number for number in range(1, 1300)}
    for sequence in (0, 1):
        take_batch(a_batch(sequence, file=files), now=now, policy=statistics)
    days = FileStat.objects.filter(span="day").values_list("path", "count")
    assert dict(days) == {path: 2 * count for path, count in files.items()}


def test_old_days_go_and_their_months_stay(statistics, now) -> None:
    take_batch(a_batch(file={"a": 1}), now=now, policy=statistics)
    later = now + timedelta(days=91)
    assert expire_statistics(now=later, policy=statistics) > 0
    assert set(AccessStat.objects.values_list("span", flat=True)) == {"month"}
    assert set(FileStat.objects.values_list("span", flat=True)) == {"month"}
    assert not StatisticsBatch.objects.exists()
    assert expire_statistics(now=later, policy=statistics) == 0


def test_old_months_go_too(statistics, now) -> None:
    take_batch(a_batch(), now=now, policy=statistics)
    expire_statistics(now=now + timedelta(days=59 * 31), policy=statistics)
    assert AccessStat.objects.exists()
    expire_statistics(now=now + timedelta(days=62 * 31), policy=statistics)
    assert not AccessStat.objects.exists()


def test_a_batch_is_remembered_while_its_day_might_be_accepted_again(statistics, now) -> None:
    late = now + timedelta(days=29)
    take_batch(a_batch(), now=now, policy=statistics)
    expire_statistics(now=late, policy=statistics)
    assert take_batch(a_batch(), now=late, policy=statistics).requests == 0
