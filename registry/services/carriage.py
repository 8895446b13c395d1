"""Write what a Host has of a Category: its up2date set and what is wrong beside it.

Whoever learned something (a crawl, a check-in, an import) hands over what it found; here it is
merged into the set, once, whatever others write at the same time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from pyroaring import BitMap

from registry.models import DirectoryIssue, DirectoryState, HostCategory

# Beyond this many wrong Directories a Host's trouble is one sentence, not a longer table.
ISSUES_KEPT = 500
ATTEMPTS = 5


@dataclass(frozen=True)
class Issue:
    """What is wrong with one Directory: its state, the rule that says so, and the sentence."""

    state: DirectoryState
    reason: str
    sentence: str


@dataclass(frozen=True)
class Findings:
    """What somebody learned about one HostCategory.

    `up2date` and `wrong` name Directories by id and do not overlap. Directories in neither stay as
    they were, unless `complete`: then the set becomes exactly `up2date`.
    """

    up2date: BitMap
    wrong: Mapping[int, Issue]
    complete: bool = False


class ConcurrentChangeError(RuntimeError):
    """The set kept changing under our hands; the caller may try again later."""


def store_findings(
    host_category_id: int, findings: Findings, *, reason: str, now: datetime
) -> tuple[int, int]:
    """Merge findings into the up2date set; return how many Directories were added and removed.

    The set is written by a conditional UPDATE on its revision and computed again if somebody else
    was faster. Costs five queries whatever the number of Directories. Raises
    ConcurrentChangeError after five lost races, and HostCategory.DoesNotExist if the row is gone.
    """
    for _ in range(ATTEMPTS):
        with transaction.atomic():
            current = HostCategory.objects.only("up2date", "up2date_revision").get(
                pk=host_category_id
            )
            before = current.up2date
            after = merge(before, findings)
            changed = after != before
            won = HostCategory.objects.filter(
                pk=host_category_id, up2date_revision=current.up2date_revision
            ).update(
                up2date=after,
                up2date_count=len(after),
                up2date_revision=current.up2date_revision + 1,
                issue_count=len(findings.wrong),
                reason=reason,
                **({"up2date_changed_at": now} if changed else {}),
            )
            if won:
                _store_issues(host_category_id, findings, after, now=now)
                return len(after - before), len(before - after)
    raise ConcurrentChangeError(f"The up2date set {host_category_id} kept changing.")


def merge(before: BitMap, findings: Findings) -> BitMap:
    """Return the up2date set after the findings."""
    if findings.complete:
        return BitMap(findings.up2date)
    return (before | findings.up2date) - BitMap(findings.wrong)


def _store_issues(
    host_category_id: int, findings: Findings, up2date: BitMap, *, now: datetime
) -> None:
    """Make the issue rows equal to what was found; an issue that persists keeps its `since_at`."""
    existing = dict(
        DirectoryIssue.objects.filter(host_category=host_category_id).values_list(
            "directory_id", "id"
        )
    )
    kept = dict(sorted(findings.wrong.items())[:ISSUES_KEPT])
    settled = [
        row
        for directory, row in existing.items()
        if _is_settled(directory, findings, kept, up2date)
    ]
    if settled:
        DirectoryIssue.objects.filter(id__in=settled).delete()
    DirectoryIssue.objects.bulk_create(
        [
            DirectoryIssue(
                host_category_id=host_category_id,
                directory_id=directory,
                state=issue.state,
                reason=issue.reason,
                sentence=issue.sentence,
                since_at=now,
                seen_at=now,
            )
            for directory, issue in kept.items()
        ],
        update_conflicts=True,
        unique_fields=["host_category", "directory"],
        update_fields=["state", "reason", "sentence", "seen_at"],
    )


def _is_settled(
    directory: int, findings: Findings, kept: Mapping[int, Issue], up2date: BitMap
) -> bool:
    return directory in up2date or (findings.complete and directory not in kept)
