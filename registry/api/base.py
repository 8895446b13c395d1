"""What all addresses of the API share: who is let in, pages, ETags, problems, JSON and no more."""

import hashlib
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.filters import OrderingFilter
from rest_framework.mixins import ListModelMixin
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from registry.api.access import (
    ApiThrottle,
    PersonalTokenAuthentication,
    SignedInToWrite,
    WithinScope,
    actor_of,
)
from registry.api.problems import (
    NotReplacedBlindlyError,
    OutdatedError,
    RefusedError,
    answer_problem,
)
from registry.logic.owner_fields import OPERATOR, OWNER, why_refused
from registry.querysets import is_operator

# What strangers are told may be a minute old.
CACHE_SECONDS = 60


class Pages(LimitOffsetPagination):
    """`?limit=&offset=`, within reason."""

    default_limit = 100
    max_limit = 500
    greatest_offset = 1_000_000

    def get_offset(self, request: Request) -> int:
        return min(super().get_offset(request), self.greatest_offset)


class ApiView(APIView):
    """What every view of the API is."""

    authentication_classes = [PersonalTokenAuthentication, SessionAuthentication]
    permission_classes: Any = [SignedInToWrite, WithinScope]
    throttle_classes = [ApiThrottle]
    renderer_classes: Any = [JSONRenderer]
    parser_classes = [JSONParser]
    metadata_class = None  # the OpenAPI document says what OPTIONS would

    def get_exception_handler(self) -> Any:
        return answer_problem

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        done = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(done, ["Authorization", "Cookie"])
        known = request.user.is_authenticated if hasattr(request, "user") else True
        if request.method in {"GET", "HEAD"} and done.status_code == 200 and not known:
            done["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
        else:
            done["Cache-Control"] = "private, no-cache"
        if request.method == "GET" and done.status_code == 200:
            done.add_post_render_callback(partial(_tag, request._request))
        return done


class Rows(ApiView, ListModelMixin, GenericViewSet[Any]):
    """A list of objects, in pages."""

    pagination_class = Pages
    filter_backends: Any = [DjangoFilterBackend, OrderingFilter]

    def get_serializer_context(self) -> dict[str, Any]:
        return dict(super().get_serializer_context())


def _tag(request: HttpRequest, response: HttpResponse) -> HttpResponseBase | None:
    """Say which state was shown; if the client has it already, say only that."""
    digest = hashlib.blake2b(response.content, digest_size=12).hexdigest()
    data = getattr(response, "data", None)
    revision = data.get("revision") if isinstance(data, dict) else None
    tag = f'"{digest}"' if revision is None else f'"{revision}-{digest}"'
    response["ETag"] = tag
    return get_conditional_response(request, etag=tag, response=response)


def seen_revision(request: Request, thing: Any) -> int:
    """Return the revision that a change starts from, by If-Match.

    Only the part of an ETag before the hyphen counts: what the system finds out meanwhile is no
    clash with what people change. Raises an error if there is no If-Match, or an outdated one.
    """
    text = request.headers.get("If-Match", "").strip()
    if not text:
        raise NotReplacedBlindlyError
    revision = int(thing.revision)
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in text.split(",")]
    if text != "*" and str(revision) not in {tag.partition("-")[0] for tag in tags}:
        raise OutdatedError
    return revision


def fields_of(request: Request, kind: str, *, besides: frozenset[str] = frozenset()) -> Any:
    """Return the body of a change, in which every field is one that the actor may change.

    Nothing is dropped silently: fields that only operators change are forbidden to others, and
    those that nobody changes here are refused.
    """
    data = document_of(request)
    names = set(data) - besides
    if beyond := sorted(names - OWNER[kind] - OPERATOR[kind]):
        raise RefusedError(f"{', '.join(beyond)} cannot be changed here.")
    if sentence := why_refused(kind, names, by_operator=is_operator(actor_of(request))):
        raise PermissionDenied(sentence)
    return data


def only(request: Request, *names: str) -> dict[str, Any]:
    """Return the body of a request; refuse one with anything but these fields."""
    data = document_of(request)
    if beyond := sorted(set(data) - set(names)):
        raise RefusedError(f"{', '.join(beyond)} cannot be given here.")
    return data


def document_of(request: Request) -> dict[str, Any]:
    """Return the body of a request, which must be a JSON object; none counts as an empty one."""
    data = request.data
    if not isinstance(data, dict):
        raise RefusedError("Send a JSON object.")
    return data
