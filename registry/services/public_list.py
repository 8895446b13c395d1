"""Load the mirrors that everybody may see; nothing private ever leaves here."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Max

from registry.logic.public_list import Address, Copy, Line, Mirror, sort_addresses
from registry.models import Event, FamilyState, Host, HostCategory, HostCategoryUrl

# Beyond so many ids, all rows are read and those of others skipped: databases limit parameters.
IDS_ASKED_FOR = 500
FIELDS = ("name", "bandwidth_mbps", "comment", "stability_percent")
LOOKED_UP = {
    "organization": "site__name",
    "home_page": "site__organization_url",
    "country_code": "country",
    "country": "country__name",
    "sponsor": "sponsor__name",
    "sponsor_url": "sponsor__url",
    "sponsor_logo_url": "sponsor__logo_url",
}


def public_revision() -> str:
    """Return a text that changes when people change what pages show; one query."""
    return str(Event.objects.aggregate(newest=Max("id"))["newest"] or 0)


def public_lines(country: str = "") -> list[Line]:
    """Return all listable Hosts, or those of a country; one query."""
    hosts = Host.objects.listable().order_by()
    if country:
        hosts = hosts.filter(country=country)
    rows = hosts.values_list(
        "pk", "name", "country", "country__name", "bandwidth_mbps", "stability_percent"
    )
    return [Line(*row) for row in rows]


def public_mirrors(ids: Sequence[int]) -> list[Mirror]:
    """Return some listable Hosts with their public Categories and URLs, in the order of the ids.

    Three queries. Ids of other Hosts are left out, whoever gave them.
    """
    copies = _copies(ids)
    rows = Host.objects.listable().order_by()
    if len(ids) <= IDS_ASKED_FOR:
        rows = rows.filter(pk__in=ids)
    found = {
        row["pk"]: _mirror(row, tuple(copies[row["pk"]]))
        for row in rows.values("pk", *FIELDS, *LOOKED_UP.values())
    }
    return [found[pk] for pk in ids if pk in found]


def _mirror(row: Mapping[str, Any], copies: tuple[Copy, ...]) -> Mirror:
    """Return a mirror; who has no sponsor thanks the empty text."""
    facts: dict[str, Any] = {name: row[name] for name in FIELDS}
    facts |= {name: row[path] or "" for name, path in LOOKED_UP.items()}
    return Mirror(id=row["pk"], copies=copies, **facts)


def _copies(ids: Collection[int]) -> dict[int, list[Copy]]:
    """Return what each Host has of the Categories on public pages, by the id of the Host."""
    rows = HostCategory.objects.publiclisted().order_by("category__name")
    if len(ids) <= IDS_ASKED_FOR:
        rows = rows.filter(host__in=ids)
    urls = _urls(ids)
    copies = defaultdict(list)
    for row, host, category, name, always_up2date, visited_at, behind in rows.values_list(
        "pk", "host", "category", "category__name", "always_up2date", "last_crawled_at", "behind"
    ):
        if row in urls:
            seconds = None if behind is None else int(behind.total_seconds())
            copies[host].append(
                Copy(category, name, urls[row], visited_at, seconds, always_up2date)
            )
    return copies


def _urls(ids: Collection[int]) -> dict[int, tuple[Address, ...]]:
    """Return the URLs that clients may get, by the id of the HostCategory."""
    rows = HostCategoryUrl.objects.public().order_by()
    if len(ids) <= IDS_ASKED_FOR:
        rows = rows.filter(host_category__host__in=ids)
    urls = defaultdict(list)
    for host_category, url, ipv6 in rows.values_list("host_category", "url", "ipv6_state"):
        urls[host_category].append(Address(url, ipv6 == FamilyState.WORKING))
    return {host_category: sort_addresses(found) for host_category, found in urls.items()}
