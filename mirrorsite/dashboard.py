"""What operators see first: the few numbers that say whether somebody has to act.

Loads them and asks logic which want attention; where they lead to is said in names of tables.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Value
from django_q.models import Failure, OrmQ, Schedule

from crawler.models import RunState
from mirrorlist.models import EdgeKey, Snapshot
from mirrorsite.dashboard_charts import Chart, CrawlDay, load_charts, load_crawl_days
from mirrorsite.file_ages import written_at
from registry.logic.vitals import Tone, VitalsPolicy, judge_age, judge_count, judge_failures
from registry.logic.wording import counted
from registry.models import Category, Host, HostCategoryUrl, Notification, Repository
from registry.querysets import LATE_CRAWLS
from registry.services.approvals import count_pending

POLICY = VitalsPolicy()
DAY, WEEK = timedelta(days=1), timedelta(days=7)
REFUSED = {Snapshot.State.REFUSED, Snapshot.State.FAILED}


class Vital(NamedTuple):
    """One number: its tone, a sentence about it, and the table and filters it leads to."""

    label: str
    value: str
    tone: Tone
    sentence: str
    table: str
    filters: Mapping[str, str] = {}


class Dashboard(NamedTuple):
    """Everything above the list of tables: what needs somebody, what does not, and the charts."""

    vitals: list[Vital]
    charts: list[Chart]

    @property
    def urgent(self) -> list[Vital]:
        """Return what needs somebody now, the worst first."""
        bad = [vital for vital in self.vitals if vital.tone is Tone.BAD]
        return bad + [vital for vital in self.vitals if vital.tone is Tone.WARN]

    @property
    def fine(self) -> list[Vital]:
        return [vital for vital in self.vitals if vital.tone is Tone.OK]


def load_dashboard(*, now: datetime) -> Dashboard:
    """Return all vitals and the charts; eight queries whatever the size of the network."""
    counts, crawls = _counts(now), load_crawl_days(now=now)
    return Dashboard(
        vitals=[
            _approvals(now),
            *_hosts(now),
            *_categories(now),
            _unrecognized(counts),
            _snapshot(now),
            _crawls(crawls),
            *_queue(counts),
            _letters(counts),
            _edges(counts),
            _geo(now),
        ],
        charts=load_charts(crawls, now=now),
    )


def _counts(now: datetime) -> dict[str, int]:
    """Return how many rows need somebody, by table; one query for all of them."""
    silent = Q(last_used_at__lt=now - POLICY.edge_silent) | Q(last_used_at=None)
    rows: dict[str, QuerySet[Any]] = {
        "unrecognized": Repository.objects.unrecognized(),
        "queued": OrmQ.objects.all(),
        "failures": Failure.objects.filter(stopped__gte=now - DAY),
        "overdue": Schedule.objects.filter(next_run__lt=now - POLICY.schedule_late),
        "letters": Notification.objects.filter(state="failed", due_at__gte=now - WEEK),
        "silent": EdgeKey.objects.filter(silent, revoked_at=None),
        "edges": EdgeKey.objects.filter(revoked_at=None),
    }
    parts = [
        found.order_by().values(part=Value(name)).annotate(count=Count("pk"))
        for name, found in rows.items()
    ]
    found = parts[0].union(*parts[1:], all=True)
    return dict.fromkeys(rows, 0) | {row["part"]: row["count"] for row in found}


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


def _hosts(now: datetime) -> list[Vital]:
    before = now - LATE_CRAWLS * settings.CRAWLER_INTERVAL
    late = Exists(Host.objects.late(before=before).filter(pk=OuterRef("pk")))
    failing = HostCategoryUrl.objects.failing().filter(host_category__host=OuterRef("pk"))
    counts = Host.objects.crawlable().aggregate(
        total=Count("pk"),
        failing=Count("pk", filter=Q(Exists(failing))),
        disabled=Count("pk", filter=Q(system_active=False)),
        late=Count("pk", filter=late),
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
        Vital(
            "Crawls overdue",
            str(counts["late"]),
            judge_failures(counts["late"], of=total),
            f"{of}, not looked at for two intervals",
            "registry_host",
            {"standing": "late"},
        ),
    ]


def _categories(now: datetime) -> list[Vital]:
    ended = "scans__finished_at"
    rows = list(
        Category.objects.scanned()
        .annotate(
            last=Max(ended, filter=Q(scans__state=RunState.FINISHED)),
            refused=Max(ended, filter=Q(scans__state=RunState.REFUSED)),
        )
        .order_by("name")
        .values_list("name", "last", "refused")
    )
    stale = [
        name
        for name, last, _ in rows
        if judge_age(last, now=now, warn=POLICY.scan_stale, bad=POLICY.scan_stale) is Tone.BAD
    ]
    refused = [name for name, last, at in rows if at is not None and (last is None or at > last)]
    said = f"No UMDL finished for a day: {_named(stale)}." if stale else f"of {len(rows)} scanned"
    why = f"Nothing of {_named(refused)} is believed until you look." if refused else "none"
    return [
        Vital(
            "Stale Categories",
            str(len(stale)),
            judge_failures(len(stale), of=len(rows)),
            said,
            "crawler_masterscan",
        ),
        Vital(
            "Scans refused",
            str(len(refused)),
            judge_count(len(refused), bad=1),
            why,
            "crawler_masterscan",
            {"state__exact": "refused"},
        ),
    ]


def _named(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")


def _unrecognized(counts: Mapping[str, int]) -> Vital:
    count = counts["unrecognized"]
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
    published = Snapshot.objects.filter(state=Snapshot.State.PUBLISHED).values("built_at")
    rows = Snapshot.objects.defer("counts").annotate(served_at=Subquery(published[:1]))
    newest = rows.first()
    built_at = newest.served_at if newest else None
    tone = judge_age(built_at, now=now, warn=POLICY.snapshot_old, bad=POLICY.snapshot_too_old)
    sentence = "No snapshot has been published yet."
    if newest is not None:
        sentence = f"The newest is {newest.get_state_display()}. {newest.reason}".strip()
    if tone is Tone.OK and newest is not None and newest.state in REFUSED:
        tone = Tone.WARN
    return Vital("Snapshot served", _age(built_at, now), tone, sentence, "mirrorlist_snapshot")


def _crawls(crawls: Iterable[CrawlDay]) -> Vital:
    running = sum(day.running for day in crawls)
    last = sum(day.last for day in crawls)
    failed = sum(day.last_broken for day in crawls)
    return Vital(
        "Crawls running",
        str(running),
        judge_failures(failed, of=last),
        f"{last} in 24 hours, {failed} of them failed",
        "crawler_crawlrun",
    )


def _queue(counts: Mapping[str, int]) -> list[Vital]:
    late = counts["overdue"]
    return [
        Vital(
            "Tasks queued",
            str(counts["queued"]),
            judge_count(counts["queued"], warn=POLICY.queue_long, bad=POLICY.queue_too_long),
            "waiting for a worker or being worked on",
            "django_q_ormq",
        ),
        Vital(
            "Tasks failed",
            str(counts["failures"]),
            judge_count(counts["failures"], bad=10),
            "in the last 24 hours",
            "django_q_failure",
        ),
        Vital(
            "Schedules late",
            str(late),
            judge_count(late, bad=1),
            "No worker takes them: is “manage.py qcluster” running?" if late else "none",
            "django_q_schedule",
        ),
    ]


def _letters(counts: Mapping[str, int]) -> Vital:
    return Vital(
        "Messages given up",
        str(counts["letters"]),
        judge_count(counts["letters"], bad=50),
        "letters and webhook calls of the last 7 days",
        "registry_notification",
        {"state__exact": "failed"},
    )


def _edges(counts: Mapping[str, int]) -> Vital:
    return Vital(
        "Edges silent",
        str(counts["silent"]),
        judge_failures(counts["silent"], of=counts["edges"]),
        f"of {counts['edges']} that may send statistics, for a day",
        "mirrorlist_edgekey",
        {"heard": "silent"},
    )


def _geo(now: datetime) -> Vital:
    """Judge the oldest of the files that say where clients are; those without a path are none."""
    paths = [settings.MIRRORLIST_COUNTRY_MMDB, settings.MIRRORLIST_CITY_MMDB]
    paths.append(settings.MIRRORLIST_ASN_MMDB)
    if settings.MIRRORLIST_NETBLOCKS_SOURCES and not settings.MIRRORLIST_ASN_MMDB:
        paths.append(str(settings.MIRRORLIST_NETBLOCKS_FILE))
    ages = {path: written_at(path) for path in paths if path}
    missing = [path for path, at in ages.items() if at is None]
    known = [at for at in ages.values() if at is not None]
    if not ages:
        sentence = "Countries come from the built-in register data; there is no other file."
        return Vital("Geo data", "built-in", Tone.OK, sentence, "django_q_schedule")
    oldest = None if missing else min(known)
    tone = judge_age(oldest, now=now, warn=POLICY.geo_old, bad=POLICY.geo_too_old)
    sentence = (
        f"{missing[0]} is missing." if missing else f"the oldest of {counted(len(ages), 'file')}"
    )
    return Vital("Geo data", _age(oldest, now), tone, sentence, "django_q_schedule")


def _age(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "none"
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
