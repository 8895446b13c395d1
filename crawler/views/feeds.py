"""Feeds of what changed on the master, for mirror admins and for programs that wait for it."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from crawler.logic.last_sync import LastSync, as_atom, as_facts
from crawler.services.last_sync import NoCategoryError, load_last_sync

SECONDS = 300
DAYS, MOST_DAYS = 1, 14


@require_safe
def last_sync_atom(request: HttpRequest) -> HttpResponse:
    try:
        found = _asked(request)
    except NoCategoryError as error:
        return HttpResponse(f"{error}\n", status=404, content_type="text/plain; charset=utf-8")
    category = request.GET.get("category", "")
    address = f"{settings.BASE_URL}{reverse('crawler:last-sync-atom')}"
    title = f"{settings.SITE_NAME}: what changed {f'in {category} ' if category else ''}"
    text = as_atom(found, address=address, title=f"{title}on the master")
    return _cached(HttpResponse(text, content_type="application/atom+xml; charset=utf-8"))


@require_safe
def last_sync_json(request: HttpRequest) -> HttpResponse:
    try:
        return _cached(JsonResponse(as_facts(_asked(request))))
    except NoCategoryError as error:
        return JsonResponse({"error": str(error)}, status=404)


def _asked(request: HttpRequest) -> LastSync:
    days = request.GET.get("days", "")
    count = min(int(days), MOST_DAYS) if days.isdecimal() and len(days) < 5 else DAYS
    now = timezone.now()
    return load_last_sync(
        since=now - timedelta(days=count), now=now, category=request.GET.get("category", "")
    )


def _cached(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, public=True, max_age=SECONDS)
    return response
