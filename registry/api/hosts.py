"""Hosts: read by everybody as far as they may be seen, changed by their people and operators."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.access import actor_of, find_host, find_site, person_of
from registry.api.base import Rows, fields_of, seen_revision
from registry.api.documents import HostDocument
from registry.api.inputs import HostInput, NewHostInput
from registry.logic.owner_fields import HOST
from registry.models import Host, HostCategory
from registry.services.edits import edit, remove
from registry.services.hosts import add_host
from registry.services.visible_hosts import (
    directory_counts,
    seen_copies,
    sight_of,
    visible_hosts,
)


class HostFilter(filters.FilterSet):
    """Which Hosts are listed."""

    name = filters.CharFilter(lookup_expr="icontains")
    country = filters.CharFilter(field_name="country", max_length=2)
    site = filters.NumberFilter(field_name="site", min_value=1, max_value=2**63 - 1)
    category = filters.CharFilter(method="keep_category", label="Name of a Category it carries.")
    mine = filters.BooleanFilter(method="keep_mine", label="Only those that you inspect.")

    class Meta:
        model = Host
        fields: list[str] = []

    def keep_category(self, rows: Any, name: str, value: str) -> Any:
        copies = HostCategory.objects.readable_by(self.request.user).filter(category__name=value)
        return rows.filter(pk__in=copies.order_by().values("host"))

    def keep_mine(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001 -- as called
        return rows.inspectable_by(self.request.user) if value else rows


class Hosts(RetrieveModelMixin, Rows):
    """Mirrors. Strangers see those that clients may be sent to; their own people see more."""

    queryset = Host.objects.none()
    serializer_class = HostDocument
    filterset_class = HostFilter
    ordering_fields = ["name", "country", "bandwidth_mbps", "stability_percent", "last_crawled_at"]

    def get_queryset(self) -> QuerySet[Host]:
        return visible_hosts(person_of(self.request)).order_by("name", "pk")

    def get_serializer_context(self) -> dict[str, Any]:
        if not hasattr(self, "_known"):
            sight = sight_of(person_of(self.request))
            self._known = {"sight": sight, "totals": directory_counts()}
        return super().get_serializer_context() | self._known

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        rows = args[0] if args else []
        ids = [row.pk for row in (rows if isinstance(rows, list) else [rows])]
        copies = seen_copies(ids, person_of(self.request)) if ids else {}
        kwargs["context"] = self.get_serializer_context() | {"copies": copies}
        return self.get_serializer_class()(*args, **kwargs)

    @extend_schema(request=NewHostInput, responses={201: HostDocument})
    def create(self, request: Request) -> Response:
        """Add a Host to a Site of yours. It may have to wait for an operator."""
        data = fields_of(request, HOST, besides=frozenset({"site"}))
        body = NewHostInput(data=data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        site = find_site(request, values.pop("site"), manage=True)
        host = add_host(site, values, actor=actor_of(request), now=timezone.now())
        return self._shown(host.pk, status=status.HTTP_201_CREATED)

    @extend_schema(request=HostInput, responses=HostDocument)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields. Needs If-Match with the ETag of the Host."""
        host = find_host(request, pk, manage=True)
        body = HostInput(data=fields_of(request, HOST), partial=True)
        body.is_valid(raise_exception=True)
        seen = seen_revision(request, host)
        edit(host, body.validated_data, actor=actor_of(request), now=timezone.now(), seen=seen)
        return self._shown(pk)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a Host with everything that belongs to it. Needs If-Match with its ETag."""
        host = find_host(request, pk, manage=True)
        seen_revision(request, host)
        remove(host, actor=actor_of(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _shown(self, pk: int, *, status: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=pk)).data, status=status)
