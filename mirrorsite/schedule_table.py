"""Make django-q2's table of schedules equal to the declaration, and start work out of turn."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django_q.models import Schedule, Task
from django_q.tasks import async_task

from mirrorsite.schedules import (
    Action,
    Change,
    Intervals,
    Recurring,
    Row,
    declare,
    plan_changes,
    wanted_fields,
)


def declared_work() -> dict[str, Recurring]:
    """Return the declared work by name, with the intervals of the settings."""
    intervals = Intervals(
        umdl_minutes=settings.SCHEDULE_UMDL_MINUTES,
        snapshot_minutes=settings.SCHEDULE_SNAPSHOT_MINUTES,
    )
    return {work.name: work for work in declare(intervals)}


def sync_schedules(*, now: datetime, dry_run: bool = False) -> tuple[Change, ...]:
    """Make the table equal to the declaration; return what was done, or would be on a dry run."""
    with transaction.atomic():
        changes = plan_changes(declared_work().values(), _rows(), now=now)
        if not dry_run:
            for change in changes:
                _apply(change)
    return changes


def run_now(schedule: Schedule) -> str:
    """Queue the task of a schedule at once, on its own cluster; return the id of the task.

    The next regular run stays where it is. Raises ValueError for a row that is not declared,
    because nobody vouches for what it would call.
    """
    work = declared_work().get(schedule.name)
    if work is None:
        raise ValueError(
            f"“{schedule.name}” is not declared in mirrorsite/schedules.py; run "
            "“manage.py sync_schedules” to remove it."
        )
    return str(async_task(work.task, q_options={"cluster": work.cluster, "group": work.name}))


def run_again(task: Task) -> str:
    """Queue a finished task once more, with the same arguments; return the id of the new task.

    The record of the first run stays, as evidence.
    """
    options = {"cluster": task.cluster, "group": task.group, "hook": task.hook}
    given = {name: value for name, value in options.items() if value}
    return str(async_task(task.func, *(task.args or ()), **(task.kwargs or {}), q_options=given))


def _rows() -> list[Row]:
    names = list(wanted_fields(Recurring("", "", 1, "")))
    return [
        Row(
            id=row.pk,
            name=row.name or "",
            fields={name: getattr(row, name) for name in names},
            next_run=row.next_run,
        )
        for row in Schedule.objects.order_by("id")
    ]


def _apply(change: Change) -> None:
    if change.action is Action.CREATE:
        Schedule.objects.create(**change.fields or {})
    elif change.action is Action.CORRECT:
        Schedule.objects.filter(pk=change.row).update(**change.fields or {})
    else:
        Schedule.objects.filter(pk=change.row).delete()
