"""Update the Master Directory List: scan the master tree of a Category into the tables.

Loads what is known, lets a source look at the tree, asks `crawler.logic` what that means, and has
what changed written. Whatever is interrupted, the next scan completes.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.conf import settings

from crawler.logic.file_history import HistoryPolicy
from crawler.logic.master_diff import (
    Diff,
    DiffPolicy,
    LossReason,
    LossVerdict,
    PastScan,
    Totals,
    believed_times,
    diff_tree,
    judge_loss,
    last_complete,
)
from crawler.logic.repomd import DIRECTORY
from crawler.logic.scope import ScanScope, compile_excludes, foreign_tops
from crawler.master.base import MasterSource, SourceError, SourcePolicy
from crawler.master.sources import open_source
from crawler.models import MasterScan, RunState
from crawler.processes import pause_collection
from crawler.services.master_tables import KnownTree, load_known
from crawler.services.scan_lease import AlreadyRunningError, LostLeaseError, claim
from crawler.services.scan_run import Clock, Progress, ScanPolicy, ScanRun
from crawler.services.scan_signals import judge_scheduled, place_of, record_skip, signal_value
from crawler.services.scan_writing import write_scan
from crawler.services.sighting import Sighting, look_at_tree
from registry.logic.repository_kinds import RepositoryFormat
from registry.logic.wording import counted
from registry.models import Category, EventKind, Repository
from registry.services.events import record_event

# So many scans in a row may have had a directory that they could not list.
REMEMBERED_SCANS = 20


def policy_from_settings() -> ScanPolicy:
    """Return the policy that the settings ask for."""
    return ScanPolicy(
        lease=timedelta(seconds=settings.UMDL_LEASE_SECONDS),
        diff=DiffPolicy(
            greatest_loss_share=settings.UMDL_GREATEST_LOSS_PERCENT / 100,
            grace=timedelta(seconds=settings.UMDL_VANISHED_GRACE_SECONDS),
        ),
        history=HistoryPolicy(
            stale=timedelta(days=settings.UMDL_STALE_DAYS),
            propagation=timedelta(days=settings.UMDL_PROPAGATION_DAYS),
        ),
        source=SourcePolicy(
            allow_private=settings.PROBE_ALLOW_PRIVATE,
            user_agent=f"Mirrorsite-umdl/{settings.VERSION} (+{settings.CRAWLER_CONTACT})",
        ),
    )


class Patience(NamedTuple):
    """How long to wait for somebody else's scan, and how to pass the time."""

    limit: timedelta = timedelta(0)
    pause: Callable[[], None] = partial(time.sleep, 1)


IMPATIENT = Patience()


def scan_categories(
    categories: Iterable[Category],
    *,
    clock: Clock,
    policy: ScanPolicy,
    force: bool = False,
    dry_run: bool = False,
    thorough: bool = False,
    if_changed: bool = False,
    patience: Patience = IMPATIENT,
    progress: Callable[[Category], Progress] | None = None,
) -> Iterator[MasterScan]:
    """Scan Categories one after the other; yield the result of each as it ends.

    `if_changed` asks the change signal first; what it skips is recorded. Where somebody else is
    still scanning when `patience` ends, the result is an unsaved MasterScan in the state skipped.
    """
    for category in categories:
        if if_changed and (skipped := _skip_unchanged(category, clock=clock, policy=policy)):
            yield skipped
            continue
        until = clock() + patience.limit
        while True:
            try:
                yield scan_category(
                    category,
                    clock=clock,
                    policy=policy,
                    force=force,
                    dry_run=dry_run,
                    thorough=thorough,
                    progress=progress(category) if progress else _no_progress,
                )
                break
            except AlreadyRunningError as error:
                if clock() >= until:
                    yield _occupied(category, str(error), clock())
                    break
                patience.pause()


def _skip_unchanged(category: Category, *, clock: Clock, policy: ScanPolicy) -> MasterScan | None:
    verdict = judge_scheduled(category, now=clock(), source=policy.source, policy=policy.signal)
    return None if verdict.scan else record_skip(category, verdict, now=clock())


def _occupied(category: Category, reason: str, now: datetime) -> MasterScan:
    return MasterScan(
        category=category,
        state=RunState.SKIPPED,
        reason=reason,
        started_at=now,
        finished_at=now,
    )


def _no_progress(phase: str, count: int) -> None:
    """Show nothing."""


def scan_category(
    category: Category,
    *,
    clock: Clock,
    policy: ScanPolicy,
    force: bool = False,
    dry_run: bool = False,
    thorough: bool = False,
    progress: Progress = _no_progress,
) -> MasterScan:
    """Scan the master tree of a Category and return the MasterScan, with its reason.

    `force` accepts a loss that the guard would refuse; `thorough` looks at every file although
    change times say nothing happened; `dry_run` writes nothing and returns an unsaved row whose
    log lists what would be written. Raises AlreadyRunningError with a sentence.
    """
    now = clock()
    if dry_run:
        row = MasterScan(category=category, started_at=now, lease_until_at=now + policy.lease)
    else:
        row = claim(category, now=now, lease=policy.lease)
    run = ScanRun(category, row, clock, policy, progress, force, dry_run, thorough)
    try:
        return _scan(run)
    except LostLeaseError:
        row.refresh_from_db()
        return row
    except SourceError as error:
        return run.end(RunState.FAILED, str(error))
    except Exception as error:
        run.end(RunState.FAILED, f"The scan broke off: {type(error).__name__}: {error}")
        raise
    except BaseException:
        run.end(RunState.ABANDONED, "The scan was stopped. The next one completes it.")
        raise


