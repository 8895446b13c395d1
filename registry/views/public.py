"""Pages for everybody: the list of mirrors, and the same list as JSON."""

from dataclasses import asdict
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from registry.logic.public_list import (
    Filters,
    Mirror,
    filter_mirrors,
    group_by_country,
    in_order,
    protocol_of,
)
from registry.logic.urls import SCHEMES
from registry.services.public_list import public_mirrors

MEANING = (
    "A mirror is listed while it is in service. Up2date is the share of a tree's directories that "
    "the mirror had complete and current when it was last visited."
)
MIRRORS_PER_PAGE = 100


def filters_of(request: HttpRequest) -> Filters:
    names = ("country", "category", "protocol")
    return Filters(**{name: request.GET.get(name, "").strip() for name in names})


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.GET.get("format") == "json":
        return mirrors_json(request)
    everything = filter_mirrors(public_mirrors(), Filters())
    filters = filters_of(request)
    found = filter_mirrors(everything, filters)
    page = Paginator(in_order(found), MIRRORS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "groups": group_by_country(page.object_list),
        "page": page,
        "count": len(found),
        "total": len(everything),
        "filters": filters,
        "choices": choices_of(everything),
        "meaning": MEANING,
        "measured_at": timezone.now(),
        "query": urlencode({name: value for name, value in asdict(filters).items() if value}),
    }
    return render(request, "registry/home.html", context)


@require_safe
def mirrors_json(request: HttpRequest) -> HttpResponse:
    mirrors = filter_mirrors(public_mirrors(), filters_of(request))
    return JsonResponse(
        {
            "measured_at": timezone.now(),
            "meaning": MEANING,
            "mirrors": [asdict(mirror) for mirror in mirrors],
        }
    )


def choices_of(mirrors: tuple[Mirror, ...]) -> dict[str, list[tuple[str, str]]]:
    """Return what a visitor can choose from: only what leads to a mirror, as value and label."""
    copies = [copy for mirror in mirrors for copy in mirror.copies]
    used = {protocol_of(url) for copy in copies for url in copy.urls}
    countries = {(mirror.country_code, mirror.country) for mirror in mirrors}
    return {
        "country": sorted(countries, key=lambda country: country[1]),
        "category": [(name, name) for name in sorted({copy.category for copy in copies})],
        "protocol": [(scheme, scheme) for scheme in SCHEMES if scheme in used],
    }
