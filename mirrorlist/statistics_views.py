"""Pages for everybody: what clients asked for, from where, and whom they were offered."""

import csv
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import conditional_page, require_safe

from mirrorlist.logic.statistics import (
    AGES,
    Ranking,
    Share,
    csv_rows,
    read_period,
)
from mirrorlist.services.statistics_pages import Statistics, load_statistics, public_file_counts

MEANING = _(
    "Each answer to a client counts once, on the day it was given (UTC); a mirror counts when it "
    "was the first of an answer. Addresses of clients are never stored. “Other” is everything "
    "that is too small or not public."
)
SYSTEMS = _(
    "Once a week, systems that take part tell how old their installation is (countme). A week's "
    "sum is the number of systems."
)
TITLES = {
    "country": (_("Countries"), _("Country")),
    "repository": (_("Repositories"), _("Repository")),
    "arch": (_("Architectures"), _("Architecture")),
    "host": (_("Mirrors"), _("Offered first")),
    "file": (_("Downloads"), _("File")),
    "systems": (
        _("Systems by repository, in the last whole week"),
        _("Repository and architecture"),
    ),
    "system": (_("Systems by name, in the last whole week"), _("System and variant")),
    "kind": (_("Answers"), _("Kind and status")),
}
# As logic calls them, in the visitor's language.
PERIODS = {
    "day": _("1 day"),
    "week": _("7 days"),
    "month": _("30 days"),
    "year": _("12 months"),
}
AGES_SHOWN = (_("first week"), _("first month"), _("first half year"), _("older"))
CACHE_SECONDS = 300
FILE_DAYS = 90


def cached(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let caches keep an answer for minutes, and clients ask whether it changed.

    What is shown to somebody who is signed in has their name in it.
    """

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        kept = "private" if request.user.is_authenticated else "public"
        patch_cache_control(response, max_age=CACHE_SECONDS, **{kept: True})
        return response

    return conditional_page(answer)


@require_safe
@cached
def statistics(request: HttpRequest) -> HttpResponse:
    found = _load(request)
    period = found.period
    query = urlencode({"period": period.name, "until": period.last.isoformat()})
    context = {
        "found": found,
        "tables": [
            (name, *titles, found.rankings[name])
            for name, titles in TITLES.items()
            if found.rankings[name].total
        ],
        "periods": PERIODS.items(),
        "earlier": urlencode(
            {"period": period.name, "until": (period.first - timedelta(days=1)).isoformat()}
        ),
        "later": period.last + (period.last - period.first) + timedelta(days=1),
        "query": query,
        "ages": AGES_SHOWN,
        "meaning": MEANING,
        "systems": SYSTEMS,
        "measured_at": found.measured_at,
    }
    return render(request, "mirrorlist/statistics.html", context)


@require_safe
@cached
def statistics_json(request: HttpRequest) -> HttpResponse:
    found = _load(request)
    return JsonResponse(
        {
            "measured_at": found.measured_at,
            "meaning": MEANING,
            "first": found.period.first,
            "last": found.period.last,
            "total": found.total,
            "requests": [{"day": day, "requests": count} for day, count in found.steps],
            **{name: _document(ranking) for name, ranking in found.rankings.items()},
            "weeks": [
                {
                    "monday": week.monday,
                    "complete": week.complete,
                    "systems": dict(zip(AGES.values(), week.ages, strict=True)),
                }
                for week in found.weeks
            ],
        }
    )


@require_safe
@cached
def statistics_csv(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="statistics.csv"'
    csv.writer(response).writerows(csv_rows(_load(request).rankings))
    return response


@require_safe
@cached
def file_json(request: HttpRequest) -> HttpResponse:
    since = timezone.now().date() - timedelta(days=FILE_DAYS)
    found = public_file_counts(request.GET.get("path", "").strip("/").replace("\0", ""), since)
    days = [{"day": day, "downloads": count} for day, count in found.days]
    return JsonResponse(found._asdict() | {"days": days})


@require_safe
def one_day(request: HttpRequest, day: str, dimension: str = "") -> HttpResponse:
    """Lead from the addresses of MirrorManager's pages to ours."""
    query = urlencode({"period": "day", "until": day})
    fragment = {"countries": "#country", "archs": "#arch", "repositories": "#repository"}
    return redirect(f"{reverse('mirrorlist:statistics')}?{query}{fragment.get(dimension, '')}")


def _load(request: HttpRequest) -> Statistics:
    today = timezone.now().date()
    asked = (request.GET.get("period", ""), request.GET.get("until", ""))
    return load_statistics(
        read_period(*asked, today=today), today=today, least=settings.STATISTICS_LEAST_SHOWN
    )


def _document(ranking: Ranking) -> dict[str, Any]:
    return {
        "total": ranking.total,
        "rows": [_row(share) for share in ranking.rows],
        "other": _row(ranking.other) if ranking.other else None,
    }


def _row(share: Share) -> dict[str, Any]:
    return {
        "key": share.key,
        "label": share.label,
        "requests": share.number,
        "percent": share.percent,
    }
