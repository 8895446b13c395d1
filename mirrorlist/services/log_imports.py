"""Logs that operators have read by a worker: first looked at, then, if they agree, counted.

A row says how far the worker is and what it found. Reading and counting themselves are the business
of `request_logs`; counting twice changes nothing.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django_q.tasks import async_task

from mirrorlist.log_files import LogFileError, forget_old_uploads, forget_upload
from mirrorlist.models import LogImport
from mirrorlist.services.request_logs import ImportedLog, import_log
from mirrorlist.services.statistics import StatisticsPolicy
from registry.logic.wording import counted

TASK = "mirrorlist.tasks.read_log"
State = LogImport.State
# A worker says how far it is every second or so; one that was silent for so long is gone.
SILENT_FOR = timedelta(minutes=10)
# Uploads have addresses of clients: who has not counted them by then uploads them again.
UPLOADS_KEPT = timedelta(days=1)


def look_at_log(
    filename: str, *, only_day: date | None, actor: AbstractBaseUser, now: datetime
) -> LogImport:
    """Have a worker look at a file of MIRRORLIST_LOG_DIR; the row says how far it is."""
    row = LogImport.objects.create(
        filename=filename, only_day=only_day, actor_id=actor.pk, asked_at=now
    )
    _queue(row.pk)
    return row


def count_log(row: LogImport, *, actor: AbstractBaseUser, now: datetime) -> bool:
    """Have a worker count what was looked at; return whether it is to be counted, now."""
    silent = Q(state=State.RUNNING, counts=True, seen_at__lt=now - SILENT_FOR)
    ready = Q(state=State.LOOKED_AT) | Q(state=State.FAILED, counts=True) | silent
    asked = LogImport.objects.filter(ready, pk=row.pk).exclude(sha256="")
    changed = asked.update(
        state=State.WAITING, counts=True, lines=0, actor_id=actor.pk, seen_at=None, finished_at=None
    )
    if changed:
        _queue(row.pk)
    return bool(changed)


def read_log(import_id: int, *, clock: Callable[[], datetime], policy: StatisticsPolicy) -> str:
    """Read a log that waits, and write down what it has; return what came of it.

    Only one worker reads it, however often the task is delivered.
    """
    rows = LogImport.objects.filter(pk=import_id)
    if not rows.filter(state=State.WAITING).update(state=State.RUNNING, seen_at=clock()):
        return "Somebody else reads it, or it was read."
    row, lines = rows.get(), 0

    def progress(more: int) -> None:
        nonlocal lines
        lines += more
        rows.update(lines=lines, seen_at=clock())

    try:
        imported = import_log(
            settings.MIRRORLIST_LOG_DIR / row.filename,
            now=clock(),
            policy=policy,
            only=row.only_day,
            dry_run=not row.counts,
            expected=row.sha256,
            progress=progress,
        )
    except LogFileError as error:
        reason = f"{error} Nothing of it was counted."
        rows.update(state=State.FAILED, reason=reason, finished_at=clock())
        return reason
    state = State.COUNTED if row.counts else State.LOOKED_AT
    row.reason = _sentence(imported, counts=row.counts)
    rows.update(
        state=state,
        reason=row.reason,
        found=imported.facts(),
        sha256=imported.sha256,
        finished_at=clock(),
    )
    if row.counts:
        forget_upload(row.filename, directory=settings.MIRRORLIST_LOG_DIR)
    return row.reason


def forget_log(row: LogImport) -> None:
    """Delete what is known of a log, and the log if it was uploaded. Nothing is counted back."""
    forget_upload(row.filename, directory=settings.MIRRORLIST_LOG_DIR)
    row.delete()


def expire_uploads(*, now: datetime) -> int:
    """Delete uploads that nobody had counted in time; return how many."""
    before = (now - UPLOADS_KEPT).timestamp()
    return forget_old_uploads(settings.MIRRORLIST_LOG_DIR, before=before)


def _queue(import_id: int) -> None:
    async_task(TASK, import_id, q_options={"cluster": "crawl"})  # whose tasks may take hours


def _sentence(imported: ImportedLog, *, counts: bool) -> str:
    new = sum(day.requests for day in imported.days if not day.known)
    known = sum(day.requests for day in imported.days if day.known)
    told = "were counted" if counts else "would be counted"
    before = f" {known:,} were counted before." if known else ""
    return f"{counted(new, 'request')} {told}.{before}"
