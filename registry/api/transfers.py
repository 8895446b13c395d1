"""Hosts that move to another Site: offered by one side, accepted by the other."""

from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.access import SignedIn, WithinScope, actor_of, find_host, find_site, person_of
from registry.api.base import Rows, only
from registry.api.documents import TransferDocument
from registry.api.inputs import TransferInput
from registry.models import HostTransfer, Site
from registry.services.hosts import accept_host, offer_host, withdraw_offer


class Transfers(Rows):
    """The offers that concern you: of your Hosts, and to your Sites."""

    queryset = HostTransfer.objects.none()
    serializer_class = TransferDocument
    permission_classes = [SignedIn, WithinScope]
    filter_backends: Any = []

    def get_queryset(self) -> QuerySet[HostTransfer]:
        return self._of(Site.objects.inspectable_by(person_of(self.request)))

    def _of(self, sites: QuerySet[Site]) -> QuerySet[HostTransfer]:
        mine = sites.order_by().values("pk")
        return (
            HostTransfer.objects.filter(Q(host__site__in=mine) | Q(to_site__in=mine))
            .select_related("host__site", "to_site")
            .order_by("-created_at", "-pk")
        )

    @extend_schema(request=TransferInput, responses={201: TransferDocument})
    def create(self, request: Request, host: int) -> Response:
        """Offer a Host of yours to another Site. A later offer replaces an earlier one."""
        managed = find_host(request, host, manage=True)
        body = TransferInput(data=only(request, "to_site"))
        body.is_valid(raise_exception=True)
        name = body.validated_data["to_site"]
        offer = offer_host(managed, name, actor=actor_of(request), now=timezone.now())
        return Response(self.get_serializer(offer).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    def accept(self, request: Request, pk: int) -> Response:
        """Take over a Host that was offered to a Site of yours."""
        offer = self._mine(pk)
        find_site(request, offer.to_site_id, manage=True)
        accept_host(offer, actor=actor_of(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Withdraw or decline an offer; the Host stays where it is."""
        withdraw_offer(self._mine(pk), actor=actor_of(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _mine(self, pk: int) -> HostTransfer:
        managed = Site.objects.managed_by(person_of(self.request))
        return get_object_or_404(self._of(managed), pk=pk)
