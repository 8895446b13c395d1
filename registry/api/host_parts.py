"""What belongs to one Host: Categories, URLs, netblocks, countries, addresses, its timeline.

Each row is looked up below the Host of the address, so that nobody reaches those of others.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.db import models
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.access import actor_of, find_host
from registry.api.base import Rows, only
from registry.api.documents import (
    AclAddressDocument,
    AllowedCountryDocument,
    CopyDocument,
    EventDocument,
    IssueDocument,
    NetblockDocument,
    UrlDocument,
)
from registry.api.inputs import (
    AclAddressInput,
    AllowedCountryInput,
    CarryInput,
    NetblockInput,
    NewUrlInput,
    UrlInput,
)
from registry.api.problems import RefusedError
from registry.models import (
    Category,
    DirectoryIssue,
    Event,
    Host,
    HostAclIp,
    HostCategory,
    HostCategoryUrl,
    HostCountryAllowed,
    HostNetblock,
)
from registry.services.acl import add_acl_address, remove_acl_address
from registry.services.audiences import add_country, remove_country
from registry.services.hosts import add_url, carry, change_url, remove_url, stop_carrying
from registry.services.netblocks import add_netblock, remove_netblock
from registry.services.visible_hosts import Sight, directory_counts

# Whoever gets so far may see everything of the Host.
OWN = Sight(everything=True, sites=frozenset())


class OfHost(Rows):
    """Something that belongs to one Host, for those who may see its inner matters."""

    filter_backends: Any = []
    # How a row is taken away; the service records it.
    remove: Callable[..., None]

    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"sight": OWN}

    def host(self, *, manage: bool = False) -> Host:
        return find_host(self.request, self.kwargs["host"], manage=manage)

    def rows(self, host: Host) -> QuerySet[Any]:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        return self.rows(self.host())

    def body(self, kind: type[Any]) -> dict[str, Any]:
        """Return the body of the request as `kind` reads it; nothing else may be in it."""
        data = only(self.request, *kind().fields)
        body = kind(data=data)
        body.is_valid(raise_exception=True)
        return cast("dict[str, Any]", body.validated_data)

    def how(self) -> dict[str, Any]:
        """Return who does it, and when."""
        return {"actor": actor_of(self.request), "now": timezone.now()}

    def check_removable(self, row: Any) -> None:
        """Raise RefusedError if a row is not removed by hand."""

    def created(self, row: models.Model) -> Response:
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, **ids: int) -> Response:
        """Take it away."""
        row = get_object_or_404(self.rows(self.host(manage=True)), pk=ids["pk"])
        self.check_removable(row)
        type(self).remove(row, **self.how())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Copies(OfHost):
    """The Categories that a Host carries, and what it has of them."""

    queryset = HostCategory.objects.none()
    serializer_class = CopyDocument
    remove = staticmethod(stop_carrying)

    def rows(self, host: Host) -> QuerySet[HostCategory]:
        urls = HostCategoryUrl.objects.order_by("url")
        return (
            host.host_categories.select_related("category", "host__site")
            .defer("up2date")
            .order_by("category__name")
            .prefetch_related(models.Prefetch("urls", queryset=urls, to_attr="seen_urls"))
        )

    def get_serializer_context(self) -> dict[str, Any]:
        if not hasattr(self, "_totals"):
            self._totals = directory_counts()
        return super().get_serializer_context() | {"totals": self._totals}

    @extend_schema(request=CarryInput, responses={201: CopyDocument})
    def create(self, request: Request, host: int) -> Response:
        """Let the Host carry a Category."""
        managed = self.host(manage=True)
        category = Category.objects.filter(pk=self.body(CarryInput)["category"]).first()
        if category is None:
            raise RefusedError("There is no Category with this id. See /api/v1/categories/.")
        return self.created(carry(managed, category, **self.how()))


class Urls(OfHost):
    """The URLs under which a Host offers one Category."""

    queryset = HostCategoryUrl.objects.none()
    serializer_class = UrlDocument
    remove = staticmethod(remove_url)

    def rows(self, host: Host) -> QuerySet[HostCategoryUrl]:
        copy = self._copy(host)
        return copy.urls.select_related("host_category__host__site").order_by("url")

    def _copy(self, host: Host) -> HostCategory:
        copies = host.host_categories.select_related("host__site", "category").defer("up2date")
        return get_object_or_404(copies, pk=self.kwargs["copy"])

    @extend_schema(request=NewUrlInput, responses={201: UrlDocument})
    def create(self, request: Request, host: int, copy: int) -> Response:
        """Add a URL. One with a host name that is new for the Host waits for an operator."""
        row = self._copy(self.host(manage=True))
        body = self.body(NewUrlInput)
        return self.created(add_url(row, body["url"], private=body["private"], **self.how()))

    @extend_schema(request=UrlInput, responses=UrlDocument)
    def partial_update(self, request: Request, host: int, copy: int, pk: int) -> Response:
        """Give a URL another address; what was found at the old one is forgotten."""
        row = get_object_or_404(self.rows(self.host(manage=True)), pk=pk)
        changed = change_url(row, self.body(UrlInput)["url"], **self.how())
        return Response(self.get_serializer(changed).data)


class Netblocks(OfHost):
    """The address ranges whose clients prefer a Host."""

    queryset = HostNetblock.objects.none()
    serializer_class = NetblockDocument
    remove = staticmethod(remove_netblock)

    def rows(self, host: Host) -> QuerySet[HostNetblock]:
        return host.netblocks.select_related("source", "host__site").order_by("netblock", "pk")

    def check_removable(self, row: HostNetblock) -> None:
        if row.source is not None:
            raise RefusedError(
                f"{row.netblock} comes from the list “{row.source.name}”, which would bring it "
                "back. Ask an operator to change the list."
            )

    @extend_schema(request=NetblockInput, responses={201: NetblockDocument})
    def create(self, request: Request, host: int) -> Response:
        """Add an address range. One that is very wide waits for an operator."""
        managed = self.host(manage=True)
        body = self.body(NetblockInput)
        try:
            row = add_netblock(managed, body["netblock"], name=body["name"], **self.how())
        except ValueError as error:
            raise RefusedError(str(error)) from error
        return self.created(row)


class AllowedCountries(OfHost):
    """If there are any: the only countries whose clients are sent to a Host."""

    queryset = HostCountryAllowed.objects.none()
    serializer_class = AllowedCountryDocument
    remove = staticmethod(partial(remove_country, kind="allowed"))

    def rows(self, host: Host) -> QuerySet[HostCountryAllowed]:
        return host.countries_allowed.select_related("country", "host__site").order_by("country")

    @extend_schema(request=AllowedCountryInput, responses={201: AllowedCountryDocument})
    def create(self, request: Request, host: int) -> Response:
        """Allow a country."""
        managed = self.host(manage=True)
        country = self.body(AllowedCountryInput)["country"]
        return self.created(add_country(managed, "allowed", country, **self.how()))


class AclAddresses(OfHost):
    """The addresses from which a Host pulls, so that upstreams let it in."""

    queryset = HostAclIp.objects.none()
    serializer_class = AclAddressDocument
    remove = staticmethod(remove_acl_address)

    def rows(self, host: Host) -> QuerySet[HostAclIp]:
        return host.acl_ips.select_related("host__site").order_by("ip")

    @extend_schema(request=AclAddressInput, responses={201: AclAddressDocument})
    def create(self, request: Request, host: int) -> Response:
        """Add an address."""
        managed = self.host(manage=True)
        return self.created(
            add_acl_address(managed, self.body(AclAddressInput)["ip"], **self.how())
        )


class HostEvents(OfHost):
    """What happened to a Host, newest first."""

    queryset = Event.objects.none()
    serializer_class = EventDocument

    def rows(self, host: Host) -> QuerySet[Event]:
        return host.events.select_related("actor").order_by("-at", "-pk")


class Issues(OfHost):
    """The Directories that are wrong on a Host, each with the reason."""

    queryset = DirectoryIssue.objects.none()
    serializer_class = IssueDocument

    def rows(self, host: Host) -> QuerySet[DirectoryIssue]:
        return (
            DirectoryIssue.objects.filter(host_category__host=host)
            .select_related("host_category__category", "directory")
            .defer("host_category__up2date", "directory__listing", "directory__digest")
            .order_by("directory__path", "pk")
        )
