"""Who scans a Category: the running MasterScan row is the lock, and it has a lease.

Whoever holds it says so again before everything it writes; whoever is not heard of for the length
of the lease, or whose process is gone, is taken for dead and its scan for abandoned.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from crawler.models import MasterScan, RunState
from crawler.processes import is_gone, this_process
from registry.models import Category


class AlreadyRunningError(Exception):
    """Somebody else scans the Category; the sentence says who and since when."""


class LostLeaseError(Exception):
    """Another process took this scan over, so it must not write anything more."""


def claim(category: Category, *, now: datetime, lease: timedelta) -> MasterScan:
    """Start the scan of a Category and return its row, whose process is this one.

    A scan whose lease has run out, or whose process ended on this machine, is closed as
    abandoned first. Raises AlreadyRunningError with a sentence.
    """
    _abandon_dead(category, now=now)
    try:
        with transaction.atomic():
            return MasterScan.objects.create(
                category=category,
                started_at=now,
                lease_until_at=now + lease,
                worker=this_process(),
            )
    except IntegrityError as error:
        running = MasterScan.objects.filter(category=category, state=RunState.RUNNING).first()
        if running is None:
            raise AlreadyRunningError(f"{category} was just scanned. Try again.") from error
        raise AlreadyRunningError(
            f"{category} is being scanned by {running.worker} since "
            f"{running.started_at:%Y-%m-%d %H:%M} UTC. Wait for it; if it is dead, its lease ends "
            f"at {running.lease_until_at:%H:%M} UTC."
        ) from error


def renew(
    scan: MasterScan,
    *,
    now: datetime,
    lease: timedelta,
    counts: Mapping[str, int] | None = None,
    log: str = "",
) -> None:
    """Hold on to the lease; inside a transaction this also keeps others from taking it over.

    `counts` and `log` are how far it is, for who watches. Raises LostLeaseError if another process
    already has.
    """
    scan.lease_until_at = now + lease
    held = MasterScan.objects.filter(pk=scan.pk, state=RunState.RUNNING, worker=scan.worker)
    seen = {} if counts is None else {"counts": dict(counts), "log": log}
    if not held.update(lease_until_at=scan.lease_until_at, **seen):
        raise LostLeaseError


def close(
    scan: MasterScan,
    state: RunState,
    reason: str,
    *,
    now: datetime,
    counts: Mapping[str, int],
    log: str,
) -> None:
    """End a scan with its result; if it was taken over meanwhile, the row stays as it is."""
    scan.state, scan.reason, scan.finished_at = state, reason, now
    scan.counts, scan.log = dict(counts), log
    if scan._state.adding:
        return  # a dry run leaves no trace
    MasterScan.objects.filter(pk=scan.pk, state=RunState.RUNNING).update(
        state=state,
        reason=reason,
        finished_at=now,
        counts=scan.counts,
        log=log,
        signal=scan.signal,
    )


def _abandon_dead(category: Category, *, now: datetime) -> None:
    for scan in MasterScan.objects.filter(category=category, state=RunState.RUNNING):
        if is_gone(scan.worker):
            reason = f"Its process {scan.worker} ended without a word."
        elif scan.lease_until_at < now:
            reason = f"Its process {scan.worker} was not heard of in time."
        else:
            continue
        MasterScan.objects.filter(
            pk=scan.pk, state=RunState.RUNNING, lease_until_at=scan.lease_until_at
        ).update(
            state=RunState.ABANDONED,
            reason=f"{reason} The next scan completes what it left.",
            finished_at=now,
        )
