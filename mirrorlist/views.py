"""/mirrorlist and /metalink inside Django, for small installations, developing and tests."""

import time
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from mirrorlist.logic.answers import Answer, answer
from mirrorlist.logic.file_request import FileRequest
from mirrorlist.logic.query import Client, Kind
from mirrorlist.outline import answer_address
from mirrorlist.services.serving import current_watch


@csrf_exempt
def mirrorlist(request: HttpRequest) -> HttpResponse:
    return _answer(request, Kind.MIRRORLIST)


@csrf_exempt
def metalink(request: HttpRequest) -> HttpResponse:
    return _answer(request, Kind.METALINK)


@csrf_exempt
def download(request: HttpRequest) -> HttpResponse:
    """Answer a file path, as an edge does."""
    watch = current_watch()
    if watch.world is None:
        return _no_snapshot(watch.problem)
    meta = request.META
    asked = FileRequest(
        quote(request.path_info).encode(),
        meta.get("QUERY_STRING", "").encode("latin-1", "replace"),
        _client(request),
        request.method or "GET",
        meta.get("HTTP_ACCEPT", ""),
        meta.get("HTTP_IF_NONE_MATCH", ""),
        meta.get("HTTP_IF_MODIFIED_SINCE", ""),
        meta.get("HTTP_X_FORWARDED_PROTO", ""),
    )
    return _response(answer_address(asked, watch.world, now=time.time()))


def _answer(request: HttpRequest, kind: Kind) -> HttpResponse:
    watch = current_watch()
    if watch.world is None:
        return _no_snapshot(watch.problem)
    query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    return _response(answer(kind, query, _client(request), watch.world, now=time.time()))


def _client(request: HttpRequest) -> Client:
    return Client(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def _no_snapshot(problem: str) -> HttpResponse:
    sentence = f"There is no snapshot to answer from yet. {problem}\n"
    return HttpResponse(sentence, "text/plain", status=503, headers={"Retry-After": "60"})


def _response(got: Answer) -> HttpResponse:
    response = HttpResponse(got.body, status=got.status)
    # Plain errors have none, and Django's default would add a charset to the others.
    del response.headers["Content-Type"]
    for name, value in got.all_headers():
        # Several Link fields mean the same as one with commas (RFC 9110, 5.3).
        former = response.headers.get(name)
        response.headers[name] = f"{former}, {value}" if former else value
    return response
