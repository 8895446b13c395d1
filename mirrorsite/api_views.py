"""What the API says about itself: how the system is, the OpenAPI document, and a page to read."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from crawler.models import MasterScan, RunState
from mirrorlist.models import Snapshot
from registry.api.base import ApiView
from registry.models import Host

URLCONF = "mirrorsite.api_urls"


class Status(ApiView):
    """How the system is."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Tell when clients' answers, crawls and scans were last brought up to date."""
        published = Snapshot.objects.filter(state=Snapshot.State.PUBLISHED).order_by("-built_at")
        snapshot = published.values("built_at", "published_at", "counts").first()
        scans = MasterScan.objects.filter(state=RunState.FINISHED)
        listable = Host.objects.listable()
        return Response(
            {
                "name": settings.SITE_NAME,
                "version": settings.VERSION,
                "snapshot": snapshot,
                "listed_hosts": listable.count(),
                "last_crawl_at": listable.aggregate(at=Max("last_crawled_at"))["at"],
                "last_scan_at": scans.aggregate(at=Max("finished_at"))["at"],
            }
        )


class Nothing(ApiView):
    """Every other address: programs get their problem as JSON there, too."""

    schema: Any = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404


class Document(ApiView):
    """The API as an OpenAPI document."""

    schema: Any = None

    def get(self, request: Request) -> Response:
        return Response(document())


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document; the code does not change meanwhile."""
    made: dict[str, Any] = SchemaGenerator(urlconf=URLCONF).get_schema(public=True)  # type: ignore[no-untyped-call]
    return made


class Operation(NamedTuple):
    """One thing that the API does, as the page lists it."""

    method: str
    path: str
    summary: str
    parameters: tuple[str, ...]
    fields: tuple[str, ...]


@cache
def operations() -> tuple[tuple[str, tuple[Operation, ...]], ...]:
    """Return all operations by the first part of their path; the code does not change meanwhile."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            group = path.removeprefix("/api/v1/").partition("/")[0]
            found = _operation(method, path, operation)
            groups.setdefault(group, []).append(found)
    return tuple((group, tuple(each)) for group, each in groups.items())


def _operation(method: str, path: str, operation: dict[str, Any]) -> Operation:
    return Operation(
        method.upper(),
        path,
        operation.get("description", ""),
        tuple(each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"),
        tuple(_fields(operation)),
    )


def _fields(operation: dict[str, Any]) -> Iterator[str]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = body.get("schema", {}).get("$ref", "").rpartition("/")[2]
    yield from document()["components"]["schemas"].get(name, {}).get("properties", {})


@require_safe
def about_api(request: HttpRequest) -> HttpResponse:
    """Show what the API can do."""
    context = {"groups": operations(), "base": settings.BASE_URL}
    return render(request, "mirrorsite/api.html", context)
