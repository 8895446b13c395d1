"""A master tree that is known from a listing: lines of files become directories with their files.

Whatever the order of the lines. Applies the same rules as a walk of the tree itself: what belongs
to the Category, what others may read, where symlinks lead. Deliberately knows no format.
"""

import posixpath
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from crawler.logic.rsync_listing import Kind, Listed, Odd
from crawler.logic.scope import ScanScope
from crawler.master.base import (
    EPOCH,
    Oddity,
    OddityReason,
    ScannedDirectory,
    SourceError,
    moment,
)
from registry.logic.listings import Facts
from registry.logic.places import join_path, printable

ARROW = " -> "
NO_NAMES = frozenset({"", ".", ".."})
# A symlink may lead to a symlink; the limit is that of Linux.
GREATEST_HOPS = 40
# Often enough for a lease, seldom enough to cost nothing.
BEAT_EVERY = 65536


class _Line(NamedTuple):
    """What a listing says of a directory itself."""

    readable: bool
    mtime: int


UNLISTED = _Line(readable=True, mtime=0)


class ListedTree:
    """The directories of one listing while it is read."""

    def __init__(self, scope: ScanScope, *, complete: Callable[[], bool] = lambda: True) -> None:
        self._scope = scope
        self._complete = complete
        self._lines: dict[str, _Line] = {}
        # None: out of scope, with all that is below.
        self._files: dict[str, list[Facts] | None] = {"": []}
        self._links: list[str] = []
        self._targets: dict[str, dict[str, Facts]] = {}
        self._oddities: list[Oddity] = []
        self._by_name: dict[str, str] | None = None

    def directories(
        self, lines: Iterable[Listed | Odd], *, beat: Callable[[], None]
    ) -> Iterator[ScannedDirectory | Oddity]:
        """Read all lines, then yield every directory, those above before those below.

        `complete` is asked after the last line; if it says no, nothing is taken for gone. Raises
        SourceError if there are no lines.
        """
        if not self._read(lines, beat):
            raise SourceError("The listing is empty. Check the source of the Category.")
        for link in self._links:
            self._resolve(link)
        complete = self._complete()
        yield from self._oddities
        readable_at: dict[str, bool] = {}
        for path in sorted(path for path, files in self._files.items() if files is not None):
            yield self._finish(path, readable_at, complete=complete)

    def _read(self, lines: Iterable[Listed | Odd], beat: Callable[[], None]) -> int:
        """Sort the lines into directories; return how many there were.

        Half a million times a scan, so it does little for each.
        """
        current, files = "", self._files[""]
        excludes = bool(self._scope.excludes)
        count = 0
        for count, line in enumerate(lines, 1):
            if not count % BEAT_EVERY:
                beat()
            if isinstance(line, Odd):
                self._oddities.append(_odd(line))
                continue
            kind, readable, size, mtime, path = line
            if kind is Kind.DIRECTORY:
                if self._home(path) is not None:
                    self._lines[path] = _Line(readable, mtime)
                continue
            if kind is not Kind.FILE or not readable:
                self._set_aside(kind, path)
                continue
            above, _, name = path.rpartition("/")
            if above != current:
                current, files = above, self._home(above)
            if files is None or (excludes and self._scope.is_excluded(path)):
                continue
            if name in NO_NAMES:
                self._note(OddityReason.BAD_LINE, path, "is not a path inside the tree")
            else:
                files.append((name, size, mtime))
        return count

    def _home(self, path: str) -> list[Facts] | None:
        """Return the files of a directory so far; None if it does not belong to the Category."""
        if path in self._files:
            return self._files[path]
        above, _, name = path.rpartition("/")
        if name in NO_NAMES or path[0] == "/":
            self._note(OddityReason.BAD_LINE, path, "is not a path inside the tree")
            self._files[path] = None
        elif self._home_above(above) is None or not self._scope.holds_directory(path):
            self._files[path] = None
        else:
            self._files[path] = []
        return self._files[path]

    def _home_above(self, path: str) -> list[Facts] | None:
        """Return the same for the one above, without recursion however deep it is."""
        missing = []
        while path and path not in self._files:
            missing.append(path)
            path = path.rpartition("/")[0]
        found = self._files[path]
        for each in reversed(missing):
            found = self._home(each)
        return found

    def _set_aside(self, kind: Kind, path: str) -> None:
        """Keep a symlink for later, and say of other things why they are left out."""
        name = path.partition(ARROW)[0] if kind is Kind.LINK else path
        above, _, last = name.rpartition("/")
        if last in NO_NAMES:
            self._note(OddityReason.BAD_LINE, name, "is not a path inside the tree")
        elif self._home(above) is None or not self._scope.holds_directory(name):
            return
        elif kind is Kind.LINK:
            self._links.append(path)
        elif kind is Kind.FILE:
            self._note(OddityReason.FILE_UNREADABLE, name, "is not readable by others")
        else:
            self._note(OddityReason.SPECIAL_FILE, name, "is a device, pipe or socket")

    def _resolve(self, link: str) -> None:
        """Count a symlink as a file with the facts of its target, as a walk does."""
        name, arrow, target = link.partition(ARROW)
        if not arrow:
            self._note(OddityReason.DANGLING_LINK, name, "is a symlink of unknown target")
            return
        above, _, last = name.rpartition("/")
        seen = self._follow(above, target)
        if isinstance(seen, Oddity):
            self._note(seen.reason, name, seen.sentence)
        elif (files := self._files.get(above)) is not None:
            files.append((last, *seen[1:]))

    def _follow(self, above: str, target: str) -> Facts | Oddity:
        links = self._link_targets()
        for _ in range(GREATEST_HOPS):
            path = f"{above}/{target}"
            if target.startswith("/") or _leads_outside(path):
                return Oddity(OddityReason.LINK_OUTSIDE, "is a symlink that leads out of the tree")
            inside = posixpath.normpath(path).strip("/")
            if inside in self._files or inside == ".":
                return Oddity(OddityReason.LINKED_DIRECTORY, "is a symlink to a directory")
            above, _, name = inside.rpartition("/")
            if found := self._facts(above).get(name):
                return found
            if inside not in links:
                break
            target = links[inside]
        return Oddity(OddityReason.DANGLING_LINK, "is a symlink that leads nowhere")

    def _facts(self, path: str) -> dict[str, Facts]:
        if path not in self._targets:
            self._targets[path] = {facts[0]: facts for facts in self._files.get(path) or ()}
        return self._targets[path]

    def _link_targets(self) -> dict[str, str]:
        if self._by_name is None:
            parts = (link.partition(ARROW) for link in self._links)
            self._by_name = {name: target for name, arrow, target in parts if arrow}
        return self._by_name

    def _finish(
        self, path: str, readable_at: dict[str, bool], *, complete: bool
    ) -> ScannedDirectory:
        files = self._files.pop(path) or []
        line = self._lines.get(path, UNLISTED)
        above = readable_at[path.rpartition("/")[0]] if path else True
        readable = readable_at[path] = above and line.readable
        oddities = [] if readable or not above else [_closed(self._scope.top, path)]
        names = {facts[0] for facts in files}
        if len(names) != len(files):
            oddities.append(_twice(self._scope.top, path))
            files = list({facts[0]: facts for facts in files}.values())
        changed_at = moment(line.mtime * 10**9) if line is not UNLISTED else EPOCH
        if not complete and (not path or not files):
            # It may have been one of those that could not be listed.
            return ScannedDirectory(path, readable, changed_at, None, tuple(oddities), listed=False)
        return ScannedDirectory(path, readable, changed_at, tuple(files), tuple(oddities))

    def _note(self, reason: OddityReason, path: str, what: str) -> None:
        where = printable(join_path(self._scope.top, path))
        self._oddities.append(Oddity(reason, f"“{where}” {what}; it is left out."))


def _leads_outside(path: str) -> bool:
    """Tell whether a path below the top goes above it anywhere."""
    depth = 0
    for part in path.split("/"):
        if part == "..":
            depth -= 1
        elif part not in {"", "."}:
            depth += 1
        if depth < 0:
            return True
    return False


def _odd(odd: Odd) -> Oddity:
    shown = printable(odd.line[:200].decode("utf-8", "surrogateescape"))
    return Oddity(OddityReason.BAD_LINE, f"“{shown}” is left out: {odd.sentence}")


def _closed(top: str, path: str) -> Oddity:
    where = printable(join_path(top, path))
    return Oddity(
        OddityReason.DIRECTORY_UNREADABLE,
        f"“{where}” is not readable by others, nor is what is below.",
    )


def _twice(top: str, path: str) -> Oddity:
    where = printable(join_path(top, path))
    return Oddity(
        OddityReason.BAD_LINE, f"“{where}” has a file listed twice; the last line counts."
    )
