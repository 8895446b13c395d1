"""A master tree that is known from a listing: lines of files become directories with their files.

Whatever the order of the lines; in the usual ones, a directory is done as soon as its lines end.
Applies the same rules as a walk of the tree itself: what belongs to the Category, what others may
read, where symlinks lead. Deliberately knows no format.
"""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from crawler.logic.rsync_listing import Group, Kind, Listed, Odd
from crawler.logic.scope import ScanScope
from crawler.master.base import (
    EPOCH,
    Files,
    Oddity,
    OddityReason,
    ScannedDirectory,
    SourceError,
    moment,
)
from crawler.master.shelf import Place, Shelf
from registry.logic.listings import Facts
from registry.logic.places import is_below, join_path, printable

ARROW = " -> "
NO_NAMES = frozenset({"", ".", ".."})
NO_PATH = "is not a path inside the tree"
# A symlink may lead to a symlink; the limit is that of Linux.
GREATEST_HOPS = 40
# Directories to which symlinks lead, as far as they are kept at hand: links lie close together.
TARGETS_KEPT = 64


class _Home:
    """What a listing has said of one directory so far.

    `files` are those of the lines that are being read, `places` those that lie on the shelf.
    `mode` and `mtime` are those of its own line, once there was one; `readable` is the mode
    together with those above, once all lines were read. `shown` says as what it was yielded: None
    if it was not, or without some of its files.
    """

    __slots__ = ("above", "files", "linked", "mode", "mtime", "path", "places", "readable", "shown")

    def __init__(self, path: str, above: "_Home | None" = None) -> None:
        self.path = path
        self.above = above
        self.files: list[Facts] | None = None
        self.places: tuple[Place, ...] = ()
        self.mode: bool | None = None
        self.mtime = 0
        self.readable = True
        self.linked = False
        self.shown: bool | None = None


