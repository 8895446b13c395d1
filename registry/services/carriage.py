"""Write what a Host has of a Category: its up2date set and what is wrong beside it.

Whoever learned something (a crawl, a check-in, an import) hands over what it found; here it is
merged into the set, once, whatever others write at the same time.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import BigIntegerField, Q, Value
from pyroaring import BitMap

from registry.models import Directory, DirectoryIssue, DirectoryState, HostCategory

# Beyond this many wrong Directories a Host's trouble is one sentence, not a longer table. So many
# rows are three statements on SQLite.
ISSUES_KEPT = 400
ATTEMPTS = 5
# What is read of a copy before findings are merged into it, and what is written after.
READ = ("up2date", "up2date_revision", "up2date_changed_at", "issue_count", "last_crawled_at")
WRITTEN = (*READ, "up2date_count", "reason")


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


@dataclass(frozen=True)
class Update:
    """Findings about one copy as it was read; `crawled_at` says that a crawl found it."""

    copy: HostCategory
    findings: Findings
    reason: str
    now: datetime
    crawled_at: datetime | None = None


def store_findings(
    host_category_id: int,
    findings: Findings,
    *,
    reason: str,
    now: datetime,
    crawled_at: datetime | None = None,
) -> tuple[int, int]:
    """Merge findings into the up2date set; return how many Directories were added and removed.

    The set is computed again if somebody else was faster. `crawled_at` says that a crawl found it.
    Raises ConcurrentChangeError after five lost races, and HostCategory.DoesNotExist if the row
    is gone.
    """
    attempts = 0
    while True:
        current = HostCategory.objects.only(*READ).get(pk=host_category_id)
        update = Update(current, findings, reason, now, crawled_at)
        try:
            return store_updates([update])[0]
        except ConcurrentChangeError:
            attempts += 1
            if attempts == ATTEMPTS:
                raise


def store_updates(updates: Sequence[Update]) -> list[tuple[int, int]]:
    """Merge findings into many sets, all or none; return what was added and removed of each.

    One query for copies without issues and at most four with them, whatever the number of copies
    and Directories (SQLite splits a long INSERT). Raises ConcurrentChangeError, with nothing
    stored, unless every copy still is as it was read; the caller reads them again.
    """
    if not updates:
        return []
    issues = _Issues(updates)
    unchanged, rows, turnover = Q(), [], []
    for update in updates:
        before = update.copy.up2date
        after = merge(before, update.findings)
        unchanged |= Q(pk=update.copy.pk, up2date_revision=update.copy.up2date_revision)
        rows.append(_next_row(update, after, changed=after != before, issues=issues))
        turnover.append((len(after - before), len(before - after)))
    with transaction.atomic():
        written = HostCategory.objects.filter(unchanged).bulk_update(rows, WRITTEN)
        if written < len(rows):
            names = ", ".join(str(update.copy.pk) for update in updates)
            raise ConcurrentChangeError(f"Of the up2date sets {names} one kept changing.")
        issues.store()
    return turnover


def _next_row(update: Update, after: BitMap, *, changed: bool, issues: "_Issues") -> HostCategory:
    """Return the row as it is to be written; the one that was read stays as it is."""
    before = update.copy
    return HostCategory(
        pk=before.pk,
        up2date=after,
        up2date_count=len(after),
        up2date_revision=before.up2date_revision + 1,
        up2date_changed_at=update.now if changed else before.up2date_changed_at,
        issue_count=issues.count(update),
        last_crawled_at=update.crawled_at or before.last_crawled_at,
        reason=update.reason,
    )


def merge(before: BitMap, findings: Findings) -> BitMap:
    """Return the up2date set after the findings."""
    kept = before & findings.all_unknown if findings.complete else before
    return (kept | findings.up2date) - findings.all_wrong


class _Issues:
    """The rows about some copies: which go, which come, how many Directories are wrong."""

    def __init__(self, updates: Sequence[Update]) -> None:
        self._settled: list[int] = []
        self._rows: list[DirectoryIssue] = []
        self._counts: dict[int, int] = {}
        candidates = {update.copy.pk: _candidates(update.findings) for update in updates}
        existing, directories = _load(updates, candidates)
        for update in updates:
            copy, findings = update.copy.pk, update.findings
            mine = existing.get(copy, {})
            settled = {directory for directory in mine if _is_settled(findings, directory)}
            remaining = mine.keys() - settled
            self._settled += [mine[directory] for directory in settled]
            possible = [each for each in candidates[copy] if each in directories]
            kept = _choose(findings, possible, remaining)
            self._rows += _rows(update, kept)
            wrong = findings.all_wrong | BitMap(findings.wrong) | BitMap(remaining)
            self._counts[copy] = len(wrong)

    def count(self, update: Update) -> int:
        """Return how many Directories of a copy have something wrong, stored or not."""
        return self._counts[update.copy.pk]

    def store(self) -> None:
        """Write the rows; an issue that persists keeps its `since_at`."""
        if self._settled:
            DirectoryIssue.objects.filter(id__in=self._settled).delete()
        if self._rows:
            DirectoryIssue.objects.bulk_create(
                self._rows,
                update_conflicts=True,
                unique_fields=["host_category", "directory"],
                update_fields=["state", "reason", "sentence", "seen_at"],
            )


def _candidates(findings: Findings) -> list[int]:
    """Return what may get a row, the certain before the unknown, not many more than do."""
    wrong = findings.wrong
    order = sorted(wrong, key=lambda directory: (not _is_certain(wrong[directory]), directory))
    return order[: 2 * ISSUES_KEPT]


def _load(
    updates: Sequence[Update], candidates: Mapping[int, list[int]]
) -> tuple[dict[int, dict[int, int]], set[int]]:
    """Return the existing rows by copy and Directory, and which candidates still are Directories.

    UMDL may have deleted some since they were visited. One query for both, and none for copies
    that had no issues and have none.
    """
    zero = Value(0, output_field=BigIntegerField())
    copies = [update.copy.pk for update in updates if update.copy.issue_count]
    ids = {directory for each in candidates.values() for directory in each}
    if not copies and not ids:
        return {}, set()
    rows = DirectoryIssue.objects.filter(host_category__in=copies).order_by()
    found = Directory.objects.filter(id__in=ids).order_by().annotate(copy=zero, row=zero)
    both = rows.values_list("host_category_id", "directory_id", "id").union(
        found.values_list("copy", "id", "row"), all=True
    )
    existing: dict[int, dict[int, int]] = defaultdict(dict)
    directories = set()
    for copy, directory, row in both:
        if row:
            existing[copy][directory] = row
        else:
            directories.add(directory)
    return existing, directories


def _is_settled(findings: Findings, directory: int) -> bool:
    """Tell whether an old issue is gone; what could not be seen this time is not."""
    if any(directory in group for group in (findings.wrong, findings.also_wrong, findings.unknown)):
        return False
    return findings.complete or directory in findings.up2date


def _choose(
    findings: Findings, candidates: Sequence[int], remaining: Collection[int]
) -> dict[int, Issue]:
    """Choose the issues to write, within what is kept.

    An unknown one does not overwrite what was once known about the same Directory.
    """
    wrong, room, chosen = findings.wrong, ISSUES_KEPT - len(remaining), {}
    for directory in candidates:
        if directory in remaining:
            if _is_certain(wrong[directory]):
                chosen[directory] = wrong[directory]
        elif room > 0:
            room -= 1
            chosen[directory] = wrong[directory]
    return chosen


def _rows(update: Update, issues: Mapping[int, Issue]) -> Iterator[DirectoryIssue]:
    for directory, issue in issues.items():
        yield DirectoryIssue(
            host_category_id=update.copy.pk,
            directory_id=directory,
            state=issue.state,
            reason=issue.reason,
            sentence=issue.sentence,
            since_at=update.now,
            seen_at=update.now,
        )


def _is_certain(issue: Issue) -> bool:
    return issue.state is not DirectoryState.UNKNOWN
