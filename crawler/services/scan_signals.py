"""Scheduled scans that need not run: ask the master's change signal, and record what it decided.

Between two real scans a Category has at most one row that says why it was skipped.
"""

from datetime import datetime

from crawler.logic.change_signal import (
    LastScan,
    Signal,
    SignalPolicy,
    SignalVerdict,
    judge_signal,
)
from crawler.master.base import SourcePlace, SourcePolicy
from crawler.master.signals import read_signal
from crawler.models import MasterScan, RunState
from registry.logic.rsync_options import parse_rsync_options
from registry.models import Category


def place_of(category: Category) -> SourcePlace:
    """Return where a Category says that its master is. Raises ValueError with a sentence."""
    return SourcePlace(
        category.source_kind,
        category.source_location,
        parse_rsync_options(category.source_options),
        category.checksum_base,
        tuple(filter(None, map(str.strip, category.change_signals.splitlines()))),
    )


def signal_value(category: Category, policy: SourcePolicy) -> str:
    """Return what to keep of the change signal with a scan; empty if there is none."""
    try:
        place = place_of(category)
    except ValueError:
        return ""
    value = read_signal(place, policy).value
    return f"{_identity(category)}\n{value}" if value else ""


def judge_scheduled(
    category: Category, *, now: datetime, source: SourcePolicy, policy: SignalPolicy
) -> SignalVerdict:
    """Say whether a scheduled scan of a Category runs. Asks the master; costs one query.

    What changed on the page of the Category is a change, too.
    """
    finished = MasterScan.objects.filter(category=category, state=RunState.FINISHED)
    last = finished.values_list("started_at", "signal").first()
    try:
        signal = read_signal(place_of(category), source)
    except ValueError as error:
        signal = Signal(trouble=str(error))  # the scan will say so, too
    if signal.value:
        signal = signal._replace(value=f"{_identity(category)}\n{signal.value}")
    return judge_signal(signal, LastScan(*last) if last else None, now=now, policy=policy)


def record_skip(category: Category, verdict: SignalVerdict, *, now: datetime) -> MasterScan:
    """Write that a scan was skipped, over the row of the last skip if nothing came between."""
    latest = MasterScan.objects.filter(category=category).first()
    if latest is None or latest.state != RunState.SKIPPED:
        latest = MasterScan(category=category, state=RunState.SKIPPED, started_at=now)
    latest.reason = verdict.sentence
    latest.finished_at = latest.lease_until_at = now
    latest.counts = {"skipped": latest.counts.get("skipped", 0) + 1}
    latest.save()
    return latest


def _identity(category: Category) -> str:
    """Return what the result of a scan depends on beside the tree."""
    parts = (
        category.source_kind,
        category.source_location,
        category.source_options,
        category.checksum_base,
        category.top_directory,
        category.excludes,
    )
    return repr(parts)
