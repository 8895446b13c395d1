"""Who visits which Host: a running CrawlRun is the Host's lock, and its lease says who is dead.

Claims rest on a unique constraint and conditional UPDATEs, so that any number of processes on any
number of machines may claim at once.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from crawler.logic.queue import QueuePolicy
from crawler.models import CrawlMode, CrawlRun, RunState
from crawler.processes import is_gone
from crawler.services.plans import why_not_due
from registry.models import Host

# A line of the log is about 200 bytes; more than this nobody reads.
LOG_BYTES = 64 * 1024
END_FIELDS = ("state", "reason", "finished_at", "counts", "log")


def claim_host(
    host: Host,
    *,
    seed: int,
    worker: str,
    lease: timedelta,
    now: datetime,
    mode: CrawlMode = CrawlMode.FULL,
    due: QueuePolicy | None = None,
) -> CrawlRun:
    """Begin a CrawlRun of a Host; if somebody else visits it, return a skipped one that says so.

    With `due` it is skipped, too, if it is not due any more: visited since it was found due, or
    outside its hours by now. A run whose lease is over is abandoned first, and so is one whose
    process is known to have ended on this machine.
    """
    for _ in range(2):
        try:
            with transaction.atomic():
                run = CrawlRun.objects.create(
                    host=host,
                    started_at=now,
                    lease_until_at=now + lease,
                    worker=worker,
                    seed=seed,
                    mode=mode,
                )
                # Only now: whoever visited it until a moment ago has written down when.
                if due is not None and (refusal := why_not_due(host, now=now, policy=due)):
                    _skip_claimed(run, refusal, now=now)
                return run
        except IntegrityError:
            if not _abandon_expired(host, now=now):
                break
    return _skip(host, seed=seed, worker=worker, now=now)


def renew_leases(runs: Collection[CrawlRun], *, lease: timedelta, now: datetime) -> None:
    """Say that the process of these runs is alive; one query."""
    if runs:
        _running(runs).update(lease_until_at=now + lease)


def report_progress(runs: Collection[CrawlRun]) -> None:
    """Write down how far runs are (`counts`), unless they were taken over; one query."""
    if runs:
        CrawlRun.objects.filter(state=RunState.RUNNING).bulk_update(runs, ["counts"])


class End(NamedTuple):
    """How a run ended."""

    run: CrawlRun
    state: RunState
    reason: str
    finished_at: datetime
    counts: dict[str, Any]
    log: str = ""


def finish_run(
    run: CrawlRun,
    *,
    state: RunState,
    reason: str,
    now: datetime,
    counts: dict[str, Any] | None = None,
    log: str = "",
) -> bool:
    """End a run, unless somebody took it for dead meanwhile; return whether it was still ours."""
    end = End(run, state, reason, now, counts or {}, log)
    ours = finish_runs([end])
    if ours:
        apply_end(end)
    else:
        run.refresh_from_db()
    return ours


def finish_runs(ends: Sequence[End]) -> bool:
    """End runs in one query; return whether all of them were still ours.

    If not, those that were have ended all the same, so the caller's transaction is to be undone.
    """
    rows = []
    for end in ends:
        row = CrawlRun(pk=end.run.pk)
        for name, value in _fields(end).items():
            setattr(row, name, value)
        rows.append(row)
    return _running(rows).bulk_update(rows, END_FIELDS) == len(rows)


def apply_end(end: End) -> None:
    """Let the run at hand say what has been written of it."""
    for name, value in _fields(end).items():
        setattr(end.run, name, value)


def _fields(end: End) -> dict[str, Any]:
    return {name: getattr(end, name) for name in END_FIELDS} | {"log": _cap(end.log)}


def abandon_runs(runs: Collection[CrawlRun], *, reason: str, now: datetime) -> None:
    """End runs that will not be carried on, so that their Hosts can be claimed at once."""
    if runs:
        _running(runs).update(state=RunState.ABANDONED, reason=reason, finished_at=now)


def _running(runs: Collection[CrawlRun]) -> QuerySet[CrawlRun]:
    return CrawlRun.objects.filter(id__in=[run.pk for run in runs], state=RunState.RUNNING)


def is_carried_on(run: CrawlRun, *, now: datetime) -> bool:
    """Tell whether a running run is alive: its lease is not over, and its process did not end."""
    return run.lease_until_at > now and not is_gone(run.worker)


def _abandon_expired(host: Host, *, now: datetime) -> bool:
    """Abandon the running run of a Host if its lease is over; return whether the way is free."""
    running = CrawlRun.objects.filter(host=host, state=RunState.RUNNING).first()
    if running is None:
        return True
    if is_carried_on(running, now=now):
        return False
    heard = (
        f"Nothing was heard from its process {running.worker} until "
        f"{running.lease_until_at:%Y-%m-%d %H:%M} UTC; it was taken for dead."
    )
    CrawlRun.objects.filter(
        id=running.pk, state=RunState.RUNNING, lease_until_at=running.lease_until_at
    ).update(
        state=RunState.ABANDONED,
        finished_at=now,
        reason=f"Its process {running.worker} has ended." if is_gone(running.worker) else heard,
    )
    return True


def _skip_claimed(run: CrawlRun, reason: str, *, now: datetime) -> None:
    run.state, run.reason, run.finished_at = RunState.SKIPPED, reason, now
    run.save(update_fields=["state", "reason", "finished_at"])


def _skip(host: Host, *, seed: int, worker: str, now: datetime) -> CrawlRun:
    running = CrawlRun.objects.filter(host=host, state=RunState.RUNNING).first()
    since = f" since {running.started_at:%Y-%m-%d %H:%M} UTC" if running else ""
    return CrawlRun.objects.create(
        host=host,
        state=RunState.SKIPPED,
        reason=f"It is being crawled by another process{since}.",
        started_at=now,
        finished_at=now,
        lease_until_at=now,
        worker=worker,
        seed=seed,
    )


def _cap(log: str) -> str:
    data = log.encode()
    if len(data) <= LOG_BYTES:
        return log
    return data[:LOG_BYTES].decode(errors="ignore") + "\n… and more."
