"""Whose turn it is to change what clients are answered from, and that rows and file agree on it.

Knows which row is live and which file `current` leads to. Deliberately does not judge who may
replace what: that is `mirrorlist.logic.guard`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db import transaction

from mirrorlist.logic.guard import Live, Start
from mirrorlist.models import Snapshot
from mirrorlist.snapshot_writer import publish_file

State = Snapshot.State


def start_of(row: Snapshot) -> Start:
    """Note what is live as a build begins, and which builds began before it."""
    earlier = Snapshot.objects.filter(state=State.BUILDING, pk__lt=row.pk)
    return Start(_live(), frozenset(earlier.values_list("pk", flat=True)))


@contextmanager
def turn() -> Iterator[Live | None]:
    """Let one build or rollback at a time change what is live, and tell it what is.

    It lasts as long as a symbolic link takes. Whoever changes what is live holds its row, or with
    none live those of the builds; what is live is read after that, as it changes while one waits.
    """
    with transaction.atomic():
        rows = Snapshot.objects.filter(state__in=[State.BUILDING, State.PUBLISHED])
        list(rows.order_by("pk").select_for_update().values_list("pk"))
        yield _live()


def put_live(row: Snapshot, current: Path, *, now: datetime) -> None:
    """Lead clients to the file of a row, and say so in the rows; only in one's turn.

    If the process dies between the two, clients are answered from the new file, while the rows name
    the one before: see `follow_file`.
    """
    publish_file(current.with_name(row.filename), current)
    _mark_live(row, now=now)


def follow_file(current: Path, *, now: datetime) -> None:
    """Make the row of the file that clients are answered from the published one.

    It is another one only after a process died while it put a snapshot live; the next build, which
    calls this, mends that.
    """
    if _row_to_mend(current) is None:
        return
    with turn():
        row = _row_to_mend(current)  # by now a turn that went on may have ended
        if row is not None:
            _mark_live(row, now=now)


def _live() -> Live | None:
    found = Snapshot.objects.filter(state=State.PUBLISHED).order_by("-published_at", "-pk")
    row = found.values_list("pk", "published_at").first()
    return Live(*row) if row else None


def _mark_live(row: Snapshot, *, now: datetime) -> None:
    """Make a row the published one and the others replaced."""
    Snapshot.objects.filter(state=State.PUBLISHED).exclude(pk=row.pk).update(state=State.REPLACED)
    row.state, row.published_at = State.PUBLISHED, now
    row.save()


def _row_to_mend(current: Path) -> Snapshot | None:
    named = Snapshot.objects.filter(filename=current.resolve().name)
    return named.exclude(state=State.PUBLISHED).first()
