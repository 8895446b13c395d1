"""What the page of a Host shows its own people: the states of its copies, and what is wrong."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db.models import Count, QuerySet

from registry.logic.copy_bar import Part, lay_out_copy
from registry.models import DirectoryIssue, DirectoryState, Host
from registry.services.coverage import Share, shares_on


class CopyLine(NamedTuple):
    """One Category on a Host: how much of it is up2date, and the bar of all states."""

    share: Share
    parts: tuple[Part, ...]
    issues: Mapping[str, int]


def copy_lines(host: Host) -> list[CopyLine]:
    """Return the Categories of a Host with their bars; three queries, two if nothing is wrong.

    What is taken for up2date without looking has no bar.
    """
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    shares = shares_on(host)
    if any(share.host_category.issue_count for share in shares):
        rows = DirectoryIssue.objects.filter(host_category__host=host).order_by()
        found = rows.values_list("host_category", "state").annotate(Count("pk"))
        for copy, state, count in found:
            counts[copy][state] = count
    return [
        CopyLine(
            share,
            ()
            if share.host_category.always_up2date
            else lay_out_copy(
                share.total,
                up2date=share.host_category.up2date_count,
                issues=counts[share.host_category.pk],
                issue_count=share.host_category.issue_count,
            ),
            counts[share.host_category.pk],
        )
        for share in shares
    ]


def count_issues(lines: Sequence[CopyLine], *, state: str) -> int:
    """Return how many Issues `find_issues` returns, from what is known already."""
    wanted = [state] if state in DirectoryState.values else DirectoryState.values
    return sum(line.issues.get(each, 0) for line in lines for each in wanted)


def find_issues(host: Host, *, state: str) -> QuerySet[DirectoryIssue]:
    """Return what is wrong on a Host, noticed last first; of one state if it is one."""
    rows = DirectoryIssue.objects.filter(host_category__host=host).select_related(
        "directory", "host_category__category"
    )
    if state in DirectoryState.values:
        rows = rows.filter(state=state)
    return rows.defer("host_category__up2date").order_by("-since_at", "directory__path")
