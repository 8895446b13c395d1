"""Pages for everybody that draw on several apps: the front page, and how we do ourselves."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from mirrorlist.services.mirror_list import load_overview
from mirrorlist.services.offered import network_revision
from mirrorsite.network_state import Part, last_scan_at, load_state, why_not_ready, worst_of
from registry.views.caching import public_page

STATUS_SECONDS = 60


@require_safe
@public_page(network_revision)
def home(request: HttpRequest) -> HttpResponse:
    overview = load_overview()
    context = {
        "overview": overview,
        "scanned_at": last_scan_at(),
        "measured_at": overview.built_at or timezone.now(),
    }
    return render(request, "mirrorlist/home.html", context)


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    parts = load_state(now=now)
    worst = worst_of(parts)
    if request.GET.get("format") == "json":
        facts = [_facts(part) for part in parts]
        response: HttpResponse = JsonResponse(
            {"measured_at": now, "state": worst.value, "parts": facts}
        )
    else:
        context = {"parts": parts, "worst": worst, "measured_at": now}
        response = render(request, "registry/status.html", context)
    patch_cache_control(response, max_age=STATUS_SECONDS, private=True)
    return response


def _facts(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "state": part.tone.value,
        "sentence": part.sentence,
        "at": part.at,
        "limit_seconds": int(part.limit.total_seconds()) if part.limit else None,
    }


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": 200, "title": "OK"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    problem = why_not_ready()
    code = 503 if problem else 200
    response = JsonResponse({"status": code, "title": problem or "OK"}, status=code)
    response.headers["Cache-Control"] = "no-store"
    return response