class ListedTree:
    """The directories of one listing while it is read."""

    def __init__(self, scope: ScanScope, *, complete: Callable[[], bool] = lambda: True) -> None:
        self._scope = scope
        self._complete = complete
        # None: out of scope, with all that is below.
        self._homes: dict[str, _Home | None] = {"": _Home("")}
        # Those whose lines are being read: a path, each below the one before.
        self._open: list[_Home] = []
        self._links: list[str] = []
        self._linked: dict[str, list[Facts]] = {}
        self._targets: dict[str, dict[str, Facts]] = {}
        self._oddities: list[Oddity] = []
        self._by_name: dict[str, str] | None = None

    def directories(
        self, lines: Iterable[Group | Listed | Odd]
    ) -> Iterator[ScannedDirectory | Oddity]:
        """Read all lines and yield every directory, most of them as soon as their lines end.

        `complete` is asked after the last line; if it says no, nothing is taken for gone. Raises
        SourceError if there are no lines.
        """
        with Shelf() as shelf:
            yield from self._read(lines, shelf)
            for link in self._links:
                self._resolve(link, shelf)
            complete = self._complete()
            homes = [home for home in self._homes.values() if home is not None]
            for home in homes:  # those above come first
                self._judge(home)
            rest = [home for home in homes if home.readable is not home.shown]
            for home in sorted(rest, key=attrgetter("path")):
                yield self._finish(home, shelf, complete=complete)
        yield from self._oddities

    def _read(
        self, lines: Iterable[Group | Listed | Odd], shelf: Shelf
    ) -> Iterator[ScannedDirectory]:
        """Sort the lines into directories."""
        current: str | None = None
        files: list[Facts] | None = None
        excludes = bool(self._scope.excludes)
        line: Group | Listed | Odd | None = None
        for line in lines:
            if isinstance(line, Listed):
                kind, readable, size, mtime, path = line
                if kind is not Kind.FILE or not readable:
                    self._set_aside(line)
                    continue
                above, _, name = path.rpartition("/")
                found = [(name, size, mtime)]
            elif isinstance(line, Group):
                above, found = line
            else:
                self._oddities.append(_odd(line))
                continue
            if above != current:
                yield from self._leave(above, shelf)
                current, files = above, self._enter(above)
            if files is None:
                continue
            if excludes:
                found = [each for each in found if not self._is_excluded(above, each[0])]
            files.extend(found)
        if line is None:
            raise SourceError("The listing is empty. Check the source of the Category.")
        yield from self._leave(None, shelf)

    def _is_excluded(self, above: str, name: str) -> bool:
        return self._scope.is_excluded(join_path(above, name))

    def _enter(self, path: str) -> list[Facts] | None:
        """Return where the files of a directory go; None if it does not belong to the Category."""
        home = self._home(path)
        if home is None:
            return None
        if home.files is None:
            home.files, home.shown = [], None
            self._open.append(home)
        return home.files

    def _leave(self, path: str | None, shelf: Shelf) -> Iterator[ScannedDirectory]:
        """Put aside the files of directories that the lines have left, all of them for None.

        Yield those of which nothing can follow in a listing that is sorted in any way, as if
        others could read all above; the few of which that turns out wrong are yielded again.
        """
        while self._open and (path is None or not is_below(path, self._open[-1].path)):
            home = self._open.pop()
            files = self._encode(home.path, home.files or ())
            home.files = None
            home.places = (*home.places, shelf.put(files))
            # What is empty and the top wait for the answer whether the listing is complete.
            if home.path and files.encoded and len(home.places) == 1 and not home.linked:
                home.shown = home.mode
            if home.shown is not None:
                yield _scanned(home, files, readable=home.shown)

    def _describe(self, line: Listed) -> None:
        """Take what a line says of a directory itself; the first counts."""
        home = self._home(line.path)
        if home is not None and home.mode is None:
            home.mode, home.mtime = line.readable, line.mtime

    def _judge(self, home: _Home) -> None:
        """Tell whether others may read a directory, once that is known of those above.

        One without a line is as they are.
        """
        above = home.above is None or home.above.readable
        home.readable = above and home.mode is not False
        if above and not home.readable:
            self._oddities.append(_closed(self._scope.top, home.path))

    def _home(self, path: str) -> _Home | None:
        """Return a directory; None if it does not belong to the Category."""
        if path in self._homes:
            return self._homes[path]
        above, _, name = path.rpartition("/")
        if name in NO_NAMES or path[0] == "/":
            self._note(OddityReason.BAD_LINE, path, NO_PATH)
            self._homes[path] = None
        elif (home := self._home_above(above)) and self._scope.holds_directory(path):
            self._homes[path] = _Home(path, home)
        else:
            self._homes[path] = None
        return self._homes[path]

    def _home_above(self, path: str) -> _Home | None:
        """Return the same for the one above, without recursion however deep it is."""
        missing = []
        while path and path not in self._homes:
            missing.append(path)
            path = path.rpartition("/")[0]
        found = self._homes[path]
        for each in reversed(missing):
            found = self._home(each)
        return found

    def _set_aside(self, line: Listed) -> None:
        """Keep directories and symlinks; say of other things why they are left out."""
        kind, path = line.kind, line.path
        if kind is Kind.DIRECTORY:
            self._describe(line)
            return
        name = path.partition(ARROW)[0] if kind is Kind.LINK else path
        above, _, last = name.rpartition("/")
        if last in NO_NAMES:
            self._note(OddityReason.BAD_LINE, name, NO_PATH)
            return
        home = self._home(above)
        if home is None or not self._scope.holds_directory(name):
            return
        if kind is Kind.LINK:
            home.linked, home.shown = True, None
            self._links.append(path)
        elif kind is Kind.FILE:
            self._note(OddityReason.FILE_UNREADABLE, name, "is not readable by others")
        else:
            self._note(OddityReason.SPECIAL_FILE, name, "is a device, pipe or socket")

    def _resolve(self, link: str, shelf: Shelf) -> None:
        """Count a symlink as a file with the facts of its target, as a walk does."""
        name, arrow, target = link.partition(ARROW)
        if not arrow:
            self._note(OddityReason.DANGLING_LINK, name, "is a symlink of unknown target")
            return
        above, _, last = name.rpartition("/")
        seen = self._follow(above, target, shelf)
        if isinstance(seen, Oddity):
            self._note(seen.reason, name, seen.sentence)
        else:
            self._linked.setdefault(above, []).append((last, *seen[1:]))

    def _follow(self, above: str, target: str, shelf: Shelf) -> Facts | Oddity:
        links = self._link_targets()
        for _ in range(GREATEST_HOPS):
            path = f"{above}/{target}"
            if target.startswith("/") or _leads_outside(path):
                return Oddity(OddityReason.LINK_OUTSIDE, "is a symlink that leads out of the tree")
            inside = posixpath.normpath(path).strip("/")
            if inside in self._homes or inside == ".":
                return Oddity(OddityReason.LINKED_DIRECTORY, "is a symlink to a directory")
            above, _, name = inside.rpartition("/")
            if found := self._facts(above, shelf).get(name):
                return found
            if inside not in links:
                break
            target = links[inside]
        return Oddity(OddityReason.DANGLING_LINK, "is a symlink that leads nowhere")

    def _facts(self, path: str, shelf: Shelf) -> dict[str, Facts]:
        if path not in self._targets:
            if len(self._targets) >= TARGETS_KEPT:
                self._targets.clear()
            home = self._homes.get(path)
            places = home.places if home is not None else ()
            self._targets[path] = {
                entry.name: entry for place in places for entry in shelf.take(place).entries
            }
        return self._targets[path]

    def _link_targets(self) -> dict[str, str]:
        if self._by_name is None:
            parts = (link.partition(ARROW) for link in self._links)
            self._by_name = {name: target for name, arrow, target in parts if arrow}
        return self._by_name

    def _finish(self, home: _Home, shelf: Shelf, *, complete: bool) -> ScannedDirectory:
        """Return a directory now that everything is known."""
        files = self._gather(home, shelf)
        # If something could not be listed, it may have been what has no files.
        unknown = not complete and (not home.path or not files.encoded)
        return _scanned(home, None if unknown else files, readable=home.readable)

    def _gather(self, home: _Home, shelf: Shelf) -> Files:
        """Return the files of a directory from wherever they came."""
        linked = self._linked.get(home.path, ())
        if len(home.places) == 1 and not linked:
            return shelf.take(home.places[0])
        entries = [entry for place in home.places for entry in shelf.take(place).entries]
        return self._encode(home.path, [*entries, *linked])

    def _note(self, reason: OddityReason, path: str, what: str) -> None:
        where = printable(join_path(self._scope.top, path))
        self._oddities.append(Oddity(reason, f"“{where}” {what}; it is left out."))

    def _encode(self, path: str, files: Sequence[Facts]) -> Files:
        """Encode the files of a directory, those that have a name and each once."""
        names = {facts[0] for facts in files}
        if not NO_NAMES.isdisjoint(names):
            for name in sorted(NO_NAMES & names):
                self._note(OddityReason.BAD_LINE, f"{path}/{name}", NO_PATH)
            files = [facts for facts in files if facts[0] not in NO_NAMES]
            names -= NO_NAMES
        if len(names) != len(files):
            self._oddities.append(_twice(self._scope.top, path))
            files = list({facts[0]: facts for facts in files}.values())
        return Files.of(files)


def _scanned(home: _Home, files: Files | None, *, readable: bool) -> ScannedDirectory:
    changed_at = EPOCH if home.mode is None else moment(home.mtime * 10**9)
    return ScannedDirectory(home.path, readable, changed_at, files, listed=files is not None)


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
