"""What operators see first: the few numbers that say whether somebody has to act.

Loads them and asks logic which want attention; where they lead to is said in names of tables.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.db.models.functions import TruncDate
from django_q.models import Failure, OrmQ

from crawler.models import CrawlRun, RunState
from mirrorlist.models import Snapshot
from registry.logic.charts import Bar, lay_out_bars
from registry.logic.vitals import Tone, VitalsPolicy, judge_age, judge_count, judge_failures
from registry.logic.wording import counted
from registry.models import Category, Host, HostCategoryUrl, Repository
from registry.services.approvals import count_pending

CHART_DAYS = 14
CHART_HEIGHT = 32
POLICY = VitalsPolicy()


class Vital(NamedTuple):
    """One number: its tone, a sentence about it, and the table and filters it leads to."""

    label: str
    value: str
    tone: Tone
    sentence: str
    table: str
    filters: Mapping[str, str] = {}


class Chart(NamedTuple):
    """Crawls a day: the bars of all of them and of those that failed, and a sentence."""

    all_bars: tuple[Bar, ...]
    failed_bars: tuple[Bar, ...]
    sentence: str


class Dashboard(NamedTuple):
    """Everything above the list of tables."""

    vitals: list[Vital]
    chart: Chart


def load_dashboard(*, now: datetime) -> Dashboard:
    """Return all vitals and the chart; nine queries whatever the size of the network."""
    return Dashboard(
        vitals=[
            _approvals(now),
            *_hosts(),
            _categories(now),
            _unrecognized(),
            _snapshot(now),
            _crawls(now),
            *_queue(now),
        ],
        chart=_chart(now),
    )


def _approvals(now: datetime) -> Vital:
    counts = count_pending(now=now)
    total = sum(counts.values())
    names = {
        "site": "Site",
        "host": "Host",
        "hostnetblock": "netblock",
        "hostcategoryurl": "URL",
        "enrolrequest": "node",
    }
    parts = [counted(count, names[kind]) for kind, count in counts.items() if count]
    sentence = ", ".join(parts) if parts else "Nobody waits for you."
    return Vital("Approvals waiting", str(total), judge_count(total), sentence, "approvals")


def _hosts() -> list[Vital]:
    failing = HostCategoryUrl.objects.failing().filter(host_category__host=OuterRef("pk"))
    counts = Host.objects.crawlable().aggregate(
        total=Count("pk"),
        failing=Count("pk", filter=Q(Exists(failing))),
        disabled=Count("pk", filter=Q(system_active=False)),
    )
    total = counts["total"]
    of = f"of {total} that we visit"
    return [
        Vital(
            "Hosts with a failing URL",
            str(counts["failing"]),
            judge_failures(counts["failing"], of=total),
            of,
            "registry_host",
            {"standing": "failing"},
        ),
        Vital(
            "Hosts the system disabled",
            str(counts["disabled"]),
            judge_failures(counts["disabled"], of=total),
            of,
            "registry_host",
            {"standing": "system"},
        ),
    ]


def _categories(now: datetime) -> Vital:
    finished = Max("scans__finished_at", filter=Q(scans__state=RunState.FINISHED))
    rows = list(
        Category.objects.scanned()
        .annotate(last=finished)
        .order_by("name")
        .values_list("name", "last")
    )
    stale = [
        name
        for name, last in rows
        if judge_age(last, now=now, warn=POLICY.scan_stale, bad=POLICY.scan_stale) is Tone.BAD
    ]
    named = ", ".join(stale[:3]) + (" and others" if len(stale) > 3 else "")
    sentence = f"No UMDL finished for a day: {named}." if stale else f"of {len(rows)} with a source"
    tone = judge_failures(len(stale), of=len(rows))
    return Vital("Stale Categories", str(len(stale)), tone, sentence, "crawler_masterscan")


def _unrecognized() -> Vital:
    count = Repository.objects.unrecognized().count()
    sentence = "clients cannot ask for them" if count else "Every Repository has its prefix."
    return Vital(
        "Unrecognized Repositories",
        str(count),
        judge_count(count),
        sentence,
        "registry_repository",
        {"recognized": "no"},
    )


def _snapshot(now: datetime) -> Vital:
    newest = Snapshot.objects.defer("counts").first()
    published = (
        newest
        if newest is None or newest.state == Snapshot.State.PUBLISHED
        else Snapshot.objects.filter(state=Snapshot.State.PUBLISHED).first()
    )
    built_at = published.built_at if published else None
    tone = judge_age(built_at, now=now, warn=POLICY.snapshot_old, bad=POLICY.snapshot_too_old)
    sentence = "No snapshot has been published yet."
    if newest is not None:
        sentence = f"The newest is {newest.get_state_display()}. {newest.reason}".strip()
    return Vital("Snapshot served", _age(built_at, now), tone, sentence, "mirrorlist_snapshot")


def _crawls(now: datetime) -> Vital:
    since = Q(started_at__gte=now - timedelta(hours=24))
    failed = Q(state__in=[RunState.FAILED, RunState.ABANDONED])
    counts = CrawlRun.objects.filter(since | Q(state=RunState.RUNNING)).aggregate(
        running=Count("pk", filter=Q(state=RunState.RUNNING)),
        day=Count("pk", filter=since),
        failed=Count("pk", filter=since & failed),
    )
    return Vital(
        "Crawls running",
        str(counts["running"]),
        judge_failures(counts["failed"], of=counts["day"]),
        f"{counts['day']} in 24 hours, {counts['failed']} of them failed",
        "crawler_crawlrun",
    )


def _queue(now: datetime) -> list[Vital]:
    depth = OrmQ.objects.count()
    failed = Failure.objects.filter(stopped__gte=now - timedelta(hours=24)).count()
    return [
        Vital(
            "Tasks queued",
            str(depth),
            judge_count(depth, warn=POLICY.queue_long, bad=POLICY.queue_too_long),
            "waiting for a worker or being worked on",
            "django_q_ormq",
        ),
        Vital(
            "Tasks failed",
            str(failed),
            judge_count(failed, bad=10),
            "in the last 24 hours",
            "django_q_failure",
        ),
    ]


def _chart(now: datetime) -> Chart:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight - timedelta(days=CHART_DAYS - 1)
    rows = (
        CrawlRun.objects.filter(started_at__gte=first)
        .annotate(day=TruncDate("started_at"))
        .order_by("day")
        .values_list("day")
        .annotate(all=Count("pk"), failed=Count("pk", filter=Q(state=RunState.FAILED)))
    )
    counts = {day: (total, failed) for day, total, failed in rows}
    days = [(first + timedelta(days=number)).date() for number in range(CHART_DAYS)]
    totals = [counts.get(day, (0, 0))[0] for day in days]
    failures = [counts.get(day, (0, 0))[1] for day in days]
    greatest = max(totals)
    return Chart(
        all_bars=lay_out_bars(totals, greatest=greatest, height=CHART_HEIGHT),
        failed_bars=lay_out_bars(failures, greatest=greatest, height=CHART_HEIGHT),
        sentence=f"{sum(totals)} crawls in {CHART_DAYS} days, {sum(failures)} of them failed; "
        f"at most {greatest} a day.",
    )


def _age(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "none"
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
