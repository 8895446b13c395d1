"""Write what a scan of the master tree found, in short transactions under the lease.

Nothing is written before what it depends on, and a Directory never without its metadata; so a
scan that is killed leaves nothing that the next one would not find unfinished.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial

from django.db import transaction

from crawler.logic.file_history import why_read
from crawler.logic.master_diff import Diff, DiffPolicy
from crawler.logic.repomd import DIRECTORY, repository_above
from crawler.master.base import MasterSource, Oddity, OddityReason
from crawler.services.checksums import ChecksumPass
from crawler.services.file_details import (
    Histories,
    Reading,
    age_out_file_details,
    count_new,
    load_histories,
    read_metadata,
    store_states,
)
from crawler.services.master_tables import (
    IDS_AT_ONCE,
    KnownTree,
    adopt,
    delete_directories,
    in_chunks,
    mark_vanished,
    store_changes,
)
from crawler.services.scan_run import ScanRun
from crawler.services.sighting import Sighting
from registry.logic.places import printable, relative_to
from registry.logic.recognition import RecognitionReason
from registry.logic.repository_kinds import RepositoryFormat
from registry.models import Repository
from registry.services.recognition import load_rulebook
from registry.services.repositories import plan_repositories, store_repositories


def write_scan(
    run: ScanRun, source: MasterSource, known: KnownTree, sighting: Sighting, diff: Diff
) -> None:
    """Write the result of a scan; a dry run only says what would be written.

    First the Directories with their metadata, then what vanished, then the Repositories: one may
    have moved, and its prefix is free only when its old place is gone.
    """
    run.plan.extend(_move_lines(diff))
    run.plan.extend(_plan_lines(diff, run.policy.diff) if run.dry_run else ())
    ids = {path: row.id for path, row in known.directories.items()}
    _write_ids(run, lambda chunk: adopt(chunk, run.category), [ids[p] for p in known.adopted])
    _write_directories(run, source, known, sighting, diff, ids)
    gone = partial(mark_vanished, now=run.row.started_at)
    _write_ids(run, gone, [ids[path] for path in diff.awaited])
    _write_ids(run, delete_directories, [ids[path] for path in diff.dropped])
    _note_lost_metadata(run, sighting, diff)
    _write_repositories(run, sighting, ids)
    if not run.dry_run:
        age_out_file_details(run.category, now=run.clock(), policy=run.policy.history)


def _move_lines(diff: Diff) -> list[str]:
    return [
        f"“{printable(move.old)}” moved to “{printable(move.new)}”: the {move.directories:,} "
        "Directories there have the same files."
        for move in diff.moves
    ]


def _plan_lines(diff: Diff, policy: DiffPolicy) -> list[str]:
    changes = sorted([*diff.added, *diff.changed])
    days = policy.grace / timedelta(days=1)
    return [
        *(f"{printable(change.path) or '(top)'}: {change.sentence}" for change in changes),
        *(f"{printable(path)}: It is gone." for path in diff.dropped),
        *(
            f"{printable(path)}: It is gone; it is deleted if it stays so for {days:g} days."
            for path in diff.awaited
        ),
    ]


def _write_directories(
    run: ScanRun,
    source: MasterSource,
    known: KnownTree,
    sighting: Sighting,
    diff: Diff,
    ids: dict[str, int],
) -> None:
    """Write new and changed Directories, with the metadata of those that have some."""
    histories = load_histories(run.category)
    changes = {change.path: change for change in (*diff.added, *diff.changed)}
    reread = _to_read(run, source, sighting, ids, histories, changes.keys())
    checksums = ChecksumPass(run, source, sighting, ids, changes.keys(), histories)
    todo = sorted(changes.keys() | reread | checksums.todo)
    done = 0
    for chunk in in_chunks(todo, run.policy.batch):
        readings = _read(run, source, sighting, [path for path in chunk if path in reread])
        images = checksums.read(chunk)
        done += len(chunk)
        if run.dry_run:
            now = run.clock()
            run.counts["file_details"] += count_new(readings, ids=ids, histories=histories, now=now)
            run.counts["file_details"] += checksums.count(images, ids=ids, now=now)
            continue
        with transaction.atomic():
            now = run.hold()
            ids |= store_changes(
                run.category,
                [changes[path] for path in chunk if path in changes],
                seen=sighting.seen,
                listings=sighting.listings,
                known=known.directories,
                now=now,
            )
            stored = store_states(readings, ids=ids, histories=histories, now=now)
            stored += checksums.store(images, ids=ids, now=now)
        run.counts["file_details"] += stored
        run.report("write", done)


def _to_read(
    run: ScanRun,
    source: MasterSource,
    sighting: Sighting,
    ids: Mapping[str, int],
    histories: Histories,
    changed: Collection[str],
) -> set[str]:
    """Return the Directories of whose metadata something has to be read."""
    todo = set()
    for path, each in sighting.metadata.items():
        for entry in each.entries:
            history = histories.get((ids.get(path, 0), entry.name))
            current = history[0] if history else None
            name = relative_to(f"{path}/{entry.name}", run.category.top_directory)
            if why_read(entry, current=current, changed=path in changed, hint=source.hint(name)):
                todo.add(path)
    return todo


def _read(
    run: ScanRun, source: MasterSource, sighting: Sighting, paths: Sequence[str]
) -> list[Reading]:
    """Read metadata of the master, outside any transaction."""
    readings = []
    for path in paths:
        for entry in sighting.metadata[path].entries:
            reading = read_metadata(
                source,
                path,
                entry,
                sighting.metadata[path].found.format,
                top=run.category.top_directory,
                limit=run.policy.greatest_metadata_bytes,
            )
            run.note([reading.oddity] if reading.oddity else ())
            readings.append(reading)
    return readings


def _write_ids(run: ScanRun, write: Callable[[Sequence[int]], None], ids: Sequence[int]) -> None:
    """Do something with Directories that needs only their ids, in short transactions."""
    for chunk in in_chunks(() if run.dry_run else ids, IDS_AT_ONCE):
        with transaction.atomic():
            run.hold()
            write(chunk)


def _note_lost_metadata(run: ScanRun, sighting: Sighting, diff: Diff) -> None:
    """Say where a Repository has lost its metadata but not its Directory."""
    there = sighting.repositories()
    others = Repository.objects.filter(category=run.category).exclude(kind=RepositoryFormat.RPM)
    for path in others.values_list("directory__path", flat=True):
        if path not in there and path in sighting.seen and sighting.seen[path].digest is not None:
            run.note(
                [
                    Oddity(
                        OddityReason.REPOSITORY,
                        f"“{printable(path)}” has lost its metadata; clients cannot use the "
                        "Repository anymore. Disable or delete it if that is meant.",
                    )
                ]
            )
    for path in diff.vanished:
        above = repository_above(path) if path.rpartition("/")[2] == DIRECTORY else None
        if above is not None and above in sighting.seen:
            run.note(
                [
                    Oddity(
                        OddityReason.REPOSITORY,
                        f"“{printable(path)}” is gone; clients cannot use the Repository "
                        "above it anymore. Disable or delete it if that is meant.",
                    )
                ]
            )


def _write_repositories(run: ScanRun, sighting: Sighting, ids: Mapping[str, int]) -> None:
    """Recognize and write the Repositories whose metadata were seen."""
    rulebook = load_rulebook(run.category)
    run.note(Oddity(OddityReason.RULE, sentence) for sentence in rulebook.refused)
    plans = plan_repositories(run.category, sighting.repositories(), rulebook=rulebook)
    run.counts["repositories"] = sum(
        plan.id is None or plan.recognition.recognized for plan in plans
    )
    run.note(
        Oddity(OddityReason.REPOSITORY, plan.sentence)
        for plan in plans
        if not plan.recognition.recognized
        and plan.recognition.reason is not RecognitionReason.BY_PATH
    )
    if run.dry_run:
        run.plan.extend(plan.sentence for plan in plans if plan.recognition.recognized)
        return
    for chunk in in_chunks(plans, IDS_AT_ONCE):
        with transaction.atomic():
            run.hold()
            store_repositories(run.category, chunk, ids=ids)
        run.report("recognize", len(chunk))
