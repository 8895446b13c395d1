"""Whether a scheduled scan runs: has anything on the master said that it changed?

Compares what the master says now with what it said when it was last scanned. Deliberately asks
nobody; what a signal is made of is its adapter's business.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple


class Signal(NamedTuple):
    """What a master says of itself: `value` changes when the tree did; empty if it says nothing.

    `busy` is where it says that it is being changed just now, `trouble` why it could not be asked.
    """

    value: str = ""
    busy: str = ""
    trouble: str = ""


class LastScan(NamedTuple):
    """The last scan that finished: when it started, and the value of the signal then."""

    started_at: datetime
    value: str


@dataclass(frozen=True)
class SignalPolicy:
    """After how long a scan runs whatever the signal says."""

    at_least_every: timedelta = timedelta(days=1)


class SignalReason(Enum):
    """Why a scheduled scan runs or not."""

    FIRST = "first"
    OVERDUE = "overdue"
    BUSY = "busy"
    NO_SIGNAL = "no_signal"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class SignalVerdict(NamedTuple):
    """Whether a scheduled scan runs, and why."""

    scan: bool
    reason: SignalReason
    sentence: str


def judge_signal(
    signal: Signal, last: LastScan | None, *, now: datetime, policy: SignalPolicy
) -> SignalVerdict:
    """Say whether a scheduled scan runs; the first rule that applies decides.

    A master that is busy for longer than the policy's time has forgotten to say that it is done.
    """
    if last is None:
        return _run(SignalReason.FIRST, "It was never scanned to the end.")
    if now - last.started_at >= policy.at_least_every:
        return _run(SignalReason.OVERDUE, f"The last scan began {_moment(last.started_at)}.")
    if signal.busy:
        return _skip(SignalReason.BUSY, f"The master is being changed: {signal.busy} is there.")
    if not signal.value:
        return _run(SignalReason.NO_SIGNAL, signal.trouble or "The master has no change signal.")
    if signal.value != last.value:
        return _run(SignalReason.CHANGED, "The change signal of the master changed.")
    due = last.started_at + policy.at_least_every
    return _skip(
        SignalReason.UNCHANGED,
        f"The change signal is the same as in the scan of {_moment(last.started_at)}; "
        f"without a change the next scan runs after {_moment(due)}.",
    )


def _run(reason: SignalReason, sentence: str) -> SignalVerdict:
    return SignalVerdict(scan=True, reason=reason, sentence=sentence)


def _skip(reason: SignalReason, sentence: str) -> SignalVerdict:
    return SignalVerdict(scan=False, reason=reason, sentence=sentence)


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M} UTC"
