"""Answer who has which Directory, from the up2date sets, for pages that show a table of it."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from registry.logic.coverage import CopyState, judge_copy, share_percent
from registry.models import Directory, DirectoryIssue, Host, HostCategory


class Copy(NamedTuple):
    """One Directory on one Host, and the state of that copy."""

    host_category: HostCategory
    directory: Directory
    state: CopyState


def copies_on(host_category: HostCategory, directories: Iterable[Directory]) -> list[Copy]:
    """Return the state of some Directories on one Host; one query."""
    rows = list(directories)
    issues = {
        issue.directory_id: (issue.state, issue.sentence)
        for issue in DirectoryIssue.objects.filter(host_category=host_category, directory__in=rows)
    }
    return [_copy(host_category, row, issues.get(row.pk)) for row in rows]


def copies_of(directory: Directory) -> list[Copy]:
    """Return the state of one Directory on every Host that carries its Category; two queries."""
    carriers = HostCategory.objects.filter(category=directory.category_id).select_related(
        "host__site"
    )
    issues = {
        issue.host_category_id: (issue.state, issue.sentence)
        for issue in DirectoryIssue.objects.filter(directory=directory)
    }
    return [_copy(carrier, directory, issues.get(carrier.pk)) for carrier in carriers]


class Share(NamedTuple):
    """One Category on one Host: how many of its Directories are up2date there, and of how many."""

    host_category: HostCategory
    total: int
    percent: int | None


def shares_on(host: Host) -> list[Share]:
    """Return how much a Host has of each Category it carries, with its URLs; two queries.

    `percent` is None for a Category that is empty on the master. What is taken for up2date without
    looking counts as all of it.
    """
    there = Directory.objects.crawlable().filter(category=OuterRef("category")).order_by()
    count = there.values("category").annotate(number=Count("pk")).values("number")
    rows = (
        host.host_categories.select_related("category")
        .annotate(total=Coalesce(Subquery(count), 0))
        .prefetch_related("urls")
        .defer("up2date")
        .order_by("category__name")
    )
    return [_share(row, getattr(row, "total", 0)) for row in rows]


def _share(row: HostCategory, total: int) -> Share:
    percent = 100 if row.always_up2date else share_percent(row.up2date_count, total)
    return Share(row, total, percent)


def _copy(host_category: HostCategory, directory: Directory, issue: tuple[str, str] | None) -> Copy:
    state = judge_copy(
        in_set=directory.pk in host_category.up2date,
        always_up2date=host_category.always_up2date,
        issue=issue,
    )
    return Copy(host_category, directory, state)
