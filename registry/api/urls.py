"""Addresses of the registry below /api/v1/. Ids have at most 18 digits: databases take no more."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path

from registry.api import (
    approvals,
    catalog,
    host_parts,
    hosts,
    operations,
    sites,
    transfers,
)

READ: dict[str, Any] = {"get": "list"}
ONE: dict[str, Any] = {"get": "retrieve"}
ADD: dict[str, Any] = {"get": "list", "post": "create"}
CHANGE: dict[str, Any] = {"patch": "partial_update"}
REMOVE: dict[str, Any] = {"delete": "destroy"}


def route(
    text: str, view: Any, actions: Mapping[str, Any] | None = None, name: str = ""
) -> URLPattern:
    """Return the pattern of an address; `{name}` stands for an id."""
    pattern = text
    for ident in ("pk", "site", "host", "copy"):
        pattern = pattern.replace(f"{{{ident}}}", f"(?P<{ident}>[0-9]{{1,18}})")
    made: Callable[..., HttpResponseBase] = (
        view.as_view() if actions is None else view.as_view(dict(actions))
    )
    return re_path(f"^{pattern}$", made, name=name or text.replace("/", "-").strip("-"))


urlpatterns = [
    route("countries/", catalog.Countries, READ),
    re_path("^countries/(?P<code>[A-Z]{2})/$", catalog.Countries.as_view(ONE), name="country"),
    route("products/", catalog.Products, READ),
    route("products/{pk}/", catalog.Products, ONE),
    route("versions/", catalog.Versions, READ),
    route("versions/{pk}/", catalog.Versions, ONE),
    route("arches/", catalog.Arches, READ),
    route("arches/{pk}/", catalog.Arches, ONE),
    route("categories/", catalog.Categories, READ),
    route("categories/{pk}/", catalog.Categories, ONE),
    route("sites/", sites.Sites, ADD),
    route("sites/{pk}/", sites.Sites, ONE | CHANGE | REMOVE),
    route("sites/{site}/events/", sites.SiteEvents, READ),
    route("sites/{site}/admins/", sites.SiteAdmins, ADD),
    route("sites/{site}/admins/{pk}/", sites.SiteAdmins, REMOVE),
    route("sites/{site}/invitations/", sites.Invitations, ADD),
    route("sites/{site}/invitations/{pk}/", sites.Invitations, REMOVE),
    route("hosts/", hosts.Hosts, ADD),
    route("hosts/{pk}/", hosts.Hosts, ONE | CHANGE | REMOVE),
    route("hosts/{host}/categories/", host_parts.Copies, ADD),
    route("hosts/{host}/categories/{pk}/", host_parts.Copies, REMOVE),
    route("hosts/{host}/categories/{copy}/urls/", host_parts.Urls, ADD),
    route("hosts/{host}/categories/{copy}/urls/{pk}/", host_parts.Urls, CHANGE | REMOVE),
    route("hosts/{host}/netblocks/", host_parts.Netblocks, ADD),
    route("hosts/{host}/netblocks/{pk}/", host_parts.Netblocks, REMOVE),
    route("hosts/{host}/allowed-countries/", host_parts.AllowedCountries, ADD),
    route("hosts/{host}/allowed-countries/{pk}/", host_parts.AllowedCountries, REMOVE),
    route("hosts/{host}/acl-addresses/", host_parts.AclAddresses, ADD),
    route("hosts/{host}/acl-addresses/{pk}/", host_parts.AclAddresses, REMOVE),
    route("hosts/{host}/events/", host_parts.HostEvents, READ),
    route("hosts/{host}/issues/", host_parts.Issues, READ),
    route("hosts/{host}/transfer/", transfers.Transfers, {"post": "create"}),
    route("transfers/", transfers.Transfers, READ),
    route("transfers/{pk}/", transfers.Transfers, REMOVE),
    route("transfers/{pk}/accept/", transfers.Transfers, {"post": "accept"}),
    route("approvals/", approvals.Approvals),
    re_path(
        "^approvals/(?P<kind>[a-z]+)/(?P<pk>[0-9]{1,18})/approve/$", approvals.Approve.as_view()
    ),
    re_path("^approvals/(?P<kind>[a-z]+)/(?P<pk>[0-9]{1,18})/reject/$", approvals.Reject.as_view()),
    route("operations/", operations.Operations),
    re_path("^operations/(?P<slug>[a-z-]+)/$", operations.RunOperation.as_view()),
]
