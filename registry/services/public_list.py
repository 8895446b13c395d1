"""Load the mirrors that everybody may see; nothing private ever leaves here."""

from collections import defaultdict

from registry.logic.public_list import Copy, Mirror, percent_of, sort_urls
from registry.models import Directory, Host, HostCategory, HostCategoryUrl


def public_mirrors() -> list[Mirror]:
    """Return all listable Hosts with their public Categories and URLs.

    Four queries; Categories and URLs as plain rows, since a network has ten times as many of them
    as Hosts, and this page is the one that everybody opens.
    """
    copies = _copies()
    return [
        Mirror(
            name=host.name,
            organization=host.site.name,
            home_page=host.site.organization_url,
            country_code=host.country.code,
            country=host.country.name,
            bandwidth_mbps=host.bandwidth_mbps,
            comment=host.comment,
            sponsor=host.sponsor.name if host.sponsor else "",
            sponsor_url=host.sponsor.url if host.sponsor else "",
            copies=tuple(copies[host.pk]),
            stability_percent=host.stability_percent,
        )
        for host in Host.objects.listable().select_related("site", "country", "sponsor")
    ]


def _copies() -> dict[int, list[Copy]]:
    """Return what each Host has of the Categories on public pages, by the id of the Host."""
    urls = _urls()
    totals = Directory.objects.crawlable().counts()
    rows = (
        HostCategory.objects.publiclisted()
        .filter(host__in=Host.objects.listable().order_by().values("pk"))
        .order_by("category__name")
        .values_list(
            "pk",
            "host",
            "category",
            "category__name",
            "up2date_count",
            "always_up2date",
            "last_crawled_at",
            "behind",
        )
    )
    copies = defaultdict(list)
    for row, host, category, name, have, always_up2date, crawled_at, behind in rows:
        percent = percent_of(have, totals.get(category, 0), always_up2date=always_up2date)
        seconds = None if behind is None else int(behind.total_seconds())
        copies[host].append(Copy(name, sort_urls(urls[row]), percent, crawled_at, seconds))
    return copies


def _urls() -> dict[int, list[str]]:
    """Return the URLs that clients may get, by the id of the HostCategory."""
    urls = defaultdict(list)
    rows = HostCategoryUrl.objects.public().order_by().values_list("host_category", "url")
    for host_category, url in rows:
        urls[host_category].append(url)
    return urls
