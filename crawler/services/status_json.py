"""Load the public URLs for the status in Arch Linux's form; nothing private leaves here."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Max

from crawler.logic.status_json import CUTOFF, VERSION, Mirror, describe_mirror, format_moment
from crawler.models import CrawlRun, RunState
from registry.models import Host, HostCategory, HostCategoryUrl

COLUMNS = (
    "url",
    "state",
    "ipv4_state",
    "ipv6_state",
    "host_category__category__name",
    "host_category__last_crawled_at",
    "host_category__behind",
    "host_category__host",
    "host_category__host__country__name",
    "host_category__host__country",
    "host_category__host__stability_percent",
    "host_category__host__max_file_mb",
)


def load_status(*, now: datetime, category: str = "") -> dict[str, Any]:
    """Return the whole document, of one Category if it is named; three queries."""
    urls = _urls(category)
    visits = CrawlRun.objects.filter(
        state=RunState.FINISHED, started_at__gte=now - CUTOFF, host__in=_listable()
    )
    most = visits.order_by().values("host").annotate(visits=Count("pk"))
    crawled = Host.objects.listable().aggregate(last=Max("last_crawled_at"))["last"]
    return {
        "cutoff": int(CUTOFF.total_seconds()),
        "last_check": None if crawled is None else format_moment(crawled),
        "num_checks": most.aggregate(most=Max("visits"))["most"] or 0,
        "check_frequency": int(settings.CRAWLER_INTERVAL.total_seconds()),
        "urls": urls,
        "version": VERSION,
    }


def _listable() -> Any:
    return Host.objects.listable().order_by().values("pk")


def _urls(category: str) -> list[dict[str, Any]]:
    copies = HostCategory.objects.publiclisted().filter(host__in=_listable())
    if category:
        copies = copies.filter(category__name=category)
    rows = HostCategoryUrl.objects.public().filter(host_category__in=copies.order_by().values("pk"))
    return [
        describe_mirror(_mirror(row))
        for row in rows.order_by("url").values_list(*COLUMNS, named=False)
    ]


def _mirror(row: tuple[Any, ...]) -> Mirror:
    url, state, ipv4, ipv6, category, crawled_at, behind, host, name, code, stability, largest = row
    return Mirror(
        url=url,
        category=category,
        country=name,
        country_code=code,
        state=state,
        ipv4_state=ipv4,
        ipv6_state=ipv6,
        crawled_at=crawled_at,
        behind=behind,
        stability_percent=stability,
        whole_files=largest is None,
        details=f"{settings.BASE_URL}/api/v1/hosts/{host}/",
    )
