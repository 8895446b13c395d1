"""Load what statistics show: to everybody, to the owner of a Host, to who asks for one file.

Nothing private leaves through `load_statistics`: Hosts, Repositories and files that are on no
public page are part of “other”.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from mirrorlist.logic.counters import OTHER, Dimension
from mirrorlist.logic.statistics import (
    Period,
    Ranking,
    Week,
    fold_names,
    fold_systems,
    fold_weeks,
    monday_of,
    percent_of,
    rank,
    repository_of,
    steps_of,
)
from mirrorlist.logic.statistics_batch import UNKNOWN_COUNTRY
from mirrorlist.models import AccessStat, FileStat, Span, StatisticsBatch
from mirrorlist.services.statistics import AGE, DOWNLOADS
from registry.logic.charts import Point, TimeChart, lay_out_times
from registry.logic.listings import unpack_listing
from registry.models import Country, Directory, Host, Repository, RepositoryRedirect

RANKED = (Dimension.COUNTRY, Dimension.REPOSITORY, Dimension.ARCH, Dimension.HOST, DOWNLOADS)
WEEKS_SHOWN = 8
# Twenty are shown, and some of those that clients ask for may not be.
FILES_LOOKED_AT = 60
TRAFFIC_DAYS = 30


class Statistics(NamedTuple):
    """Everything that the page of statistics tells about a period."""

    period: Period
    steps: tuple[tuple[date, int], ...]
    rankings: Mapping[str, Ranking]
    weeks: tuple[Week, ...]
    measured_at: datetime | None

    @property
    def total(self) -> int:
        """Return the number of all requests."""
        return sum(count for _, count in self.steps)

    @property
    def chart(self) -> TimeChart:
        """Return the requests over time, as they are drawn."""
        form = "%Y-%m" if self.period.months else "%m-%d"
        points = [Point(day, day.strftime(form), count) for day, count in self.steps]
        return lay_out_times(points, noun="requests")


def load_statistics(period: Period, *, today: date, least: int) -> Statistics:
    """Return the public statistics of a period; twelve queries, however much was counted.

    What has fewer than `least` requests is part of “other”.
    """
    kinds: dict[str, int] = {}
    steps = dict.fromkeys(steps_of(period), 0)
    for day, key, count in _rows(period, Dimension.KIND).values_list("day", "key", "count"):
        kinds[key] = kinds.get(key, 0) + count
        steps[day] = steps.get(day, 0) + count
    sums = _sums(period)
    public = _public_prefixes()
    labels: dict[Dimension, Callable[[str], str | None]] = {
        Dimension.COUNTRY: _country_names().get,
        Dimension.REPOSITORY: lambda key: key if key in public else None,
        Dimension.ARCH: str,
        Dimension.HOST: _host_names(sums[Dimension.HOST]).get,
    }
    rankings = {"kind": rank(kinds)}
    for dimension, label in labels.items():
        rankings[dimension.value] = rank(sums[dimension], label=label, least=least)
    rankings["file"] = _files(period, total=sums[DOWNLOADS].get(OTHER, 0), least=least)
    rankings |= _systems(today, public=public, least=least)
    return Statistics(
        period,
        tuple(sorted(steps.items())),
        rankings,
        _weeks(today),
        StatisticsBatch.objects.aggregate(newest=Max("received_at"))["newest"],
    )


def _rows(period: Period, *dimensions: str) -> QuerySet[AccessStat]:
    return AccessStat.objects.filter(
        span=Span.MONTH if period.months else Span.DAY,
        day__range=(period.first, period.last),
        dimension__in=[str(dimension) for dimension in dimensions],
    ).order_by()


def _sums(period: Period) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {str(dimension): {} for dimension in RANKED}
    rows = _rows(period, *RANKED).values_list("dimension", "key").annotate(sum=Sum("count"))
    for dimension, key, count in rows.iterator():
        found[dimension][key] = count
    return found


def _country_names() -> dict[str, str]:
    names = dict(Country.objects.values_list("code", "name"))
    return names | {UNKNOWN_COUNTRY: "unknown"}


def _host_names(counts: Iterable[str]) -> dict[str, str]:
    """Return the names of public Hosts by their ids as text."""
    ids = [int(key) for key in counts if key]
    rows = Host.objects.public().active().filter(pk__in=ids).values_list("pk", "name")
    return {str(pk): name for pk, name in rows}


def _public_prefixes() -> frozenset[str]:
    """Return the prefixes that may be named: public ones, and those that redirect to one."""
    public = set(Repository.objects.publiclisted().values_list("prefix", flat=True))
    redirects = RepositoryRedirect.objects.values_list("from_prefix", "to_prefix")
    return frozenset(public | {old for old, new in redirects if new in public})


def _files(period: Period, *, total: int, least: int) -> Ranking:
    """Rank files. Clients may ask for any name, so only files of public Directories are named."""
    rows = FileStat.objects.filter(
        span=Span.MONTH if period.months else Span.DAY,
        day__range=(period.first, period.last),
    ).order_by()
    # Days have many rows, so the greatest of several days are sought among those of their months.
    one_day = period.first == period.last
    likely = (
        rows.all()
        if one_day
        else FileStat.objects.filter(
            span=Span.MONTH, day__range=(period.first.replace(day=1), period.last)
        )
    )
    # What is asked for once or twice cannot be among the greatest.
    often = likely.exclude(path="").filter(count__gte=least).order_by()
    greatest = often.values("path").annotate(sum=Sum("count")).order_by("-sum", "path")
    paths = [row["path"] for row in greatest[:FILES_LOOKED_AT]]
    sums = rows.filter(path__in=paths).values_list("path").annotate(sum=Sum("count"))
    counts = dict(sums)
    counts[OTHER] = total - sum(counts.values())
    known = _known_files(paths)
    return rank(counts, label=lambda path: path if path in known else None, least=least)


def _known_files(paths: Iterable[str]) -> frozenset[str]:
    parents = {path.rpartition("/")[0] for path in paths}
    directories = Directory.objects.filter(path__in=parents, category__publiclist=True)
    return frozenset(
        f"{path}/{entry.name}"
        for path, listing in directories.values_list("path", "listing")
        for entry in unpack_listing(listing)
    ).intersection(paths)


def _systems(today: date, *, public: frozenset[str], least: int) -> dict[str, Ranking]:
    """Rank Repositories and names by the systems of the last whole week."""
    monday = monday_of(today) - timedelta(days=7)
    week = Period("week", monday, monday + timedelta(days=6))
    rows = _rows(week, Dimension.COUNTME, Dimension.SYSTEM).values_list("dimension", "key")
    counts: dict[str, dict[str, int]] = {Dimension.COUNTME: {}, Dimension.SYSTEM: {}}
    for dimension, key, count in rows.annotate(sum=Sum("count")):
        counts[dimension][key] = count
    return {
        "systems": rank(
            fold_systems(counts[Dimension.COUNTME]),
            label=lambda name: name if repository_of(name) in public else None,
            least=least,
        ),
        "system": rank(fold_names(counts[Dimension.SYSTEM]), least=least),
    }


def _weeks(today: date) -> tuple[Week, ...]:
    first = monday_of(today) - timedelta(weeks=WEEKS_SHOWN)
    rows = AccessStat.objects.filter(span=Span.DAY, dimension=AGE, day__gte=first).order_by()
    return fold_weeks(rows.values_list("day", "key", "count"), today=today)


class HostTraffic(NamedTuple):
    """How many clients were offered one Host first, of how many."""

    offered: int
    total: int
    chart: TimeChart

    @property
    def percent(self) -> float:
        """Return the share in percent."""
        return percent_of(self.offered, self.total)


def host_traffic(host: Host, *, today: date) -> HostTraffic:
    """Return the share of a Host in the answers of the last 30 days; one query."""
    first = today - timedelta(days=TRAFFIC_DAYS - 1)
    period = Period("month", first, today)
    rows = _rows(period, Dimension.HOST)
    days = dict.fromkeys(steps_of(period), 0)
    total = 0
    own = Coalesce(Sum("count", filter=Q(key=str(host.pk))), 0)
    counts = rows.order_by().values("day").annotate(own=own, all=Sum("count"))
    for day, counted, everybody in counts.values_list("day", "own", "all"):
        days[day] = counted
        total += everybody
    points = [Point(day, f"{day:%m-%d}", count) for day, count in days.items()]
    return HostTraffic(sum(days.values()), total, lay_out_times(points, noun="clients", height=80))


class FileCounts(NamedTuple):
    """How often clients were sent to mirrors for a file."""

    path: str
    since: date
    total: int
    days: tuple[tuple[date, int], ...]


def file_counts(path: str, since: date) -> FileCounts:
    """Return the downloads of a file, day by day; a file that nobody asked for has none."""
    rows = FileStat.objects.filter(span=Span.DAY, path=path, day__gte=since).order_by("day")
    days = tuple(rows.values_list("day", "count")) if path else ()
    return FileCounts(path, since, sum(count for _, count in days), days)


def public_file_counts(path: str, since: date) -> FileCounts:
    """Return the downloads of a file that is on public pages; of any other there are none."""
    return file_counts(path if path in _known_files([path]) else "", since)._replace(path=path)
