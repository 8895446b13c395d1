"""Visits of a Host: those that were, for those who may see them, and one now."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from crawler.logic.requests import RequestPolicy, RequestReason
from crawler.models import CrawlRun
from crawler.services.crawl_requests import request_crawl
from registry.api.access import actor_of, find_host
from registry.api.base import ApiView, only
from registry.api.host_parts import OfHost
from registry.models import Host

STATUS = {
    RequestReason.GRANTED: status.HTTP_202_ACCEPTED,
    RequestReason.NOT_VISITED: status.HTTP_422_UNPROCESSABLE_ENTITY,
}


class CrawlDocument(serializers.ModelSerializer[CrawlRun]):
    """One visit, and what it found."""

    class Meta:
        model = CrawlRun
        fields = ["id", "mode", "state", "reason", "started_at", "finished_at", "counts", "log"]


class Crawls(OfHost):
    """The visits of a Host, newest first."""

    queryset = CrawlRun.objects.none()
    serializer_class = CrawlDocument

    def rows(self, host: Host) -> QuerySet[CrawlRun]:
        return host.crawls.order_by("-started_at", "-pk")


class Answer(serializers.Serializer[dict[str, str]]):
    """What becomes of the request."""

    reason = serializers.CharField()
    sentence = serializers.CharField()


class CrawlNow(ApiView):
    """A visit of a Host that its people ask for."""

    write_scope = "crawl"

    @extend_schema(request=None, responses={202: Answer})
    def post(self, request: Request, host: int) -> Response:
        """Have a Host visited as soon as a crawler is free."""
        only(request)
        managed = find_host(request, host, manage=True)
        verdict = request_crawl(
            managed, actor=actor_of(request), now=timezone.now(), policy=RequestPolicy()
        )
        answer = {"reason": verdict.reason.value, "sentence": verdict.sentence}
        if not verdict.granted:
            answer = {"error": verdict.reason.value, "sentence": verdict.sentence}
        return Response(answer, status=STATUS.get(verdict.reason, status.HTTP_409_CONFLICT))
