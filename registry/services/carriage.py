"""Write what a Host has of a Category: its up2date set and what is wrong beside it.

Whoever learned something (a crawl, a check-in, an import) hands over what it found; here it is
merged into the set, once, whatever others write at the same time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import BigIntegerField, Value
from pyroaring import BitMap

from registry.models import Directory, DirectoryIssue, DirectoryState, HostCategory

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
    """What somebody learned about one HostCategory. The sets name Directories by id.

    `up2date` was seen and is current; `wrong` is certainly not, with an Issue each; `also_wrong`
    likewise, where the Issues would have been too many; `unknown` could not be seen and stays as
    it was. So does an Issue in the state UNKNOWN. Directories in none of them stay as they were,
    too, unless `complete`: then they leave the set.
    """

    up2date: BitMap
    wrong: Mapping[int, Issue]
    complete: bool = False
    also_wrong: BitMap = field(default_factory=BitMap)
    unknown: BitMap = field(default_factory=BitMap)

    @property
    def all_unknown(self) -> BitMap:
        return self.unknown | BitMap(
            directory for directory, issue in self.wrong.items() if not _is_certain(issue)
        )

    @property
    def all_wrong(self) -> BitMap:
        """Everything that is certainly not up2date."""
        named = (directory for directory, issue in self.wrong.items() if _is_certain(issue))
        return self.also_wrong | BitMap(named)


class ConcurrentChangeError(RuntimeError):
    """The set kept changing under our hands; the caller may try again later."""


def store_findings(
    host_category_id: int,
    findings: Findings,
    *,
    reason: str,
    now: datetime,
    crawled_at: datetime | None = None,
    believed: HostCategory | None = None,
) -> tuple[int, int]:
    """Merge findings into the up2date set; return how many Directories were added and removed.

    The set is written by a conditional UPDATE on its revision and computed again if somebody else
    was faster. Costs two queries for a copy without issues and at most five with them, whatever
    the number of Directories (SQLite splits a long INSERT). `crawled_at` says that a crawl found
    it. `believed` is the row as it was read before, which saves reading it again unless somebody
    changed it since. Raises ConcurrentChangeError after five lost races, and
    HostCategory.DoesNotExist if the row is gone.
    """
    for _ in range(ATTEMPTS):
        with transaction.atomic():
            current = believed or HostCategory.objects.only(
                "up2date", "up2date_revision", "issue_count", "last_crawled_at"
            ).get(pk=host_category_id)
            believed = None
            before = current.up2date
            after = merge(before, findings)
            issues = _Issues(current, findings)
            won = HostCategory.objects.filter(
                pk=host_category_id, up2date_revision=current.up2date_revision
            ).update(
                up2date=after,
                up2date_count=len(after),
                up2date_revision=current.up2date_revision + 1,
                issue_count=issues.count,
                last_crawled_at=crawled_at or current.last_crawled_at,
                reason=reason,
                **({"up2date_changed_at": now} if after != before else {}),
            )
            if won:
                issues.store(now=now)
                return len(after - before), len(before - after)
    raise ConcurrentChangeError(f"The up2date set {host_category_id} kept changing.")


def merge(before: BitMap, findings: Findings) -> BitMap:
    """Return the up2date set after the findings."""
    kept = before & findings.all_unknown if findings.complete else before
    return (kept | findings.up2date) - findings.all_wrong


class _Issues:
    """The rows about one HostCategory: which go, which come, how many Directories are wrong."""

    def __init__(self, current: HostCategory, findings: Findings) -> None:
        self._host_category_id = current.pk
        self._findings = findings
        candidates = self._candidates()
        existing, directories = self._load(current, candidates)
        settled = {directory for directory in existing if self._is_settled(directory)}
        remaining = existing.keys() - settled
        self._settled = [existing[directory] for directory in settled]
        self._kept = self._choose([d for d in candidates if d in directories], remaining)
        self.count = len(findings.all_wrong | BitMap(findings.wrong) | BitMap(remaining))

    def _candidates(self) -> list[int]:
        """Return what may get a row, the certain before the unknown, not many more than do."""
        wrong = self._findings.wrong
        order = sorted(wrong, key=lambda directory: (not _is_certain(wrong[directory]), directory))
        return order[: 2 * ISSUES_KEPT]

    def _load(
        self, current: HostCategory, candidates: list[int]
    ) -> tuple[dict[int, int], set[int]]:
        """Return the existing rows by Directory, and which candidates still are Directories.

        UMDL may have deleted some since they were visited. One query for both, and none for a
        copy that had no issues and has none.
        """
        rows = DirectoryIssue.objects.none().values_list("directory_id", "id")
        if current.issue_count:
            rows = current.issues.order_by().values_list("directory_id", "id")
        found = Directory.objects.filter(id__in=candidates).order_by()
        known = found.annotate(row=Value(0, output_field=BigIntegerField())).values_list(
            "id", "row"
        )
        both = list(rows.union(known, all=True)) if candidates or current.issue_count else []
        return {d: row for d, row in both if row}, {d for d, row in both if not row}

    def _is_settled(self, directory: int) -> bool:
        """Tell whether an old issue is gone; what could not be seen this time is not."""
        findings = self._findings
        if any(
            directory in group for group in (findings.wrong, findings.also_wrong, findings.unknown)
        ):
            return False
        return findings.complete or directory in findings.up2date

    def _choose(self, candidates: list[int], remaining: set[int]) -> dict[int, Issue]:
        """Choose the issues to write, within what is kept.

        An unknown one does not overwrite what was once known about the same Directory.
        """
        wrong, room, chosen = self._findings.wrong, ISSUES_KEPT - len(remaining), {}
        for directory in candidates:
            if directory in remaining:
                if _is_certain(wrong[directory]):
                    chosen[directory] = wrong[directory]
            elif room > 0:
                room -= 1
                chosen[directory] = wrong[directory]
        return chosen

    def store(self, *, now: datetime) -> None:
        """Write the rows; an issue that persists keeps its `since_at`."""
        if self._settled:
            DirectoryIssue.objects.filter(id__in=self._settled).delete()
        if not self._kept:
            return
        DirectoryIssue.objects.bulk_create(
            [
                DirectoryIssue(
                    host_category_id=self._host_category_id,
                    directory_id=directory,
                    state=issue.state,
                    reason=issue.reason,
                    sentence=issue.sentence,
                    since_at=now,
                    seen_at=now,
                )
                for directory, issue in self._kept.items()
            ],
            update_conflicts=True,
            unique_fields=["host_category", "directory"],
            update_fields=["state", "reason", "sentence", "seen_at"],
        )


def _is_certain(issue: Issue) -> bool:
    return issue.state is not DirectoryState.UNKNOWN
