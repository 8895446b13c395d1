"""Load the mirrors that everybody may see; nothing private ever leaves here."""

from django.db.models import Prefetch

from registry.logic.public_list import Copy, Mirror, percent_of, sort_urls
from registry.models import Directory, Host, HostCategory, HostCategoryUrl


def public_mirrors() -> list[Mirror]:
    """Return all listable Hosts with their public Categories and URLs; four queries."""
    copies = (
        HostCategory.objects.publiclisted()
        .defer("up2date")
        .select_related("category")
        .order_by("category__name")
        .prefetch_related(Prefetch("urls", HostCategoryUrl.objects.public(), to_attr="public_urls"))
    )
    hosts = (
        Host.objects.listable()
        .select_related("site", "country", "sponsor")
        .prefetch_related(Prefetch("host_categories", copies, to_attr="public_copies"))
    )
    totals = Directory.objects.crawlable().counts()
    return [_mirror(host, totals) for host in hosts]


def _mirror(host: Host, totals: dict[int, int]) -> Mirror:
    rows: list[HostCategory] = getattr(host, "public_copies")  # noqa: B009 -- made by the prefetch
    return Mirror(
        name=host.name,
        organization=host.site.name,
        home_page=host.site.organization_url,
        country_code=host.country.code,
        country=host.country.name,
        bandwidth_mbps=host.bandwidth_mbps,
        comment=host.comment,
        sponsor=host.sponsor.name if host.sponsor else "",
        sponsor_url=host.sponsor.url if host.sponsor else "",
        copies=tuple(_copy(row, totals.get(row.category_id, 0)) for row in rows),
    )


def _copy(row: HostCategory, total: int) -> Copy:
    urls: list[HostCategoryUrl] = getattr(row, "public_urls")  # noqa: B009 -- as above
    return Copy(
        category=row.category.name,
        urls=sort_urls(url.url for url in urls),
        percent=percent_of(row.up2date_count, total, always_up2date=row.always_up2date),
        crawled_at=row.last_crawled_at,
    )
