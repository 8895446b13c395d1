import importlib
from datetime import datetime, timedelta
from typing import Any

import pytest

from mirrorsite.schedules import (
    Action,
    Intervals,
    Recurring,
    Row,
    declare,
    plan_changes,
    wanted_fields,
)

TICK = Recurring("Tick", "crawler.tasks.tick", 5, "Looks what is due.")
LONG = Recurring("Scan", "crawler.tasks.umdl", 60, "Reads a tree.", cluster="crawl")


def row_of(work: Recurring, *, now: datetime, number: int = 1, **over: Any) -> Row:
    return Row(
        id=number,
        name=work.name,
        fields=wanted_fields(work) | over,
        next_run=now + timedelta(minutes=work.minutes),
    )


def test_missing_work_is_created_to_run_at_once(now: datetime) -> None:
    (change,) = plan_changes([TICK], [], now=now)
    assert change.action is Action.CREATE
    assert change.fields is not None
    assert change.fields["func"] == "crawler.tasks.tick"
    assert change.fields["next_run"] == now
    assert change.sentence == "“Tick” was missing: created, every 5 min on default."


def test_a_table_that_is_as_declared_needs_no_change(now: datetime) -> None:
    rows = [row_of(TICK, now=now), row_of(LONG, now=now, number=2)]
    assert plan_changes([TICK, LONG], rows, now=now) == ()


@pytest.mark.parametrize(
    "mistake",
    [
        {"func": "os.system"},
        {"schedule_type": "C"},
        {"minutes": 7},
        {"repeats": 0},
        {"args": "1, 2"},
        {"kwargs": "broken(("},
        {"cron": "* * * * *"},
        {"cluster": "nowhere"},
        {"hook": "a.b"},
        {"intended_date_kwarg": "when"},
    ],
)
def test_a_changed_column_is_corrected_and_nothing_else(
    mistake: dict[str, Any], now: datetime
) -> None:
    (change,) = plan_changes([TICK], [row_of(TICK, now=now, **mistake)], now=now)
    assert (change.action, change.row) == (Action.CORRECT, 1)
    assert change.fields == {name: wanted_fields(TICK)[name] for name in mistake}
    assert next(iter(mistake)) in change.sentence


def test_a_next_run_further_away_than_one_interval_is_drawn_in(now: datetime) -> None:
    row = Row(1, "Tick", wanted_fields(TICK), next_run=now + timedelta(days=300))
    (change,) = plan_changes([TICK], [row], now=now)
    assert change.fields == {"next_run": now + timedelta(minutes=5)}


def test_a_schedule_without_a_next_run_gets_one(now: datetime) -> None:
    (change,) = plan_changes([TICK], [Row(1, "Tick", wanted_fields(TICK), None)], now=now)
    assert change.fields == {"next_run": now + timedelta(minutes=5)}


def test_rows_nobody_declared_are_deleted(now: datetime) -> None:
    (change,) = plan_changes([], [row_of(TICK, now=now)], now=now)
    assert (change.action, change.row) == (Action.DELETE, 1)
    assert "is not declared" in change.sentence


def test_the_second_row_of_a_name_is_deleted(now: datetime) -> None:
    rows = [row_of(TICK, now=now), row_of(TICK, now=now, number=2)]
    (change,) = plan_changes([TICK], rows, now=now)
    assert (change.action, change.row) == (Action.DELETE, 2)


def test_long_work_is_scheduled_by_default_but_queued_for_crawl() -> None:
    fields = wanted_fields(LONG)
    assert fields["cluster"] is None
    assert fields["kwargs"] == '{"q_options": {"cluster": "crawl"}}'


def test_every_declared_name_is_unique_and_every_interval_fits_its_column() -> None:
    works = declare(Intervals(umdl_minutes=60, snapshot_minutes=5))
    assert len({work.name for work in works}) == len(works)
    assert all(1 <= work.minutes <= 32767 and work.why.endswith(".") for work in works)


@pytest.mark.parametrize("module", ["crawler.tasks", "mirrorlist.tasks"])
def test_every_declared_task_exists(module: str) -> None:
    tasks = importlib.import_module(module)
    works = declare(Intervals(umdl_minutes=60, snapshot_minutes=5))
    names = [work.task for work in works if work.task.startswith(f"{module}.")]
    assert names
    assert all(callable(getattr(tasks, name.rpartition(".")[2])) for name in names)
