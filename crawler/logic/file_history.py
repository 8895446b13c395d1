"""The history of a file that clients verify: when to read it again, what is new, what is old.

The newest state is what the master has now. Earlier ones are offered as alternates while the
Hosts follow, and are dropped when they had the time to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from registry.logic.listings import Entry

ALGORITHMS = ("sha512", "sha256", "sha1", "md5")
# A file changed twice in a second can look the same by size and time.
CLOCK_GRAIN = timedelta(seconds=2)


@dataclass(frozen=True)
class FileState:
    """One state of a file; digests are hexadecimal, empty if nobody computed them."""

    filename: str
    timestamp: int
    size_bytes: int
    md5: str = ""
    sha1: str = ""
    sha256: str = ""
    sha512: str = ""


class Recorded(NamedTuple):
    """A state that the database has, and when the master last changed to it."""

    id: int
    seen_at: datetime
    state: FileState


@dataclass(frozen=True)
class HistoryPolicy:
    """How long earlier states are offered: `propagation` is what Hosts need to follow."""

    stale: timedelta = timedelta(days=4)
    propagation: timedelta = timedelta(days=3)


class ReadReason(Enum):
    """Why a file of the master has to be read."""

    NEVER_READ = "never_read"
    CHANGED = "changed"
    OTHER_SIZE = "other_size"
    OTHER_DIGEST = "other_digest"
    TOO_FRESH = "too_fresh"


class Placement(Enum):
    """What a state is to the history of its file."""

    CURRENT = "current"
    RETURNED = "returned"
    NEW = "new"


class Placed(NamedTuple):
    """Where a state belongs: the record that it is, if any, and the moment to write."""

    placement: Placement
    record_id: int | None
    seen_at: datetime


def why_read(
    entry: Entry,
    *,
    current: Recorded | None,
    changed: bool,
    hint: tuple[str, str] | None = None,
) -> ReadReason | None:
    """Say why a file has to be read, given its listing and its current state; None if not.

    A half-written file was not recorded; its size gives it away until it is whole. A `hint`
    (algorithm and digest that the master publishes) decides alone, where the state has that
    algorithm.
    """
    if current is None:
        return ReadReason.NEVER_READ
    if hint is not None and (known := getattr(current.state, hint[0], "")):
        return None if known == hint[1] else ReadReason.OTHER_DIGEST
    if changed:
        return ReadReason.CHANGED
    if entry.size != current.state.size_bytes:
        return ReadReason.OTHER_SIZE
    if entry.mtime > (current.seen_at - CLOCK_GRAIN).timestamp():
        return ReadReason.TOO_FRESH
    return None


def place_state(state: FileState, history: Sequence[Recorded], *, now: datetime) -> Placed:
    """Find a state in the history of its file, newest first.

    The moment is later than that of the newest record even if a clock went backwards, since the
    latest is current.
    """
    if not history:
        return Placed(Placement.NEW, None, now)
    newest = history[0]
    if _same(state, newest.state):
        return Placed(Placement.CURRENT, newest.id, newest.seen_at)
    later = max(now, newest.seen_at + timedelta(microseconds=1))
    for record in history:
        if _same(state, record.state):
            return Placed(Placement.RETURNED, record.id, later)
    return Placed(Placement.NEW, None, later)


def expired(
    history: Sequence[tuple[int, datetime]], *, now: datetime, policy: HistoryPolicy
) -> list[int]:
    """Return the records to drop from the history of one file: (id, seen_at), newest first.

    Protected are the newest, and the one before it while Hosts may still be following; of the
    others those go that are older than `stale`. The rule is MirrorManager's.
    """
    if not history:
        return []
    followed = now - history[0][1] > policy.propagation
    rest = history[1:] if followed else history[2:]
    return [record for record, seen_at in rest if now - seen_at > policy.stale]


def _same(one: FileState, other: FileState) -> bool:
    """Tell whether two states are the same bytes: all digests that both have agree."""
    pairs = [
        (getattr(one, name), getattr(other, name))
        for name in ALGORITHMS
        if getattr(one, name) and getattr(other, name)
    ]
    return one.size_bytes == other.size_bytes and bool(pairs) and all(a == b for a, b in pairs)