def _scan(run: ScanRun) -> MasterScan:
    if not run.dry_run:
        # Before the tree: what changes meanwhile is a change for the next scan.
        run.row.signal = signal_value(run.category, run.policy.source)
    tops = list(Category.objects.values_list("top_directory", flat=True))
    source = source_of(run.category, tops, policy=run.policy.source)
    run.counts["scope"] = _scope_of(run.category, tops).fingerprint(
        run.category.source_kind, run.category.source_location
    )
    with source.started(beat=run.beat), pause_collection():
        known = load_known(run.category, tops=tops)
        sighting = _look(run, source, known)
    diff = diff_tree(
        known.directories, sighting.seen, now=run.row.started_at, policy=run.policy.diff
    )
    _count(run, sighting, diff)
    there = [row for row in known.directories.values() if row.vanished_at is None]
    verdict = judge_loss(
        diff,
        known=Totals(len(there), sum(row.file_count for row in there)),
        seen=Totals(len(sighting.seen), sighting.files),
        policy=run.policy.diff,
        force=run.force,
    )
    if verdict.refused:
        return _refuse(run, verdict)
    write_scan(run, source, known, sighting, diff)
    return run.end(RunState.FINISHED, _summary(run, verdict))


def source_of(category: Category, tops: Iterable[str], *, policy: SourcePolicy) -> MasterSource:
    """Return the source of a Category. Raises SourceError if its page has a mistake."""
    try:
        place = place_of(category)
    except ValueError as error:
        raise SourceError(str(error)) from error
    return open_source(place, _scope_of(category, tops), policy)


def _scope_of(category: Category, tops: Iterable[str]) -> ScanScope:
    try:
        excludes = compile_excludes(category.excludes)
    except ValueError as error:
        raise SourceError(str(error)) from error
    top = category.top_directory
    return ScanScope(top, excludes=excludes, foreign=foreign_tops(top, tops))


def _believed(run: ScanRun, known: KnownTree) -> dict[str, datetime]:
    """Return the change times at which files need no look, by what earlier scans had seen."""
    if run.thorough:
        return {}
    earlier = MasterScan.objects.filter(category=run.category, state=RunState.FINISHED)
    scans = earlier.order_by("-started_at", "-id").values_list("started_at", "counts")
    past = (
        PastScan(started_at, counts.get("scope", 0), counts.get("unlisted", 0))
        for started_at, counts in scans[:REMEMBERED_SCANS]
    )
    others = Repository.objects.filter(category=run.category).exclude(kind=RepositoryFormat.RPM)
    believed = believed_times(
        known.directories,
        complete_at=last_complete(past, scope=run.counts["scope"]),
        always_read=DIRECTORY,
        policy=run.policy.diff,
        besides=frozenset(others.values_list("directory__path", flat=True)),
    )
    for path in known.adopted:
        believed.pop(path, None)  # another Category may have seen it with other eyes
    return believed


def _look(run: ScanRun, source: MasterSource, known: KnownTree) -> Sighting:
    believed = _believed(run, known)
    sighting = look_at_tree(
        source,
        top=run.category.top_directory,
        known=known.directories,
        believed=believed,
        beat=run.beat,
        progress=run.report,
    )
    run.note(sighting.oddities)
    return sighting


def _count(run: ScanRun, sighting: Sighting, diff: Diff) -> None:
    run.counts.update(
        directories=len(sighting.seen),
        files=sighting.files,
        bytes=sighting.size_bytes,
        added=len(diff.added),
        changed=len(diff.changed),
        vanished=len(diff.vanished),
        deleted=len(diff.dropped),
        moved=sum(move.directories for move in diff.moves),
        unreadable=len(diff.unreadable),
        unlisted=len(diff.unlisted),
        repositories=0,
        file_details=0,
    )


def _refuse(run: ScanRun, verdict: LossVerdict) -> MasterScan:
    if not run.dry_run:
        record_event(
            run.category,
            EventKind.SCAN_REFUSED,
            f"The scan of {run.category} was refused. {verdict.sentence}",
            now=run.clock(),
            facts={"reason": verdict.reason.value, **run.counts},
        )
    return run.end(RunState.REFUSED, verdict.sentence)


def _summary(run: ScanRun, verdict: LossVerdict) -> str:
    counts = run.counts
    sentence = (
        f"{counted(counts['directories'], 'directory', 'directories')} with "
        f"{counted(counts['files'], 'file')}: "
        f"{counts['added']:,} added, {counts['changed']:,} changed, {counts['vanished']:,} "
        f"vanished; {counted(counts['repositories'], 'Repository', 'Repositories')} and "
        f"{counted(counts['file_details'], 'state')} of metadata recorded."
    )
    if counts["unreadable"]:
        sentence += f" Not readable by others: {counts['unreadable']:,}."
    if run.dry_run:
        sentence += " It was a dry run: nothing was written."
    return f"{sentence} {verdict.sentence}" if verdict.reason is LossReason.FORCED else sentence
