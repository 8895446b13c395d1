"""Pages for everybody: the list of mirrors as metalinks have it, one mirror, and which are mine."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mirrorlist.logic.addresses import parse_address
from mirrorlist.services.mirror_list import MirrorList, find_mirrors, load_mirror, show
from mirrorlist.services.my_mirrors import country_choices, my_mirrors, repository_choices
from mirrorlist.services.offered import network_revision
from registry.logic.public_list import SORTS, Copy, Filters, Mirror, csv_rows
from registry.logic.urls import SCHEMES
from registry.models import Host
from registry.views.bodies import address_of
from registry.views.caching import public_page

MIRRORS_PER_PAGE = 50
# Programs get more at once; most networks fit.
MIRRORS_PER_DOCUMENT = 500
LONGEST_TEXT = 200


def text_of(request: HttpRequest, name: str) -> str:
    """Return a parameter without blanks around it; what is too long to mean anything is cut."""
    return request.GET.get(name, "").replace("\0", "").strip()[:LONGEST_TEXT]


@require_safe
@public_page(network_revision)
def mirrors(
    request: HttpRequest, product: str = "", version: str = "", arch: str = ""
) -> HttpResponse:
    place = {"product": product, "version": version, "arch": arch}
    filters = _filters(request, place)
    sort = text_of(request, "sort")
    found = find_mirrors(filters, sort=sort)
    if product and found.built_at and not found.repositories:
        raise Http404(f"No public repository matches “{'/'.join(filter(None, place.values()))}”.")
    if (form := text_of(request, "format")) in {"json", "csv"}:
        return _twin(request, form, found)
    page = Paginator(found.lines, MIRRORS_PER_PAGE).get_page(request.GET.get("page"))
    query = _query(request)
    context = {
        "found": found,
        "filters": filters,
        "place": " ".join(part for part in place.values() if part),
        "page": page,
        "rows": show(found, list(page.object_list)),
        "repositories": sorted({each.prefix for each in found.repositories}),
        "protocols": SCHEMES,
        "sorts": SORTS,
        "sort": sort,
        "query": query,
        "here": request.path,
        "measured_at": found.built_at,
    }
    return render(request, "mirrorlist/mirrors.html", context)


@require_safe
@public_page(network_revision)
def mirrors_json(request: HttpRequest) -> HttpResponse:
    found = find_mirrors(_filters(request, {}), sort=text_of(request, "sort"))
    return _twin(request, "json", found)


@require_safe
@public_page(network_revision)
def mirrors_csv(request: HttpRequest) -> HttpResponse:
    found = find_mirrors(_filters(request, {}), sort=text_of(request, "sort"))
    return _twin(request, "csv", found)


def _filters(request: HttpRequest, place: Mapping[str, str]) -> Filters:
    protocol = text_of(request, "protocol")
    known = {"product": "", "version": "", "arch": ""} | dict(place)
    known = {name: text or text_of(request, name) for name, text in known.items()}
    return Filters(
        repo=text_of(request, "repo"),
        country=text_of(request, "country").upper(),
        protocol=protocol if protocol in SCHEMES else "",
        ipv6=bool(text_of(request, "ipv6")),
        **known,
    )


def _query(request: HttpRequest) -> str:
    """Return what was asked for, for links to the same in another form or order."""
    names = ("product", "version", "arch", "repo", "country", "protocol", "ipv6", "sort")
    return urlencode({name: text for name in names if (text := text_of(request, name))})


def _twin(request: HttpRequest, form: str, found: MirrorList) -> HttpResponse:
    """Return the list for programs; where there is more, a Link leads to it (RFC 8288)."""
    pages = Paginator(found.lines, MIRRORS_PER_DOCUMENT)
    page = pages.get_page(request.GET.get("page"))
    listed = show(found, list(page.object_list))
    response: HttpResponse
    if form == "csv":
        text = StringIO()
        csv.writer(text).writerows(csv_rows(listed))
        response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="mirrors.csv"'
    else:
        asked_for = [{"repo": each.prefix, "arch": each.arch} for each in found.repositories]
        response = JsonResponse(
            {
                "measured_at": found.built_at,
                "meaning": _meaning(),
                "filters": asdict(found.filters),
                "count": len(found.lines),
                "page": page.number,
                "pages": pages.num_pages,
                "repositories": asked_for,
                "mirrors": [_document(each, each.copies) for each in listed],
            }
        )
    if page.has_next():
        query = request.GET.copy()
        query["page"] = str(page.next_page_number())
        response.headers["Link"] = f'<{request.path}?{query.urlencode()}>; rel="next"'
    return response


def _meaning() -> str:
    return _(
        "The mirrors that clients of this moment are given, from the same snapshot as metalinks. "
        "“repositories” counts those asked for, and those of them that a copy has current."
    )


def _document(mirror: Mirror, copies: Iterable[Copy]) -> dict[str, Any]:
    facts = mirror._asdict()
    facts["page"] = f"{reverse('public:mirrors')}host/{mirror.id}/"
    facts["copies"] = [
        {
            "category": copy.category,
            "urls": [address.url for address in copy.urls],
            "ipv6": [address.url for address in copy.urls if address.ipv6],
            "visited_at": copy.visited_at,
            "behind_seconds": copy.behind_seconds,
            "always_up2date": copy.always_up2date,
            "repositories": {"current": copy.current, "total": copy.total},
        }
        for copy in copies
    ]
    return facts


@require_safe
@public_page(network_revision)
def mirror(request: HttpRequest, pk: int) -> HttpResponse:
    found = load_mirror(pk)
    if found is None:
        raise Http404(_("No public mirror in service has this address."))
    if text_of(request, "format") == "json":
        copies = [holding.copy for holding in found.holdings]
        return JsonResponse({"measured_at": found.built_at} | _document(found.mirror, copies))
    return render(
        request, "mirrorlist/mirror.html", {"found": found, "measured_at": found.built_at}
    )


@require_safe
def mirror_by_name(request: HttpRequest, name: str) -> HttpResponse:
    """Lead from a name to the page of the first listable Host of that name."""
    named = Host.objects.listable().filter(name__iexact=name.replace("\0", "")).order_by("pk")
    first = named.first()
    if first is None:
        raise Http404(_("No public mirror in service has this name."))
    return redirect("public:mirror", first.pk)


@require_safe
def for_me(request: HttpRequest) -> HttpResponse:
    address = text_of(request, "ip") or address_of(request)
    choices = repository_choices()
    repo, arch = text_of(request, "repo"), text_of(request, "arch")
    if not repo and choices:
        repo, arch = choices[0]
    country = text_of(request, "country").upper()
    known = parse_address(address) is not None
    question = {"repo": repo, "arch": arch} | ({"country": country} if country else {})
    context = {
        "address": address,
        "known": known,
        "repo": repo,
        "arch": arch,
        "country": country,
        "prefixes": sorted({prefix for prefix, _arch in choices}),
        "arches": sorted({name for _prefix, name in choices}),
        "countries": country_choices(),
        "found": my_mirrors(urlencode(question).encode(), address) if known and repo else None,
        "question": urlencode(question),
    }
    response = render(request, "mirrorlist/for_me.html", context)
    patch_cache_control(response, private=True, no_store=True)
    return response
