"""What a scan of the master tree means: which Directories are new, changed, gone or closed.

Compares what a scan saw with what the database knows, and refuses a result that would lose too
much. Deliberately knows neither the source nor the tables.
"""

import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from crawler.logic.moves import Move, below, find_moves
from registry.logic.listings import digest_listing

EMPTY_LISTING = digest_listing(())
# PostgreSQL indexes values up to 2,704 bytes, after a compression that zlib always beats.
LONGEST_PATH_BYTES = 2400
LONGEST_COMPRESSED_PATH_BYTES = 1000


class Known(NamedTuple):
    """What the database knows of a Directory; an empty digest: its files were never seen."""

    id: int
    digest: bytes
    readable: bool
    changed_at: datetime
    file_count: int
    size_bytes: int
    vanished_at: datetime | None = None


class Seen(NamedTuple):
    """What a scan saw of a directory. Without a digest its files were not looked at.

    Then they are as known, because the change time is; or, if it could not be listed, nobody
    knows. Number and size of the files are those that are known then.
    """

    digest: bytes | None
    readable: bool
    changed_at: datetime
    listed: bool = True
    file_count: int = 0
    size_bytes: int = 0


class PastScan(NamedTuple):
    """A scan that was written whole; `scope` identifies what was asked of it.

    `unlisted` directories could not be looked into.
    """

    started_at: datetime
    scope: int
    unlisted: int


@dataclass(frozen=True)
class DiffPolicy:
    """When a change time is believed, and which share of the Directories a scan may lose.

    `grace` is how long a Directory that is gone is kept in case it comes back.
    """

    settle: timedelta = timedelta(days=1)
    greatest_loss_share: float = 0.5
    grace: timedelta = timedelta(0)


class ChangeReason(Enum):
    """Why a Directory has to be written, as words for the log."""

    NEW = "it is new"
    FILES = "its files changed"
    TOUCHED = "it was touched"
    OPENED = "others may read it now"
    CLOSED = "others may not read it anymore"
    RETURNED = "it is back"


class Change(NamedTuple):
    """One Directory to be written, and why."""

    path: str
    readable: bool
    reasons: tuple[ChangeReason, ...]

    @property
    def sentence(self) -> str:
        return f"{', '.join(reason.value for reason in self.reasons)}.".capitalize()


@dataclass(frozen=True)
class Diff:
    """The result of a scan: what to write, each list sorted by path.

    `vanished` are gone since the last scan. Of them, and of those that were gone before, `dropped`
    are to be deleted: they moved, or their grace is over. `unlisted` directories could not be
    looked into, `hidden` ones lie below; both are kept.
    """

    added: tuple[Change, ...]
    changed: tuple[Change, ...]
    vanished: tuple[str, ...]
    unreadable: tuple[str, ...]
    unlisted: tuple[str, ...]
    hidden: tuple[str, ...]
    dropped: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()

    @property
    def awaited(self) -> tuple[str, ...]:
        """Return what is gone since the last scan and may come back."""
        dropped = set(self.dropped)
        return tuple(path for path in self.vanished if path not in dropped)


class Totals(NamedTuple):
    """How much a tree holds; the top directory counts."""

    directories: int
    files: int


class LossReason(Enum):
    """Why the result of a scan is believed or not."""

    SAFE = "safe"
    FORCED = "forced"
    EMPTY = "empty"
    TOO_MUCH = "too_much"


@dataclass(frozen=True)
class LossVerdict:
    """Whether a scan may be written, with the sentence for the operator."""

    reason: LossReason
    sentence: str

    @property
    def refused(self) -> bool:
        return self.reason in {LossReason.EMPTY, LossReason.TOO_MUCH}


def fits_index(path: str) -> bool:
    """Tell whether a path is short enough for every database that we run on."""
    if len(path) * 4 <= LONGEST_PATH_BYTES:
        return True
    data = path.encode()
    return (
        len(data) <= LONGEST_PATH_BYTES
        or len(zlib.compress(data, level=1)) <= LONGEST_COMPRESSED_PATH_BYTES
    )


def last_complete(scans: Iterable[PastScan], *, scope: int) -> datetime | None:
    """Return when the last scan began that looked, or had looked, into everything; None if none.

    Given newest first. A scan of another scope (source, top directory, excludes) ends the search,
    because it may have written Directories as this scope does not see them.
    """
    for scan in scans:
        if scan.scope != scope:
            return None
        if not scan.unlisted:
            return scan.started_at
    return None


