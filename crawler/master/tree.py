"""A master tree on this machine, walked from the top down without recursion.

Knows file systems: symlinks, modes, names that are not UTF-8, directories that vanish meanwhile.
Every directory is opened once and its files are looked up relative to it, so that depth costs
nothing and a directory that turns into a symlink under our hands is not followed.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from crawler.logic.scope import ScanScope
from crawler.master.base import (
    EPOCH,
    Files,
    Oddity,
    OddityReason,
    ScannedDirectory,
    SourceError,
    moment,
    no_beat,
)
from registry.logic.listings import Facts
from registry.logic.places import join_path, printable

OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
OTHERS_READ = stat.S_IROTH
READ_SEARCH = stat.S_IROTH | stat.S_IXOTH
MTIME = stat.ST_MTIME  # the index of whole seconds in a stat result


class LocalTree:
    """The tree below one directory of this machine."""

    def __init__(self, location: str, scope: ScanScope) -> None:
        self.root = location.rstrip("/") or "/"
        self.scope = scope

    def started(self, *, beat: Callable[[], None] = no_beat) -> AbstractContextManager[None]:
        """Begin nothing: a file system does nothing by itself."""
        return nullcontext()

    def directories(
        self, *, unchanged: Mapping[str, datetime], beat: Callable[[], None] = no_beat
    ) -> Iterator[ScannedDirectory | Oddity]:
        """Yield every directory, those above before those below.

        Raises SourceError if the top directory is not there, or not the same one at the end: then
        a file system was unmounted under our hands and what is missing means nothing.
        """
        before = self._identity()
        waiting = [("", True)]
        while waiting:
            path, readable_above = waiting.pop()
            try:
                found, below = self._look(
                    path, readable_above=readable_above, unchanged_at=unchanged.get(path)
                )
            except (FileNotFoundError, NotADirectoryError):
                if not path:
                    raise SourceError(self._gone()) from None
                where = printable(join_path(self.scope.top, path))
                yield Oddity(OddityReason.VANISHED, f"“{where}” vanished during the scan.")
                continue
            if not path and not found.listed:
                raise SourceError(found.oddities[0].sentence)
            if below:
                waiting.extend([(child, found.readable) for child in reversed(below)])
            yield found
        if self._identity() != before:
            raise SourceError(
                f"{self.root} was replaced by another directory during the scan. Scan again."
            )

    def read_file(self, path: str, *, limit: int) -> bytes:
        """Return at most `limit` bytes of a file below the top directory."""
        with open(self.full(path), "rb") as file:
            return file.read(limit)

    def hint(self, path: str) -> tuple[str, str] | None:
        """Return nothing: the files themselves are here."""
        return None

    def full(self, path: str) -> str:
        """Return where a path below the top directory is on this machine."""
        return f"{self.root}/{path}" if path else self.root

    def _identity(self) -> tuple[int, int]:
        try:
            status = os.stat(self.root)
        except OSError as error:
            raise SourceError(f"{self._gone()} ({error.strerror})") from error
        if not stat.S_ISDIR(status.st_mode):
            raise SourceError(f"{self.root} is not a directory. Correct the source.")
        return status.st_dev, status.st_ino

    def _gone(self) -> str:
        return f"{self.root} is not there; mount the master tree or correct the source."

    def _look(
        self, path: str, *, readable_above: bool, unchanged_at: datetime | None
    ) -> tuple[ScannedDirectory, list[str]]:
        """Return one directory and the paths of those below; vanished ones raise."""
        try:
            # The top may be a symlink: that is how operators point at a mount.
            flags = OPEN_DIRECTORY if path else OPEN_DIRECTORY & ~os.O_NOFOLLOW
            descriptor = os.open(self.full(path), flags)
        except (FileNotFoundError, NotADirectoryError):
            raise
        except OSError as error:
            return self._not_listed(path, error, readable_above=readable_above), []
        try:
            return _Visit(self, path, descriptor, readable_above=readable_above).look(unchanged_at)
        except OSError as error:
            return self._not_listed(path, error, readable_above=readable_above), []
        finally:
            os.close(descriptor)

    def _not_listed(self, path: str, error: OSError, *, readable_above: bool) -> ScannedDirectory:
        """Return a directory of which only the mode is known, or not even that."""
        try:
            status = os.lstat(self.full(path))
            readable = readable_above and status.st_mode & READ_SEARCH == READ_SEARCH
            changed_at = moment(status.st_ctime_ns)
        except OSError:
            readable, changed_at = readable_above, EPOCH
        where = printable(join_path(self.scope.top, path))
        oddity = Oddity(
            OddityReason.DIRECTORY_NOT_LISTED,
            f"“{where}” cannot be listed ({error.strerror}); it and what is below stay as known.",
        )
        return ScannedDirectory(path, readable, changed_at, None, (oddity,), listed=False)


class _Visit:
    """One open directory while its entries are looked at."""

    def __init__(
        self, tree: LocalTree, path: str, descriptor: int, *, readable_above: bool
    ) -> None:
        self._tree = tree
        self._path = path
        self._descriptor = descriptor
        self._oddities: list[Oddity] = []
        # Before the entries: if they change meanwhile, the next scan must see an older time.
        self._status = os.fstat(descriptor)
        self._readable = readable_above and self._status.st_mode & READ_SEARCH == READ_SEARCH
        if readable_above and not self._readable:
            mode = stat.S_IMODE(self._status.st_mode)
            self._note(
                OddityReason.DIRECTORY_UNREADABLE,
                "",
                f"is not readable by others (mode {mode:04o}), nor is what is below",
            )

    def look(self, unchanged_at: datetime | None) -> tuple[ScannedDirectory, list[str]]:
        changed_at = moment(self._status.st_ctime_ns)
        files, links, below = self._sort_out()
        linked = [entry for link in links if (entry := self._follow(link)) is not None]
        # The size of a linked file can change without its directory.
        trusted = changed_at == unchanged_at and not linked
        seen = None if trusted else Files.of([*self._measure(files), *linked])
        found = ScannedDirectory(
            self._path, self._readable, changed_at, seen, tuple(self._oddities)
        )
        return found, below

    def _sort_out(self) -> tuple[list["os.DirEntry[str]"], list[str], list[str]]:
        """Return the files, the names of symlinks and the paths of directories inside."""
        scope = self._tree.scope
        base = f"{self._path}/" if self._path else ""
        files: list[os.DirEntry[str]] = []
        links: list[str] = []
        below: list[str] = []
        with os.scandir(self._descriptor) as entries:
            for entry in entries:
                name = entry.name
                if not name.isascii() and not self._is_utf8(name):
                    continue
                if entry.is_file(follow_symlinks=False):
                    files.append(entry)
                elif entry.is_dir(follow_symlinks=False):
                    path = base + name
                    if scope.holds_directory(path):
                        below.append(path)
                elif scope.holds_directory(base + name):
                    if entry.is_symlink():
                        links.append(name)
                    else:
                        self._note(OddityReason.SPECIAL_FILE, name, "is a device, pipe or socket")
        if scope.excludes:
            files = [file for file in files if not scope.is_excluded(base + file.name)]
        below.sort()  # the order of a file system is arbitrary, and logs should not be
        links.sort()
        return files, links, below

    def _measure(self, files: list["os.DirEntry[str]"]) -> list[Facts]:
        """Return what each file is. Half a million times a scan, so it does nothing twice."""
        entries: list[Facts] = []
        for file in files:
            try:
                status = file.stat(follow_symlinks=False)
            except FileNotFoundError:
                self._note(OddityReason.VANISHED, file.name, "vanished during the scan")
                continue
            if status.st_mode & OTHERS_READ:
                entries.append((file.name, status.st_size, int(status[MTIME])))
            else:
                self._note(OddityReason.FILE_UNREADABLE, file.name, "is not readable by others")
        return entries

    def _follow(self, name: str) -> Facts | None:
        """Return a symlinked file by the facts of its target; note all other symlinks."""
        try:
            status = os.stat(name, dir_fd=self._descriptor)
        except OSError:
            self._note(OddityReason.DANGLING_LINK, name, "is a symlink that leads nowhere")
            return None
        if stat.S_ISDIR(status.st_mode):
            self._note(OddityReason.LINKED_DIRECTORY, name, "is a symlink to a directory")
            return None
        root = os.path.realpath(self._tree.root)
        target = os.path.realpath(self._tree.full(join_path(self._path, name)))
        if os.path.commonpath([root, target]) != root:
            self._note(OddityReason.LINK_OUTSIDE, name, "is a symlink that leads out of the tree")
            return None
        if not stat.S_ISREG(status.st_mode):
            self._note(OddityReason.SPECIAL_FILE, name, "is a device, pipe or socket")
            return None
        return name, status.st_size, int(status[MTIME])

    def _is_utf8(self, name: str) -> bool:
        try:
            name.encode()
        except UnicodeEncodeError:
            self._note(OddityReason.NAME_NOT_UTF8, name, "has a name that is not UTF-8")
            return False
        return True

    def _note(self, reason: OddityReason, name: str, what: str) -> None:
        where = printable(join_path(self._tree.scope.top, self._path, name))
        end = "." if reason in KEPT else "; it is left out."
        self._oddities.append(Oddity(reason, f"“{where}” {what}{end}"))


KEPT = frozenset({OddityReason.DIRECTORY_UNREADABLE})
