"""A master tree that is known from the list that its server publishes, or from a stored listing.

Finds the list, cuts what lies above the Category, and believes no list that breaks off. The
formats are those of `crawler.logic`.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from glob import escape, glob
from itertools import chain

from crawler.logic.file_list import Checksum, FileListError, parse_file_list, parse_name_list
from crawler.logic.rsync_listing import Group, Kind, Listed, Odd, parse_blocks
from crawler.logic.scope import ScanScope
from crawler.master.base import (
    Oddity,
    ScannedDirectory,
    SourceError,
    SourcePlace,
    SourcePolicy,
    no_beat,
)
from crawler.master.lines import stored_blocks
from crawler.master.listed import ARROW, ListedTree
from crawler.master.rsync import read_from_base
from crawler.master.web import Web, is_web

PATTERNS = ("fullfiletimelist-*", "fullfilelist")
SECTION = re.compile(rb"\[[A-Za-z][A-Za-z0-9 ]*\]\s*")
READ_SEARCH = stat.S_IROTH | stat.S_IXOTH


class FoundList:
    """Where a list is, which part of it is the Category's, and where the tree is if here."""

    def __init__(self, location: str, *, below: str = "", tree: str = "") -> None:
        self.location = location
        self.below = below
        self.tree = tree


def find_list(location: str) -> FoundList:
    """Return the list that a location means.

    A directory is the tree: its list lies in it, or one level above and then begins with the name
    of the directory. Anything else is the list itself, after `#` the part that is the Category's.
    Raises SourceError if there is none, or more than one.
    """
    if not is_web(location) and os.path.isdir(location):
        return _beside(location.rstrip("/") or "/")
    place, _, below = location.rpartition("#") if "#" in location else (location, "", "")
    return FoundList(place, below=below.strip("/"))


def _beside(tree: str) -> FoundList:
    above, _, name = tree.rpartition("/")
    for pattern in PATTERNS:
        for directory, below in ((tree, ""), (above or "/", name)):
            found = [path for path in glob(f"{escape(directory)}/{pattern}") if _is_plain(path)]
            if len(found) > 1:
                names = ", ".join(sorted(os.path.basename(path) for path in found))
                raise SourceError(f"{directory} has more than one list ({names}); name one.")
            if found:
                return FoundList(found[0], below=below, tree=tree)
    raise SourceError(
        f"There is no fullfiletimelist-* in {tree} nor above it. Name the list, or choose another "
        "kind of source."
    )


def _is_plain(path: str) -> bool:
    """Tell whether a file is the list itself, not what is being written or was packed."""
    return os.path.isfile(path) and not path.endswith((".gz", ".bz2", ".xz", ".tmp", "~"))


class StoredList:
    """A tree as a file list or a stored listing of rsync has it; the first lines tell which."""

    def __init__(self, place: SourcePlace, scope: ScanScope, policy: SourcePolicy) -> None:
        self._place = place
        self._scope = scope
        self._policy = policy
        self._found: FoundList | None = None
        self._hints: dict[str, tuple[str, str]] = {}

    @property
    def found(self) -> FoundList:
        """The list, once looked for."""
        if self._found is None:
            self._found = find_list(self._place.location)
        return self._found

    def started(self, *, beat: Callable[[], None] = no_beat) -> AbstractContextManager[None]:
        """Begin nothing: a list is read when it is wanted."""
        return nullcontext()

    def directories(
        self, *, unchanged: Mapping[str, datetime], beat: Callable[[], None] = no_beat
    ) -> Iterator[ScannedDirectory | Oddity]:
        """Yield every directory.

        Raises SourceError if it is cut, changes meanwhile, or has nothing of the Category.
        """
        found = self.found
        web = Web(self._policy)
        blocks = stored_blocks(found.location, web=web, policy=self._policy, beat=beat)
        tree = ListedTree(self._scope)
        try:
            yield from tree.directories(self._below(self._parse(blocks)))
        except FileListError as error:
            raise SourceError(f"{found.location}: {error}") from error

    def read_file(self, path: str, *, limit: int) -> bytes:
        """Return at most `limit` bytes of a file: of the tree if it is here, else of the web."""
        if self.found.tree and not self._place.checksum_base:
            with open(f"{self.found.tree}/{path}", "rb") as file:
                return file.read(limit)
        return read_from_base(self._place.checksum_base, path, limit=limit, policy=self._policy)

    def hint(self, path: str) -> tuple[str, str] | None:
        """Return the digest that the list has for a file."""
        return self._hints.get(path)

    def _parse(self, blocks: Iterator[bytes]) -> Iterable[Group | Listed | Checksum | Odd]:
        """Choose the format by the first line that is not blank."""
        first, everything = b"", blocks
        for block in blocks:
            if first := block.lstrip().partition(b"\n")[0]:
                everything = chain([block], blocks)  # only blank lines are left out
                break
        if SECTION.fullmatch(first):
            return parse_file_list(everything)
        if self._place.kind == "listing":
            return parse_blocks(everything)
        lines = (line for block in everything for line in block.split(b"\n"))
        return self._measured(parse_name_list(lines))

    def _below(
        self, lines: Iterable[Group | Listed | Checksum | Odd]
    ) -> Iterator[Group | Listed | Odd]:
        """Keep what is below the Category's part of the list, with paths relative to it."""
        below = self.found.below
        prefix, cut = f"{below}/" if below else "", len(below) + 1 if below else 0
        for line in lines:
            if isinstance(line, Checksum):
                if line.path.startswith(prefix):
                    self._hints[line.path[cut:]] = (line.algorithm, line.digest)
            elif not cut or isinstance(line, Odd):
                yield line
            elif line.path.startswith(prefix) or line.path == below:
                yield line._replace(path=line.path[cut:])

    def _measured(self, names: Iterable[str | Odd]) -> Iterator[Listed | Odd]:
        """Look up what a list of names only does not say, in the tree that it is about."""
        if not self.found.tree:
            raise SourceError(
                f"{self.found.location} has names only, without sizes and times. Name a "
                "fullfiletimelist, or the tree that the list is about."
            )
        above = self.found.tree[: -len(self.found.below) - 1 or None]
        root = above if self.found.below else self.found.tree
        for name in names:
            if isinstance(name, Odd):
                yield name
            elif ".." in name.split("/"):
                yield Odd(name.encode(), "It is not a path inside the tree.")
            elif listed := _measure(f"{root}/{name}" if name else root, name):
                yield listed


KINDS = {stat.S_IFREG: Kind.FILE, stat.S_IFDIR: Kind.DIRECTORY, stat.S_IFLNK: Kind.LINK}


def _measure(full: str, name: str) -> Listed | None:
    """Return a file of the tree as a listing has it; None if it is gone."""
    try:
        status = os.lstat(full)
        kind = KINDS.get(stat.S_IFMT(status.st_mode), Kind.OTHER)
        path = f"{name}{ARROW}{os.readlink(full)}" if kind is Kind.LINK else name
    except (FileNotFoundError, NotADirectoryError):
        return None
    needed = READ_SEARCH if kind is Kind.DIRECTORY else stat.S_IROTH
    return Listed(
        kind, status.st_mode & needed == needed, status.st_size, int(status.st_mtime), path
    )
