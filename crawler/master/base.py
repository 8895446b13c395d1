"""What every source of a master scan gives: directories with their files, and what was odd.

A source tells what is there and what stopped it from looking. It decides nothing about what that
means; `crawler.logic.master_diff` does.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import NamedTuple, Protocol

from registry.logic.listings import Entry, Facts, decode_listing, encode_listing

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


class SourceError(Exception):
    """The master tree cannot be read at all; the sentence says what to do."""


class OddityReason(Enum):
    """Why something in the tree was left out or is not as it should be."""

    DANGLING_LINK = "dangling_link"
    LINK_OUTSIDE = "link_outside"
    LINKED_DIRECTORY = "linked_directory"
    NAME_NOT_UTF8 = "name_not_utf8"
    SPECIAL_FILE = "special_file"
    FILE_UNREADABLE = "file_unreadable"
    DIRECTORY_UNREADABLE = "directory_unreadable"
    DIRECTORY_NOT_LISTED = "directory_not_listed"
    VANISHED = "vanished"
    BAD_LINE = "bad_line"
    PARTIAL = "partial"
    PATH_TOO_LONG = "path_too_long"
    REPODATA = "repodata"
    CHECKSUM_UNREADABLE = "checksum_unreadable"
    CHECKSUM_ABSENT = "checksum_absent"
    CHECKSUM_DISPUTED = "checksum_disputed"
    RULE = "rule"
    REPOSITORY = "repository"


class Oddity(NamedTuple):
    """Something that the operator should know, and the rule that noticed it."""

    reason: OddityReason
    sentence: str


class Files(NamedTuple):
    """The files of one directory, encoded: they are compared as a whole, and few are looked at.

    As tuples, the files of a large tree would take more memory than everything else of a scan.
    """

    encoded: bytes
    size_bytes: int

    @classmethod
    def of(cls, entries: Sequence[Facts]) -> "Files":
        """Encode name, size and modification time of each file, given in any order."""
        return cls(encode_listing(entries), sum([size for _, size, _ in entries]))

    @property
    def file_count(self) -> int:
        return self.encoded.count(b"\0")

    @property
    def entries(self) -> tuple[Entry, ...]:
        return decode_listing(self.encoded)


class ScannedDirectory(NamedTuple):
    """One directory as a source saw it; `path` is relative to the top directory, which is ''.

    `readable` says whether others may read it and all above it. `files` is None if they were not
    looked at, because `changed_at` is as the scan said it knows; or because the directory could
    not be listed, then `listed` is false and everything below is unknown.
    """

    path: str
    readable: bool
    changed_at: datetime
    files: Files | None
    oddities: tuple[Oddity, ...] = ()
    listed: bool = True

    @property
    def entries(self) -> tuple[Entry, ...] | None:
        """Return the files one by one, sorted by name."""
        return None if self.files is None else self.files.entries


def no_beat() -> None:
    """Do nothing, for whoever needs no sign of life."""


class SourcePlace(NamedTuple):
    """Where and how a Category says that its master is read."""

    kind: str
    location: str
    options: tuple[str, ...] = ()
    checksum_base: str = ""
    change_signals: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourcePolicy:
    """How far a source may go: where to, for how long, and for how much."""

    allow_private: bool = False
    user_agent: str = "Mirrorsite-umdl"
    answer_seconds: float = 30
    silence_seconds: int = 600
    total_seconds: int = 4 * 3600
    list_bytes: int = 4 * 1024**3
    redirects: int = 5


class MasterSource(Protocol):
    """A place from which a master tree is read."""

    def started(self, *, beat: Callable[[], None] = no_beat) -> AbstractContextManager[None]:
        """Begin what goes on by itself, so that the caller can do something else meanwhile.

        `directories` is called inside, or without. Raises SourceError if nothing can begin.
        """
        ...

    def directories(
        self, *, unchanged: Mapping[str, datetime], beat: Callable[[], None] = no_beat
    ) -> Iterator[ScannedDirectory | Oddity]:
        """Yield every directory, the top directory included, in any order.

        One of which more files turn up later is yielded again, with all of them. Between them
        come oddities that belong to no directory. A source may save itself the files of a directory
        whose change time is the one in `unchanged`. One that works for long before it yields calls
        `beat` meanwhile. Raises SourceError if the tree as a whole cannot be read, also half-way.
        """
        ...

    def read_file(self, path: str, *, limit: int) -> bytes:
        """Return the content of a file, at most `limit` bytes of it.

        Raises OSError if it cannot be read.
        """
        ...

    def hint(self, path: str) -> tuple[str, str] | None:
        """Return algorithm and digest that the master publishes for a file, if it does.

        Known once `directories` has ended. Good enough to leave a file unread, not to record.
        """
        ...


def moment(nanoseconds: int) -> datetime:
    """Return a file time as the database keeps it, to the microsecond.

    Times that no calendar has (broken file systems have them) become the first or last moment.
    """
    try:
        return EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return LAST if nanoseconds > 0 else FIRST