def believed_times(
    known: Mapping[str, Known],
    *,
    complete_at: datetime | None,
    always_read: str,
    policy: DiffPolicy,
    besides: Collection[str] = frozenset(),
) -> dict[str, datetime]:
    """Return the change time of every Directory whose files need no look while it stays.

    Those are the ones that had not changed for the policy's `settle` when the last complete scan
    began: it, or one before it, read them after that, when no file was still growing. Left out
    are Directories called `always_read`, those whose paths are `besides`, and those whose files
    were never seen.
    """
    if complete_at is None:
        return {}
    settled_at = complete_at - policy.settle
    return {
        path: row.changed_at
        for path, row in known.items()
        if row.changed_at < settled_at
        and row.digest
        and path.rpartition("/")[2] != always_read
        and path not in besides
    }


def diff_tree(
    known: Mapping[str, Known], seen: Mapping[str, Seen], *, now: datetime, policy: DiffPolicy
) -> Diff:
    """Compare a scan with what is known.

    Nothing is vanished that lies below a directory which could not be listed; it only inherits
    that others may not read it. What moved is dropped at once: it is known where it is.
    """
    changed = _changes(known, seen)
    missing = sorted(known.keys() - seen.keys())
    unlisted = {path: facts.readable for path, facts in seen.items() if not facts.listed}
    above = {path: _nearest_above(path, unlisted) for path in missing} if unlisted else {}
    hidden = tuple(path for path in missing if above.get(path) is not None)
    gone = [path for path in missing if above.get(path) is None]
    closed = [
        Change(path, readable=False, reasons=(ChangeReason.CLOSED,))
        for path in hidden
        if known[path].readable and not unlisted[above[path] or ""]
    ]
    added = sorted(seen.keys() - known.keys())
    moves = find_moves(
        {path: known[path].digest for path in gone},
        {path: seen[path].digest or b"" for path in added},
        empty=EMPTY_LISTING,
    )
    moved = below(moves, gone)
    return Diff(
        added=tuple(Change(path, seen[path].readable, (ChangeReason.NEW,)) for path in added),
        changed=tuple(sorted([*changed, *closed])),
        vanished=tuple(path for path in gone if known[path].vanished_at is None),
        unreadable=tuple(sorted(path for path, facts in seen.items() if not facts.readable)),
        unlisted=tuple(sorted(unlisted)),
        hidden=hidden,
        dropped=tuple(
            path
            for path in gone
            if path in moved or now - (known[path].vanished_at or now) >= policy.grace
        ),
        moves=moves,
    )


def judge_loss(
    diff: Diff, *, known: Totals, seen: Totals, policy: DiffPolicy, force: bool
) -> LossVerdict:
    """Say whether the result of a scan may be written.

    Refused are an empty tree where there was one, and the loss of more than the policy's share of
    the known Directories; `force` overrules both. What moved is not lost, and nothing can be lost
    where nothing was known.
    """
    lost = len(diff.vanished) - len(below(diff.moves, diff.vanished))
    share = lost / known.directories if lost else 0.0
    safe = f"{lost:,} of {known.directories:,} known Directories are gone."
    if seen.directories <= 1 and not seen.files and (known.directories > 1 or known.files):
        reason = LossReason.EMPTY
        sentence = (
            f"The tree is empty, but {known.directories:,} Directories with {known.files:,} files "
            "are known."
        )
    elif share > policy.greatest_loss_share:
        reason = LossReason.TOO_MUCH
        sentence = f"{safe[:-1]}, more than {policy.greatest_loss_share:.0%}."
    else:
        return LossVerdict(LossReason.SAFE, safe)
    if force:
        return LossVerdict(LossReason.FORCED, f"{sentence} It was forced.")
    return LossVerdict(
        reason,
        f"{sentence} Nothing was changed. Check that the master tree is mounted; if the loss is "
        "meant, scan again with --force.",
    )


def _changes(known: Mapping[str, Known], seen: Mapping[str, Seen]) -> list[Change]:
    """Return what is known and changed. Most did not, so that is asked first."""
    changes: list[Change] = []
    for path, facts in seen.items():
        row = known.get(path)
        if row is None or (
            facts.readable == row.readable
            and facts.changed_at == row.changed_at
            and (facts.digest is None or facts.digest == row.digest)
            and row.vanished_at is None
        ):
            continue
        reasons = tuple(_reasons(row, facts))
        if reasons:
            changes.append(Change(path, facts.readable, reasons))
    return changes


def _reasons(row: Known, facts: Seen) -> Iterable[ChangeReason]:
    if facts.digest is not None and facts.digest != row.digest:
        yield ChangeReason.FILES
    elif facts.digest is not None and facts.changed_at != row.changed_at:
        yield ChangeReason.TOUCHED
    if row.vanished_at is not None:
        yield ChangeReason.RETURNED
    if facts.readable != row.readable:
        yield ChangeReason.OPENED if facts.readable else ChangeReason.CLOSED


def _nearest_above(path: str, directories: Collection[str]) -> str | None:
    while path:
        path = path.rpartition("/")[0]
        if path in directories:
            return path
    return None
