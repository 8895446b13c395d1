"""Answer who has which Directory, from the up2date sets, for pages that show a table of it."""

from collections.abc import Iterable
from typing import NamedTuple

from registry.logic.coverage import CopyState, judge_copy
from registry.models import Directory, DirectoryIssue, HostCategory


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


def _copy(host_category: HostCategory, directory: Directory, issue: tuple[str, str] | None) -> Copy:
    state = judge_copy(
        in_set=directory.pk in host_category.up2date,
        always_up2date=host_category.always_up2date,
        issue=issue,
    )
    return Copy(host_category, directory, state)
