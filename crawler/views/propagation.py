"""Pages for everybody: how far the content of Repositories has come, with their JSON twins."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crawler.logic.propagation import LABELS, Age
from crawler.logic.propagation_chart import HEIGHT, WIDTH, Point, lay_out
from crawler.services.propagation_pages import (
    measured_repositories,
    newest_rows,
    points_of,
    propagation_revision,
    repositories_of,
)
from registry.models import Repository
from registry.views.caching import public_page

MEANING = _(
    "Every four hours the mirrors that carry a repository are counted by how much older their "
    "copy of its metadata (repomd.xml, Release, …) is than the master's, as far as visits have "
    "seen it. "
    "“No information” are mirrors that do not have the repository or could not be asked."
)
PER_PAGE = 100
# As logic calls them, in the visitor's language.
AGES = [
    (Age.SAME_DAY.value, _("up to 1 day behind")),
    (Age.ONE_DAY.value, _("1 to 2 days behind")),
    (Age.TWO_DAY.value, _("2 to 3 days behind")),
    (Age.OLDER.value, _("more than 3 days behind")),
    (Age.NO_INFO.value, _("no information")),
]


@require_safe
@public_page(propagation_revision)
def propagation(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    page = Paginator(measured_repositories(text), PER_PAGE).get_page(request.GET.get("page"))
    rows = newest_rows(page.object_list)
    context = {
        "rows": [(row.repository, row.newest.at, list(row.newest.counts.items())) for row in rows],
        "page": page,
        "text": text,
        "ages": AGES,
        "meaning": MEANING,
        "measured_at": max((row.newest.at for row in rows), default=None) or timezone.now(),
    }
    return render(request, "crawler/propagation.html", context)


@require_safe
@public_page(propagation_revision)
def propagation_json(request: HttpRequest) -> HttpResponse:
    rows = newest_rows(measured_repositories(request.GET.get("q", "").strip()))
    repositories = [_named(row.repository) | _counted(row.newest) for row in rows]
    return JsonResponse({"meaning": MEANING, "ages": LABELS, "repositories": repositories})


@require_safe
@public_page(propagation_revision)
def repository(request: HttpRequest, prefix: str) -> HttpResponse:
    chosen, others = _choose(request, prefix)
    points = points_of(chosen)
    context = {
        "repository": chosen,
        "others": others,
        "json": f"{reverse('crawler:repository-json', args=[prefix])}?arch={chosen.arch}",
        "chart": lay_out(points),
        "width": WIDTH,
        "height": HEIGHT,
        "newest": points[-1] if points else None,
        "points": [(point.at, list(point.counts.items())) for point in reversed(points)],
        "ages": AGES,
        "meaning": MEANING,
        "measured_at": points[-1].at if points else timezone.now(),
    }
    return render(request, "crawler/repository.html", context)


@require_safe
@public_page(propagation_revision)
def repository_json(request: HttpRequest, prefix: str) -> HttpResponse:
    chosen, _others = _choose(request, prefix)
    points = [_counted(point) for point in points_of(chosen)]
    return JsonResponse(
        {"meaning": MEANING, "ages": LABELS, **_named(chosen), "measurements": points}
    )


def _choose(request: HttpRequest, prefix: str) -> tuple[Repository, list[Repository]]:
    """Return the Repository of the Arch that was asked for, or the first, and all of the prefix."""
    found = repositories_of(prefix)
    wanted = request.GET.get("arch", "")
    matching = [each for each in found if wanted in {"", str(each.arch)}]
    if not matching:
        raise Http404(f"No Repository has the prefix “{prefix}” and this Arch.")
    return matching[0], found


def _named(repository: Repository) -> dict[str, Any]:
    return {
        "repository": repository.prefix,
        "arch": str(repository.arch),
        "category": repository.category.name,
    }


def _counted(point: Point) -> dict[str, Any]:
    return {"at": point.at, **{age.value: count for age, count in point.counts.items()}}
