"""Which pages the benchmark of pages asks for, by who asks; ids in braces are of its world."""

from collections.abc import Iterator
from typing import Any

PUBLIC = (
    "/",
    "/mirrors/",
    "/mirrors/?sort=stability&protocol=rsync&ipv6=1",
    "/mirrors/?page=10",
    "/mirrors/Fedora/",
    "/mirrors/Fedora/41/",
    "/mirrors/Fedora/41/x86_64/",
    "/mirrors.json?country=DE",
    "/mirrors.json",
    "/mirrors.csv",
    "/mirrors.csv?protocol=rsync&ipv6=1",
    "/mirrors/host/{host}/",
    "/mirrors/host/{host}/?format=json",
    "/mirrors/for-me/?ip=193.99.144.80",
    "/map/",
    "/map/?format=json",
    "/status/",
    "/status.json",
    "/help/",
    "/help/use/",
    "/help/mirror/",
    "/help/api/",
    "/feeds/mirrors.atom",
    "/feeds/repositories.atom",
    "/feeds/last-sync.atom",
    "/feeds/last-sync.json",
    "/propagation/",
    "/propagation.json",
    "/propagation/c1-releases-f41/",
    "/propagation/c1-releases-f41.json",
    "/statistics/",
    "/statistics.json",
    "/statistics.csv",
    "/crawler/",
    "/rsync_filter/?categories=Category+0&since=0&stripprefix=pub",
    "/rsync_acl",
    "/robots.txt",
    "/healthz/ready",
    "/accounts/login/",
    "/accounts/password/",
)
OWNER = (
    "/",
    "/mirrors/",
    "/my/",
    "/my/add/",
    "/my/account/",
    "/my/account/password/",
    "/my/account/tokens/",
    "/my/notifications/",
    "/my/sites/new/",
    "/my/sites/{site}/",
    "/my/sites/{site}/edit/",
    "/my/sites/{site}/delete/",
    "/my/sites/{site}/people/",
    "/my/sites/{site}/hosts/new/",
    "/my/sites/{site}/webhooks/",
    "/my/hosts/{host}/",
    "/my/hosts/{host}/edit/",
    "/my/hosts/{host}/delete/",
    "/my/hosts/{host}/offer/",
    "/my/hosts/{host}/categories/",
    "/my/hosts/{host}/categories/{copy}/urls/{url}/",
    "/my/hosts/{host}/clients/",
    "/my/hosts/{host}/netblocks/",
    "/my/hosts/{host}/explain/",
    "/my/hosts/{host}/crawl/progress/",
    "/api/v1/sites/?mine=true",
    "/api/v1/hosts/?mine=true",
    "/api/v1/hosts/?limit=500",
    "/api/v1/hosts/{host}/",
)
API = (
    "/api/v1/",
    "/api/v1/schema/",
    "/api/v1/status/",
    "/api/v1/statistics/",
    "/api/v1/snapshots/",
    "/api/v1/countries/?limit=500",
    "/api/v1/products/",
    "/api/v1/versions/",
    "/api/v1/arches/",
    "/api/v1/categories/",
    "/api/v1/sites/?limit=500",
    "/api/v1/hosts/",
    "/api/v1/hosts/?limit=500",
    "/api/v1/hosts/?limit=500&category=Category+1",
    "/api/v1/hosts/{host}/",
    "/api/v1/repositories/?limit=500",
    "/api/v1/repositories/{repository}/propagation/?limit=500",
    "/api/repositories",
)
INNER_API = (
    "/api/v1/sites/?limit=500",
    "/api/v1/sites/{site}/",
    "/api/v1/sites/{site}/events/?limit=500",
    "/api/v1/sites/{site}/admins/",
    "/api/v1/sites/{site}/invitations/",
    "/api/v1/hosts/?limit=500",
    "/api/v1/hosts/{host}/",
    "/api/v1/hosts/{host}/categories/",
    "/api/v1/hosts/{host}/categories/{copy}/urls/",
    "/api/v1/hosts/{host}/netblocks/?limit=500",
    "/api/v1/hosts/{host}/allowed-countries/",
    "/api/v1/hosts/{host}/acl-addresses/",
    "/api/v1/hosts/{host}/events/?limit=500",
    "/api/v1/hosts/{host}/issues/?limit=500",
    "/api/v1/hosts/{host}/crawls/?limit=500",
    "/api/v1/transfers/",
    "/api/v1/approvals/",
    "/api/v1/operations/",
    "/api/v1/snapshots/",
    "/api/mirroradmins",
)
# Besides the list, the form to add and the first page of every table.
OPERATOR = (
    "/admin/",
    "/admin/approvals/",
    "/admin/approvals/?kind=hostcategoryurl",
    "/admin/approvals/?kind=hostnetblock",
    "/admin/operations/",
    "/admin/reference/",
    "/admin/rules/try/",
    "/admin/registry/host/?standing=listed",
    "/admin/registry/host/?standing=late",
    "/admin/registry/host/?q=mirror99",
    "/admin/registry/host/?p=15",
    "/admin/registry/event/?kind__exact=changed",
    "/admin/registry/event/?q=mirror",
    "/admin/registry/directory/?q=000017",
    "/admin/registry/host/{host}/history/",
    "/admin/mirrorlist/snapshot/explain/?host={host}",
)
REVIEWER = (
    "/admin/",
    "/admin/approvals/",
    "/admin/registry/host/",
    "/admin/registry/host/{host}/change/",
    "/admin/registry/site/{site}/change/",
)


def admin_addresses(user: Any) -> Iterator[str]:
    """Return the list, the form to add if there is one, and the first page of every table."""
    from django.contrib import admin
    from django.contrib.admin.utils import quote
    from django.test import RequestFactory
    from django.urls import reverse

    request = RequestFactory().get("/admin/")
    request.user = user
    for model, page in sorted(admin.site._registry.items(), key=lambda each: str(each[0])):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        first: Any = page.model._default_manager.order_by("pk").values_list("pk", flat=True).first()
        if first is not None:
            yield reverse(f"{name}_change", args=[quote(first)])
        if page.has_add_permission(request):
            yield reverse(f"{name}_add")
