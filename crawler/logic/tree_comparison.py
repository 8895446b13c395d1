"""A mirror's whole tree against the master's, while the listing arrives.

Knows what a listing proves: that files of these names, sizes and times are there. Deliberately
starts nothing, and leaves digests to whoever can fetch the files.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from crawler.logic.rsync_listing import Kind, Listed, Odd, parse_listing
from crawler.logic.verdicts import Reason, State, Verdict
from registry.logic.listings import digest_encoded, digest_listing, encode_listing, unpack_listing
from registry.logic.places import printable
from registry.logic.wording import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from registry.logic.listings import Facts

NO_FILES = digest_listing(())
ODD_LINES_KEPT = 10


class Row(NamedTuple):
    """One Directory of the master: its id, its path below the top directory, its listing.

    `scanned_at` is the Unix time at which UMDL last wrote it.
    """

    id: int
    path: str
    listing: bytes
    digest: bytes = b""
    scanned_at: float = 0


class ComparisonPolicy(NamedTuple):
    """How exactly times must agree, and when a mirror's times prove nothing.

    Two seconds are the resolution of FAT. A mirror whose times mostly differ did not keep them.
    """

    tolerance_seconds: int = 2
    greatest_share_of_other_times: float = 0.5


class Compared(NamedTuple):
    """What a listing says, by Directory id; where it says nothing there is no verdict.

    `odd` are sentences about lines that are not those of a listing; `watched` has size and mtime of
    files in Directories that differ, as far as they were to be watched.
    """

    verdicts: dict[int, Verdict]
    files: int
    odd: list[str]
    watched: dict[int, dict[str, tuple[int, int]]]


class _Suspect(NamedTuple):
    """A Directory in which only times differ."""

    row: Row
    files: int
    sentence: str


class TreeComparison:
    """Compare one listing, fed in pieces by `read` and ended by `finish`.

    rsync lists the files of a directory together. Should a directory come up a second time, what
    was missing the first time is looked for again. `watch` has names of files by Directory id.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        *,
        url: str,
        policy: ComparisonPolicy,
        watch: Mapping[int, Collection[str]] = MappingProxyType({}),
    ) -> None:
        self._rows = {row.path: row for row in rows}
        self._url = url
        self._policy = policy
        self._good = Verdict(
            State.UP2DATE,
            Reason.LISTING_MATCHES,
            f"All its files are listed by {url} as the master has them.",
        )
        self._verdicts: dict[int, Verdict] = {}
        self._suspects: dict[int, _Suspect] = {}
        self._left: dict[str, dict[str, tuple[int, int]]] = {}
        self._entered: dict[str, bool] = {}  # directories listed, and whether others may enter
        self._links: set[str] = set()
        self._files = self._same_time = 0
        self._odd: list[str] = []
        self._watch = watch
        self._watched: dict[int, dict[str, tuple[int, int]]] = {}

    def read(self, lines: Iterable[bytes]) -> None:
        """Take the lines of the listing; returns when they end."""
        rows, file = self._rows, Kind.FILE
        parent: str | None = None
        files: list[Facts] = []
        for item in parse_listing(lines):
            if type(item) is Listed and item[0] is file:
                path = item[4]
                above, _, name = path.rpartition("/")
                if above != parent:
                    if files and parent is not None:
                        self._compare(parent, files)
                    parent, files = above, []
                if above in rows:
                    files.append((name, item[2], item[3]))
            else:
                self._note(item)
        if files and parent is not None:
            self._compare(parent, files)

    def finish(self, *, whole: bool) -> Compared:
        """Return the verdicts, also about what the listing does not have, if it is whole."""
        self._judge_times()
        for path, row in self._rows.items():
            if row.id not in self._verdicts or path in self._left:
                verdict = self._judge_rest(row, whole=whole)
                if verdict is None:
                    self._verdicts.pop(row.id, None)
                else:
                    self._verdicts[row.id] = verdict
        return Compared(self._verdicts, self._files, self._odd, self._watched)

    def _note(self, item: Listed | Odd) -> None:
        """Remember what is not a file: directories, links, and lines that are odd."""
        if isinstance(item, Odd):
            if len(self._odd) < ODD_LINES_KEPT:
                line = printable(item.line[:100].decode(errors="backslashreplace"))
                self._odd.append(f"{item.sentence} Line: {line}")
        elif item.kind is Kind.DIRECTORY:
            if item.path in self._rows:
                self._entered[item.path] = item.readable
        elif item.kind is Kind.LINK:
            self._links.add(item.path)

    def _compare(self, path: str, files: list[Facts]) -> None:
        row = self._rows[path]
        self._files += len(files)
        if path in self._left:
            wanted = self._left.pop(path)
        elif row.id in self._verdicts:
            return  # all its files have been seen
        elif digest_encoded(encode_listing(files)) == row.digest:
            self._same_time += len(files)
            self._verdicts[row.id] = self._good
            return
        else:
            entries = unpack_listing(row.listing)
            wanted = {name: (size, mtime) for name, size, mtime in entries}
        self._compare_files(row, files, wanted)

    def _compare_files(
        self, row: Row, files: list[Facts], wanted: dict[str, tuple[int, int]]
    ) -> None:
        """Compare name by name; what is wanted and not there is left for a second time."""
        self._watch_files(row, files)
        sizes, times = [], []
        for name, size, mtime in files:
            known = wanted.pop(name, None)
            if known is None:
                continue  # what the master does not have does no harm
            if known[0] != size:
                sizes.append(f"{_name(name)} should have {known[0]:,} bytes and has {size:,}")
            elif known[1] - mtime > self._policy.tolerance_seconds:
                times.append(name)
            elif abs(known[1] - mtime) <= self._policy.tolerance_seconds:
                self._same_time += 1
        if wanted:
            self._left[row.path] = wanted
        if sizes:
            sentence = _differing(sizes, self._url)
            self._verdicts[row.id] = Verdict(State.STALE, Reason.SIZE_DIFFERS, sentence)
        elif row.id not in self._verdicts:
            self._verdicts[row.id] = self._good
            if times:
                sentence = (
                    f"{_name(times[0])} has the expected size but is older than the master's "
                    f"({counted(len(times), 'file')} like that). Listed by {self._url}."
                )
                self._suspects[row.id] = _Suspect(row, len(times), sentence)

    def _watch_files(self, row: Row, files: list[Facts]) -> None:
        names = self._watch.get(row.id, ())
        for name, size, mtime in files if names else ():
            if name in names:
                self._watched.setdefault(row.id, {})[name] = (size, mtime)

    def _judge_times(self) -> None:
        """Believe older times only of a mirror that keeps times at all."""
        older = sum(suspect.files for suspect in self._suspects.values())
        share = older / (older + self._same_time) if older else 0.0
        if share > self._policy.greatest_share_of_other_times:
            return
        for directory, suspect in self._suspects.items():
            if self._verdicts[directory].good:
                self._verdicts[directory] = Verdict(
                    State.STALE, Reason.TIME_DIFFERS, suspect.sentence
                )

    def _judge_rest(self, row: Row, *, whole: bool) -> Verdict | None:
        """Judge a Directory of which the listing lacks something; None says that it is unknown.

        What lies behind a link is unknown, because a listing does not follow links. So is
        everything that a listing which was cut off does not have.
        """
        certain = self._verdicts.get(row.id)
        if certain is not None and not certain.good:
            return certain
        if row.path not in self._entered and not certain:
            if not whole or self._behind_link(row.path):
                return None
            return self._verdict(State.MISSING, Reason.NOT_FOUND, "It is not there.")
        if row.digest == NO_FILES:
            return self._good
        lacking = [name for name in self._wanted(row) if not self._is_link(row.path, name)]
        if not lacking:
            return self._good
        if not certain and not self._entered[row.path]:
            return self._verdict(State.UNREADABLE, Reason.FORBIDDEN, "Others may not enter it.")
        if not whole:
            return None
        files = counted(len(lacking), "file")
        return self._verdict(
            State.MISSING,
            Reason.NOT_FOUND,
            f"{_name(min(lacking))} is not there ({files} lacking).",
        )

    def _wanted(self, row: Row) -> Iterable[str]:
        """Return the names that the listing has not shown yet."""
        if row.path in self._left:
            return self._left[row.path]
        return (name for name, _, _ in unpack_listing(row.listing))

    def _is_link(self, path: str, name: str) -> bool:
        return bool(self._links) and (f"{path}/{name}" if path else name) in self._links

    def _behind_link(self, path: str) -> bool:
        while path and path not in self._links:
            path = path.rpartition("/")[0]
        return path in self._links

    def _verdict(self, state: State, reason: Reason, what: str) -> Verdict:
        return Verdict(state, reason, f"{what} Listed by {self._url}.")


def _name(name: str) -> str:
    return printable(name[:200])


def _differing(sizes: list[str], url: str) -> str:
    if len(sizes) == 1:
        return f"{sizes[0]}. Listed by {url}."
    return f"{sizes[0]} ({counted(len(sizes), 'file')} differ). Listed by {url}."
