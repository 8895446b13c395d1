"""Count what goes with a Site or Host that somebody is about to delete. Deletes nothing."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from registry.models import Host, HostCategory, HostCategoryUrl, HostNetblock, HostToken, Site


def count_belongings(thing: Site | Host) -> Mapping[str, int]:
    """Return how much there is of what would be deleted with it, by the noun; zeros are left out.

    A query for each kind.
    """
    hosts = Host.objects.filter(pk=thing.pk) if isinstance(thing, Host) else thing.hosts.all()
    rows: dict[str, QuerySet[Any]] = {
        "categories": HostCategory.objects.filter(host__in=hosts),
        "urls": HostCategoryUrl.objects.filter(host_category__host__in=hosts),
        "netblocks": HostNetblock.objects.filter(host__in=hosts),
        "tokens": HostToken.objects.filter(host__in=hosts, revoked_at=None),
    }
    if isinstance(thing, Site):
        rows = {"hosts": hosts, **rows, "webhooks": thing.webhooks.all()}
    counts = {name: found.order_by().count() for name, found in rows.items()}
    return {name: count for name, count in counts.items() if count}
