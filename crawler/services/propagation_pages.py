"""Load what the public pages of propagation show; nothing private leaves here."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Max, OuterRef, QuerySet, Subquery

from crawler.logic.propagation import Age
from crawler.logic.propagation_chart import Point
from crawler.models import PropagationStat
from registry.models import Repository
from registry.services.public_list import public_revision


class Row(NamedTuple):
    """One Repository and its newest measurement."""

    repository: Repository
    newest: Point


def propagation_revision() -> str:
    """Return a text that changes with measurements and with what people change; two queries."""
    newest = PropagationStat.objects.aggregate(newest=Max("id"))["newest"]
    return f"{newest} {public_revision()}"


def measured_repositories(text: str = "") -> QuerySet[Repository]:
    """Return the public Repositories that were measured, by prefix and Arch.

    `text` must occur in the prefix. Each has the id of its newest measurement as `newest_id`.
    """
    newest = PropagationStat.objects.filter(repository=OuterRef("pk")).order_by("-at")
    return (
        Repository.objects.publiclisted()
        .filter(prefix__icontains=text)
        .annotate(newest_id=Subquery(newest.values("pk")[:1]))
        .exclude(newest_id=None)
        .select_related("arch", "category")
        .order_by("prefix", "arch__name")
    )


def newest_rows(repositories: Iterable[Repository]) -> list[Row]:
    """Return some of `measured_repositories`, each with its newest measurement; two queries.

    One whose measurement was dropped meanwhile is left out.
    """
    by_newest = {each.__dict__["newest_id"]: each for each in repositories}
    stats = PropagationStat.objects.in_bulk(by_newest)
    return [Row(each, point_of(stats[pk])) for pk, each in by_newest.items() if pk in stats]


def repositories_of(prefix: str) -> list[Repository]:
    """Return the public Repositories of a prefix, x86_64 first, then by Arch."""
    found = Repository.objects.publiclisted().filter(prefix=prefix)
    found = found.select_related("arch", "category", "directory").defer(
        "directory__listing", "directory__digest"
    )
    return sorted(found, key=lambda each: (str(each.arch) != "x86_64", str(each.arch)))


def points_of(repository: Repository) -> list[Point]:
    """Return all measurements of a Repository in the order of time."""
    stats = PropagationStat.objects.filter(repository=repository).order_by("at")
    return [point_of(stat) for stat in stats]


def point_of(stat: PropagationStat) -> Point:
    """Return one measurement as logic knows it."""
    return Point(stat.at, {age: getattr(stat, age.value) for age in Age})
