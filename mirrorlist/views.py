"""/mirrorlist and /metalink inside Django, for small installations, developing and tests."""

import time

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from mirrorlist.logic.answers import Answer, answer
from mirrorlist.logic.query import Client, Kind
from mirrorlist.services.serving import current_watch


@csrf_exempt
def mirrorlist(request: HttpRequest) -> HttpResponse:
    return _answer(request, Kind.MIRRORLIST)


@csrf_exempt
def metalink(request: HttpRequest) -> HttpResponse:
    return _answer(request, Kind.METALINK)


def _answer(request: HttpRequest, kind: Kind) -> HttpResponse:
    watch = current_watch()
    if watch.world is None:
        sentence = f"There is no snapshot to answer from yet. {watch.problem}\n"
        return HttpResponse(sentence, "text/plain", status=503, headers={"Retry-After": "60"})
    query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    client = Client(
        request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
    )
    return _response(answer(kind, query, client, watch.world, now=time.time()))


def _response(got: Answer) -> HttpResponse:
    response = HttpResponse(got.body, status=got.status)
    # Plain errors have none, and Django's default would add a charset to the others.
    del response.headers["Content-Type"]
    for name, value in got.headers:
        response.headers[name] = value
    return response
