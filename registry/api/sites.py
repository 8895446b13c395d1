"""Sites: read by everybody as far as they may be seen, changed by SiteAdmins and operators."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from django_q.tasks import async_task
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.access import actor_of, find_site, person_of
from registry.api.base import Rows, fields_of, only, seen_revision
from registry.api.documents import (
    EventDocument,
    InvitationDocument,
    SiteAdminDocument,
    SiteDocument,
)
from registry.api.inputs import InvitationInput, SiteAdminInput, SiteInput
from registry.logic.owner_fields import SITE
from registry.models import Event, Invitation, Site, SiteAdmin
from registry.services.edits import edit, remove
from registry.services.people import (
    add_admin,
    invite_admin,
    remove_admin,
    withdraw_invitation,
)
from registry.services.sites import register_site
from registry.services.visible_hosts import sight_of


class SiteFilter(filters.FilterSet):
    """Which Sites are listed."""

    name = filters.CharFilter(lookup_expr="icontains")
    mine = filters.BooleanFilter(method="keep_mine", label="Only those that you inspect.")

    class Meta:
        model = Site
        fields: list[str] = []

    def keep_mine(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001 -- as called
        return rows.inspectable_by(self.request.user) if value else rows


class Sites(RetrieveModelMixin, Rows):
    """Organizations that run mirrors. Their SiteAdmins and operators see and change more."""

    queryset = Site.objects.none()
    serializer_class = SiteDocument
    filterset_class = SiteFilter
    ordering_fields = ["name"]

    def get_queryset(self) -> QuerySet[Site]:
        return Site.objects.readable_by(person_of(self.request)).order_by("name", "pk")

    def get_serializer_context(self) -> dict[str, Any]:
        if not hasattr(self, "_sight"):
            self._sight = sight_of(person_of(self.request))
        return super().get_serializer_context() | {"sight": self._sight}

    @extend_schema(request=SiteInput, responses={201: SiteDocument})
    def create(self, request: Request) -> Response:
        """Register a Site of which you are SiteAdmin. It may have to wait for an operator."""
        body = SiteInput(data=fields_of(request, SITE))
        body.is_valid(raise_exception=True)
        site = register_site(body.validated_data, actor=actor_of(request), now=timezone.now())
        return Response(self.get_serializer(site).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SiteInput, responses=SiteDocument)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields. Needs If-Match with the ETag of the Site."""
        site = find_site(request, pk, manage=True)
        body = SiteInput(data=fields_of(request, SITE), partial=True)
        body.is_valid(raise_exception=True)
        seen = seen_revision(request, site)
        edit(site, body.validated_data, actor=actor_of(request), now=timezone.now(), seen=seen)
        return Response(self.get_serializer(site).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a Site with all its Hosts. Needs If-Match with its ETag."""
        site = find_site(request, pk, manage=True)
        seen_revision(request, site)
        remove(site, actor=actor_of(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class OfSite(Rows):
    """Something that belongs to one Site, for those who may see its inner matters."""

    filter_backends: Any = []
    manage = False

    def site(self, *, manage: bool = False) -> Site:
        return find_site(self.request, self.kwargs["site"], manage=manage)


class SiteEvents(OfSite):
    """What happened to a Site and its Hosts, newest first."""

    queryset = Event.objects.none()
    serializer_class = EventDocument

    def get_queryset(self) -> QuerySet[Event]:
        return self.site().events.select_related("actor").order_by("-at", "-pk")


class SiteAdmins(OfSite):
    """Who may edit a Site."""

    queryset = SiteAdmin.objects.none()
    serializer_class = SiteAdminDocument

    def get_queryset(self) -> QuerySet[SiteAdmin]:
        return self.site().admins.select_related("user").order_by("user__username")

    @extend_schema(request=SiteAdminInput, responses={201: SiteAdminDocument})
    def create(self, request: Request, site: int) -> Response:
        """Let an existing account edit the Site."""
        managed = self.site(manage=True)
        body = SiteAdminInput(data=only(request, "username"))
        body.is_valid(raise_exception=True)
        name = body.validated_data["username"]
        row = add_admin(managed, name, actor=actor_of(request), now=timezone.now())
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, site: int, pk: int) -> Response:
        """Take somebody's right to edit the Site; the last one stays."""
        row = get_object_or_404(self.site(manage=True).admins.select_related("user"), pk=pk)
        remove_admin(row, actor=actor_of(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Invitations(OfSite):
    """Who was invited to edit a Site by a letter."""

    queryset = Invitation.objects.none()
    serializer_class = InvitationDocument

    def get_queryset(self) -> QuerySet[Invitation]:
        return self.site(manage=True).invitations.order_by("-created_at", "-pk")

    @extend_schema(request=InvitationInput, responses={201: InvitationDocument})
    def create(self, request: Request, site: int) -> Response:
        """Invite whoever reads an address."""
        managed = self.site(manage=True)
        body = InvitationInput(data=only(request, "email"))
        body.is_valid(raise_exception=True)
        email = body.validated_data["email"]
        row = invite_admin(managed, email, actor=actor_of(request), now=timezone.now())
        async_task("registry.tasks.write_invitation", row.pk)
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, site: int, pk: int) -> Response:
        """Withdraw an invitation that nobody accepted yet."""
        opened = self.site(manage=True).invitations.filter(accepted_at=None)
        row = get_object_or_404(opened.select_related("site"), pk=pk)
        withdraw_invitation(row, actor=actor_of(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
