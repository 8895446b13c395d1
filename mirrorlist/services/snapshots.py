"""Build snapshots, put them live, and go back to an earlier one.

The one place that changes what clients are answered from. Reading is `contents`, judging
`mirrorlist.logic.guard`, files `mirrorlist.snapshot_writer`.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.utils.crypto import constant_time_compare

from mirrorlist.geo import GeoFiles
from mirrorlist.logic.answers import answer
from mirrorlist.logic.contents import Contents
from mirrorlist.logic.guard import Verdict, judge_publication, judge_turn
from mirrorlist.logic.query import Client, Kind
from mirrorlist.logic.world import AnswerPolicy, World
from mirrorlist.models import Snapshot
from mirrorlist.services.contents import load_contents
from mirrorlist.services.pruning import prune_snapshots
from mirrorlist.services.turns import follow_file, put_live, start_of, turn
from mirrorlist.snapshot_file import DamagedSnapshotError, SnapshotFile, open_snapshot
from mirrorlist.snapshot_writer import SnapshotWriteError, write_snapshot
from registry.models import EventKind
from registry.services.events import record_event

CURRENT = "current.sqlite"
# A build takes seconds; one that is older than this has died.
LONGEST_BUILD = timedelta(hours=1)

State = Snapshot.State


@dataclass(frozen=True)
class SnapshotPolicy:
    """Where snapshots are, how many are kept, what may replace the last one, what is in them."""

    directory: Path
    kept: int
    greatest_loss_percent: int
    listings: bool = True

    @property
    def current(self) -> Path:
        """The symbolic link to the live file, which edges watch."""
        return self.directory / CURRENT


class RollbackError(Exception):
    """A snapshot cannot be made live again; the text says why."""


def snapshot_policy() -> SnapshotPolicy:
    """Return the policy that the settings ask for."""
    return SnapshotPolicy(
        directory=settings.MIRRORLIST_SNAPSHOT_DIR,
        kept=settings.MIRRORLIST_SNAPSHOTS_KEPT,
        greatest_loss_percent=settings.MIRRORLIST_GREATEST_LOSS_PERCENT,
        listings=settings.MIRRORLIST_LISTINGS,
    )


def build_snapshot(
    *,
    now: datetime,
    policy: SnapshotPolicy,
    force: bool = False,
    anew: bool = False,
    actor: AbstractBaseUser | None = None,
) -> Snapshot:
    """Build a snapshot, and put it live unless it lost too much; `force` overrides that.

    Where little changed, the live one is continued, unless it is to be built `anew`. Whatever
    becomes of it is a row with the reason. The live snapshot changes in one step, after the new
    file was read back and answered a question, or not at all. Of builds at the same time the one
    that began last wins, whatever the clock says.
    """
    follow_file(policy.current, now=now)
    Snapshot.objects.filter(state=State.BUILDING, built_at__lt=now - LONGEST_BUILD).update(
        state=State.FAILED, reason="The build did not end; its process is gone."
    )
    row = Snapshot.objects.create(built_at=now)
    began = time.monotonic()
    try:
        _build(row, policy, now=now, force=force, anew=anew, actor=actor)
    except (SnapshotWriteError, DamagedSnapshotError) as error:
        row.state, row.reason = State.FAILED, str(error)
    except OSError as error:
        row.state, row.reason = State.FAILED, f"The snapshot could not be written: {error}."
    row.duration = timedelta(seconds=time.monotonic() - began)
    # What went live may have been replaced since.
    row.save(update_fields=["duration"] if row.state == State.PUBLISHED else None)
    prune_snapshots(policy.current, kept=policy.kept, now=now)
    return row


def rollback_snapshot(
    snapshot: Snapshot,
    *,
    now: datetime,
    policy: SnapshotPolicy,
    actor: AbstractBaseUser | None = None,
) -> None:
    """Put an earlier snapshot live again, until the next build.

    Raises RollbackError, with a sentence, if its file is gone or damaged.
    """
    if not snapshot.filename:
        raise RollbackError(f"The file of “{snapshot}” is no longer kept.")
    path = policy.directory / snapshot.filename
    try:
        open_snapshot(path).close()
    except DamagedSnapshotError as error:
        raise RollbackError(str(error)) from error
    with turn():
        snapshot.reason = "Rolled back to it by hand; the next build replaces it."
        put_live(snapshot, policy.current, now=now)
    record_event(
        snapshot, EventKind.CHANGED, f"Rolled back to {snapshot.filename}.", now=now, actor=actor
    )


def admits_edge(token: str) -> bool:
    """Tell whether whoever shows this token may have snapshots; without one set, nobody may."""
    expected = settings.MIRRORLIST_SNAPSHOT_TOKEN
    return bool(expected) and constant_time_compare(token, expected)


def rolled_back_at(policy: SnapshotPolicy) -> datetime | None:
    """Return since when an earlier snapshot than the last is live, None if the last one is.

    Edges take it if that is after theirs was built. So it is, too, if the live one only seems to be
    earlier because the clock was set back since. Costs two queries.
    """
    live = Snapshot.objects.filter(state=State.PUBLISHED).first()
    if live is None or live.filename != policy.current.resolve().name:
        return None
    later = Snapshot.objects.filter(built_at__gt=live.built_at, published_at__isnull=False)
    last = later.order_by("-built_at").first()
    if last is None or live.published_at is None:
        return None
    return max(live.published_at, last.built_at + timedelta(seconds=1))


def _build(
    row: Snapshot,
    policy: SnapshotPolicy,
    *,
    now: datetime,
    force: bool,
    anew: bool,
    actor: AbstractBaseUser | None,
) -> None:
    start = start_of(row)
    with _live(policy) as last:
        # Listings are copied from the last snapshot, so it must have them, or they are not wanted.
        fits = last is not None and last.knows_files is policy.listings
        contents = load_contents(
            now=now, last=last if fits and not anew else None, listings=policy.listings
        )
        row.counts = contents.counts()
        verdict = judge_publication(
            contents.holdings(),
            last.holdings() if last else None,
            greatest_loss_percent=policy.greatest_loss_percent,
            force=force,
        )
        if not verdict.allows:
            _refuse(row, verdict, now=now, actor=actor)
            return
        path = policy.directory / f"snapshot-{now:%Y%m%dT%H%M%SZ}-{row.pk}.sqlite"
        row.sha256 = _write(contents, path, now=now, last=last.path if last else None)
    row.filename, row.size_bytes = path.name, path.stat().st_size
    row.reason = f"{verdict.sentence} {contents.how}"
    row.save()  # so that `follow_file` finds it
    with turn() as live:
        verdict = judge_turn(start, live)
        if verdict.allows:
            put_live(row, policy.current, now=now)
        else:
            row.state, row.reason = State.REPLACED, verdict.sentence


def _write(contents: Contents, path: Path, *, now: datetime, last: Path | None) -> str:
    """Write a file beside, try it out and give it its name; return its SHA-256."""
    part = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_snapshot(part, contents, last=last)
        sha256 = _try_out(part, now=now)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return sha256


def _refuse(
    row: Snapshot, verdict: Verdict, *, now: datetime, actor: AbstractBaseUser | None
) -> None:
    """Note why; the timeline hears of the first of several refusals for the same reason."""
    last = Snapshot.objects.exclude(pk=row.pk).order_by("-pk").first()
    row.state, row.reason = State.REFUSED, verdict.sentence
    if last is None or (last.state, last.reason) != (row.state, row.reason):
        record_event(
            row,
            EventKind.SNAPSHOT_REFUSED,
            f"A snapshot was not published: {verdict.sentence}",
            now=now,
            actor=actor,
            facts={"reason": verdict.reason.value, "counts": row.counts},
        )


@contextmanager
def _live(policy: SnapshotPolicy) -> Iterator[SnapshotFile | None]:
    """Open the live snapshot; a damaged one has nothing left to protect or to continue."""
    try:
        last = open_snapshot(policy.current.resolve())
    except DamagedSnapshotError:
        yield None
        return
    try:
        yield last
    finally:
        last.close()


def _try_out(path: Path, *, now: datetime) -> str:
    """Open a file as an edge would and ask it something; return its SHA-256.

    Raises DamagedSnapshotError if it does not answer.
    """
    snapshot = open_snapshot(path)
    try:
        _probe(snapshot, now=now)
    finally:
        snapshot.close()
    return snapshot.sha256


def _probe(snapshot: SnapshotFile, *, now: datetime) -> None:
    directory = snapshot.a_directory()
    if directory is None:
        return
    world = World(
        snapshot,
        GeoFiles(),
        AnswerPolicy(),
        rng=Random(0),  # noqa: S311 -- no secret
        pool_size=1,
    )
    query = f"path={quote(directory)}".encode()
    got = answer(Kind.MIRRORLIST, query, Client("192.0.2.1"), world, now=now.timestamp())
    if got.status != 200 or not got.body.startswith(b"# path = "):
        raise DamagedSnapshotError(
            f"The new snapshot answers {directory} with status {got.status}; it was not published."
        )
