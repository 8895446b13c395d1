"""The small charts of the dashboard: what fourteen days looked like, one query each.

Crawls are counted once for their chart and for the number of the last day.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import TruncDate

from crawler.models import CrawlRun, RunState
from mirrorlist.logic.counters import Dimension
from mirrorlist.models import AccessStat, Snapshot, Span
from registry.logic.charts import Bar, lay_out_bars, shorten

CHART_DAYS = 14
CHART_HEIGHT = 32
SERVED = [Snapshot.State.PUBLISHED, Snapshot.State.REPLACED]


class Chart(NamedTuple):
    """One number a day: its bars, those of the part that went wrong, and a sentence."""

    title: str
    all_bars: tuple[Bar, ...]
    failed_bars: tuple[Bar, ...]
    sentence: str


class CrawlDay(NamedTuple):
    """How many crawls began on a day, and what became of them; `last` are of the last 24 hours."""

    day: date
    all: int
    failed: int
    running: int
    last: int
    last_broken: int


def load_crawl_days(*, now: datetime) -> list[CrawlDay]:
    """Count crawls of the last fourteen days, and all that run, by the day on which they began."""
    last = Q(started_at__gte=now - timedelta(hours=24))
    broken = Q(state__in=[RunState.FAILED, RunState.ABANDONED])
    shown = Q(started_at__gte=_first(now)) | Q(state=RunState.RUNNING)
    days = CrawlRun.objects.filter(shown).annotate(day=TruncDate("started_at")).order_by("day")
    rows = days.values_list("day").annotate(
        all=Count("pk"),
        failed=Count("pk", filter=Q(state=RunState.FAILED)),
        running=Count("pk", filter=Q(state=RunState.RUNNING)),
        last=Count("pk", filter=last),
        last_broken=Count("pk", filter=last & broken),
    )
    return [CrawlDay(*row) for row in rows]


def load_charts(crawls: Iterable[CrawlDay], *, now: datetime) -> list[Chart]:
    """Return the charts of the last fourteen days, today included; two queries."""
    return [_hosts(now), _requests(now), _crawls(crawls, now)]


def _hosts(now: datetime) -> Chart:
    newest = (
        Snapshot.objects.filter(built_at__gte=_first(now), state__in=SERVED)
        .annotate(day=TruncDate("built_at"))
        .order_by()
        .values("day")
        .annotate(newest=Max("pk"))
        .values("newest")
    )
    rows = Snapshot.objects.filter(pk__in=newest).values_list("built_at", "counts")
    counts = {built_at.date(): int(found.get("hosts", 0)) for built_at, found in rows}
    values = _by_day(now, counts)
    return Chart(
        "Hosts that clients are sent to",
        _bars(values, greatest=max(values)),
        (),
        f"{values[-1]} in the last snapshot of today; at most {max(values)} in {CHART_DAYS} days.",
    )


def _requests(now: datetime) -> Chart:
    days = AccessStat.objects.filter(
        span=Span.DAY, dimension=Dimension.KIND, day__gte=_first(now).date()
    )
    counts = dict(days.order_by().values_list("day").annotate(Sum("count")))
    values = _by_day(now, counts)
    return Chart(
        "Requests a day",
        _bars(values, greatest=max(values)),
        (),
        f"{shorten(sum(values))} in {CHART_DAYS} days; at most {shorten(max(values))} a day.",
    )


def _crawls(crawls: Iterable[CrawlDay], now: datetime) -> Chart:
    days = {found.day: found for found in crawls}
    totals = _by_day(now, {day: found.all for day, found in days.items()})
    failures = _by_day(now, {day: found.failed for day, found in days.items()})
    greatest = max(totals)
    return Chart(
        "Crawls a day",
        _bars(totals, greatest=greatest),
        _bars(failures, greatest=greatest),
        f"{sum(totals)} crawls in {CHART_DAYS} days, {sum(failures)} of them failed; "
        f"at most {greatest} a day.",
    )


def _first(now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=CHART_DAYS - 1)


def _by_day(now: datetime, counts: Mapping[date, int]) -> list[int]:
    first = _first(now).date()
    return [counts.get(first + timedelta(days=number), 0) for number in range(CHART_DAYS)]


def _bars(values: Sequence[int], *, greatest: int) -> tuple[Bar, ...]:
    return lay_out_bars(values, greatest=greatest, height=CHART_HEIGHT)
