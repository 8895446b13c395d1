"""Pages for everybody that need the tables only: the map of the world, and how-to pages."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from registry.logic.public_map import group_by_country, lay_out_marks
from registry.services.public_list import public_revision
from registry.services.public_map import public_spots
from registry.views.caching import public_page

HELP_PAGES = ("mirror", "use", "api")


def fixed() -> str:
    """Return the revision of pages that change with the program only."""
    return str(settings.BASE_URL)


@require_safe
@public_page(public_revision)
def world_map(request: HttpRequest) -> HttpResponse:
    spots = public_spots()
    if request.GET.get("format") == "json":
        return JsonResponse({"mirrors": [spot._asdict() for spot in spots]})
    marks = lay_out_marks(spots)
    context = {
        "marks": marks,
        "countries": group_by_country(spots),
        "total": len(spots),
        "drawn": sum(len(mark.spots) for mark in marks),
        "inexact": sum(not spot.exact for spot in spots),
        "measured_at": timezone.now(),
    }
    return render(request, "registry/map.html", context)


@require_safe
@public_page(fixed)
def help_index(request: HttpRequest) -> HttpResponse:
    return render(request, "registry/help/index.html")


@require_safe
@public_page(fixed)
def help_page(request: HttpRequest, name: str) -> HttpResponse:
    if name not in HELP_PAGES:
        raise Http404(f"There is no page of help called “{name}”.")
    context = {"base_url": settings.BASE_URL, "rsync_filter": reverse("registry:rsync-filter")}
    return render(request, f"registry/help/{name}.html", context)


@require_safe
def old_address(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Lead from an address below /mirrormanager/ to the same one here, and nowhere else."""
    query = request.META.get("QUERY_STRING", "")
    path = rest.lstrip("/\\")
    return redirect(f"/{path}{f'?{query}' if query else ''}", permanent=True)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    closed = ("/admin/", "/my/", "/accounts/", "/api/", "/language/", "/mirrors/for-me/")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
