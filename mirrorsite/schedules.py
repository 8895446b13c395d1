"""All recurring work of the project, declared in code, and how django-q2's table differs from it.

Knows what should run, how often and why. Deliberately touches no table: `schedule_table` reads
and writes the rows (docs/adr/0003).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

DEFAULT_CLUSTER = "default"
MINUTES_KIND = "I"
DAY = 24 * 60
FOREVER = -1


@dataclass(frozen=True)
class Recurring:
    """One piece of recurring work: a task without arguments, every so many minutes."""

    name: str
    task: str
    minutes: int
    why: str
    cluster: str = DEFAULT_CLUSTER


@dataclass(frozen=True)
class Intervals:
    """What operators may choose: minutes between two runs."""

    umdl_minutes: int
    snapshot_minutes: int


def declare(intervals: Intervals) -> tuple[Recurring, ...]:
    """Return everything that recurs. Add new work here and run `manage.py sync_schedules`.

    Ticks and short work run on `default`. What may take longer than a few minutes runs on `crawl`,
    whose time limit is hours.
    """
    return (
        Recurring(
            "UMDL",
            "crawler.tasks.umdl",
            intervals.umdl_minutes,
            "Reads the master trees, so that new content is known.",
            cluster="crawl",
        ),
        Recurring(
            "Crawl what is due",
            "crawler.tasks.crawl_due",
            1,
            "Looks which Hosts are due for a visit and hands them to the crawl cluster.",
        ),
        Recurring(
            "Canaries",
            "crawler.tasks.send_canaries",
            1,
            "Looks whether every URL of every mirror can be reached, by IPv4 and by IPv6.",
        ),
        Recurring(
            "Propagation",
            "crawler.tasks.propagation",
            4 * 60,
            "Counts how many Hosts have which age of each Repository.",
            cluster="crawl",
        ),
        Recurring(
            "Stability",
            "crawler.tasks.update_stability",
            DAY,
            "Computes how reliable each Host was in the last 30 days.",
        ),
        Recurring(
            "Prune crawls",
            "crawler.tasks.prune_crawls",
            DAY,
            "Deletes the records of visits that are older than CRAWLER_KEEP_DAYS.",
            cluster="crawl",
        ),
        Recurring(
            "Embargoes",
            "crawler.tasks.apply_embargoes",
            10,
            "Takes Hosts under embargo out of service, and brings back those whose embargo ended "
            "or of which a copy is always up2date now.",
        ),
        Recurring(
            "Places",
            "crawler.tasks.check_places",
            DAY,
            "Compares the countries of Hosts with those of their addresses; gives hints only.",
            cluster="crawl",
        ),
        Recurring(
            "Snapshot",
            "mirrorlist.tasks.build_snapshot",
            intervals.snapshot_minutes,
            "Builds what clients are answered from.",
        ),
        Recurring(
            "Netblocks",
            "mirrorlist.tasks.build_netblocks",
            7 * DAY,
            "Makes the table of networks and autonomous systems from MIRRORLIST_NETBLOCKS_SOURCES.",
            cluster="crawl",
        ),
        Recurring(
            "Cloud ranges",
            "registry.tasks.update_cloud_ranges",
            DAY,
            "Gives Hosts inside clouds the address ranges that their providers publish.",
        ),
        Recurring(
            "Import statistics",
            "mirrorlist.tasks.import_statistics",
            1,
            "Takes in what edges counted, from the directory where they put it.",
        ),
        Recurring(
            "Expire statistics",
            "mirrorlist.tasks.expire_statistics",
            DAY,
            "Deletes the numbers of days and months that are too old.",
        ),
        Recurring(
            "Expire check-ins",
            "registry.tasks.expire_check_ins",
            60,
            "Warns private Hosts that do not report a changed master, then stops believing them.",
        ),
        Recurring(
            "Notifications",
            "registry.tasks.send_notifications",
            1,
            "Sends the letters, webhook calls and bus messages that wait in the outbox.",
        ),
    )


@dataclass(frozen=True)
class Row:
    """What is compared of one row of the table. `fields` is everything but the next run."""

    id: int
    name: str
    fields: Mapping[str, Any]
    next_run: datetime | None


class Action(Enum):
    """What happens to one row."""

    CREATE = "create"
    CORRECT = "correct"
    DELETE = "delete"


@dataclass(frozen=True)
class Change:
    """One step that makes the table equal to the declaration; `row` is None for a new one."""

    action: Action
    sentence: str
    row: int | None = None
    fields: Mapping[str, Any] | None = None


def wanted_fields(work: Recurring) -> dict[str, Any]:
    """Return the columns of the row for a piece of work, without its next run.

    The column `cluster` stays empty: a scheduler only looks at rows of its own cluster, and only
    `default` has one. The queue is chosen by q_options instead.
    """
    elsewhere = work.cluster != DEFAULT_CLUSTER
    return {
        "name": work.name,
        "func": work.task,
        "schedule_type": MINUTES_KIND,
        "minutes": work.minutes,
        "repeats": FOREVER,
        "cron": None,
        "hook": None,
        "args": None,
        "kwargs": f'{{"q_options": {{"cluster": "{work.cluster}"}}}}' if elsewhere else None,
        "cluster": None,
        "intended_date_kwarg": None,
    }


def plan_changes(
    declared: Iterable[Recurring], rows: Iterable[Row], *, now: datetime
) -> tuple[Change, ...]:
    """Return the steps that make the rows equal to the declaration; none if they are.

    Rows belong to work by name. Of rows with the same name the first stays; rows without
    declared work go.
    """
    unclaimed = {work.name: work for work in declared}
    changes = []
    for row in rows:
        work = unclaimed.pop(row.name, None)
        if work is None:
            changes.append(
                Change(
                    Action.DELETE,
                    f"“{row.name}” is not declared in mirrorsite/schedules.py: deleted.",
                    row=row.id,
                )
            )
        elif correction := _correct(row, work, now=now):
            changes.append(correction)
    changes += [
        Change(
            Action.CREATE,
            f"“{work.name}” was missing: created, every {work.minutes} min on {work.cluster}.",
            fields=wanted_fields(work) | {"next_run": now},
        )
        for work in unclaimed.values()
    ]
    return tuple(changes)


def _correct(row: Row, work: Recurring, *, now: datetime) -> Change | None:
    wanted = wanted_fields(work)
    different = {name: value for name, value in wanted.items() if row.fields[name] != value}
    latest = now + timedelta(minutes=work.minutes)
    if row.next_run is None or row.next_run > latest:
        different["next_run"] = latest
    if not different:
        return None
    return Change(
        Action.CORRECT,
        f"“{row.name}” differed in {', '.join(sorted(different))}: corrected.",
        row=row.id,
        fields=different,
    )
