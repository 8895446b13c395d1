"""How this installation does, for everybody: is its work done in time, and does it answer.

Loads moments and asks logic how late they are. Names no Host, nobody, and no sentence of errors.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max, Min
from django.utils.translation import gettext as _
from django_q.models import OrmQ, Schedule

from crawler.models import CrawlRun, MasterScan, RunState
from mirrorlist.models import Snapshot
from registry.logic.vitals import Tone, VitalsPolicy, judge_age, judge_count
from registry.models import Category, Host

POLICY = VitalsPolicy()
# A schedule that is due is started within a minute; nobody does so if one is this late.
LATE = timedelta(minutes=5)
TOO_LATE = timedelta(minutes=15)
# Crawls before that are as good as none, and need not be looked through.
CRAWLS_LOOKED_AT = timedelta(days=14)


class Part(NamedTuple):
    """One part of the installation: its state, since when, and how long it may take.

    `at` is when it last did its work, None for never.
    """

    name: str
    label: str
    tone: Tone
    sentence: str
    at: datetime | None = None
    limit: timedelta | None = None


def load_state(*, now: datetime) -> list[Part]:
    """Return all parts, each judged; seven queries."""
    return [_snapshot(now), _scans(now), _crawls(now), *_queue(now)]


def last_scan_at() -> datetime | None:
    """Return when a scan of the master last finished."""
    finished = MasterScan.objects.filter(state=RunState.FINISHED)
    last: datetime | None = finished.aggregate(last=Max("finished_at"))["last"]
    return last


def worst_of(parts: list[Part]) -> Tone:
    """Return the worst tone; of nothing it is fine."""
    tones = {part.tone for part in parts}
    return next((tone for tone in (Tone.BAD, Tone.WARN) if tone in tones), Tone.OK)


def why_not_ready() -> str:
    """Return why this process cannot answer pages, or the empty text."""
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "Can't connect to the database"
    return "The database schema needs to be updated" if behind else ""


def _snapshot(now: datetime) -> Part:
    built_at = (
        Snapshot.objects.filter(state=Snapshot.State.PUBLISHED)
        .values_list("built_at", flat=True)
        .first()
    )
    tone = judge_age(built_at, now=now, warn=POLICY.snapshot_old, bad=POLICY.snapshot_too_old)
    sentence = _("What clients are answered from was built then.")
    return Part("snapshot", _("Snapshot"), tone, sentence, built_at, POLICY.snapshot_old)


def _scans(now: datetime) -> Part:
    if not Category.objects.scanned().exists():
        sentence = _("No content is read from a master here.")
        return Part("scan", _("Scan of the master"), Tone.OK, sentence)
    last = last_scan_at()
    tone = judge_age(last, now=now, warn=POLICY.scan_stale, bad=2 * POLICY.scan_stale)
    sentence = _("The content of the master was read then.")
    return Part("scan", _("Scan of the master"), tone, sentence, last, POLICY.scan_stale)


def _crawls(now: datetime) -> Part:
    label = _("Visits of mirrors")
    if not Host.objects.crawlable().exists():
        return Part("crawl", label, Tone.OK, _("There is no mirror to be visited yet."))
    finished = CrawlRun.objects.filter(
        state=RunState.FINISHED, started_at__gte=now - CRAWLS_LOOKED_AT
    )
    last = finished.aggregate(last=Max("finished_at"))["last"]
    tone = judge_age(last, now=now, warn=POLICY.scan_stale, bad=2 * POLICY.scan_stale)
    return Part("crawl", label, tone, _("The last visit ended then."), last, POLICY.scan_stale)


def _queue(now: datetime) -> list[Part]:
    due = Schedule.objects.exclude(repeats=0).aggregate(first=Min("next_run"))["first"]
    # A schedule in the future is not late at all.
    tone = judge_age(min(due, now) if due else None, now=now, warn=LATE, bad=TOO_LATE)
    started = Part(
        "schedules",
        _("Background work"),
        tone,
        _("The next work is due then; it begins within a minute."),
        due,
        LATE,
    )
    depth = OrmQ.objects.count()
    waiting = Part(
        "queue",
        _("Queue"),
        judge_count(depth, warn=POLICY.queue_long, bad=POLICY.queue_too_long),
        _("%(count)d pieces of work wait.") % {"count": depth},
    )
    return [started, waiting]
