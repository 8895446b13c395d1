"""What `rsync --list-only` prints: one line a file, read exactly.

Knows the columns, the escapes of unprintable bytes and the times (rsync must run with TZ=UTC and
LC_ALL=C). Deliberately starts no rsync and decides nothing about what the files mean. The facts are
those of rsync 3.0 to 3.5; `docs/how-it-works/master-sources.md` shows the forms.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from enum import Enum
from typing import NamedTuple

from registry.logic.listings import Facts

EPOCH = date(1970, 1, 1).toordinal()
# More than any file has; a list that says so lies, and databases cannot store the sum.
GREATEST_SIZE = 2**53
ESCAPE = re.compile(rb"\\#([0-7]{3})")
MODE = re.compile(rb"[-dlcbps][-rwxsStT]{9}[+.@]?")
DOTTED = frozenset({".", "./"})  # beginnings of directories that are not kept as they are
UNUSUAL = frozenset({"", ".", "./"})  # beginnings of paths that are not kept as they are
# The times of `%M` in an --out-format have a dash where --list-only has a blank.
DATE_AND_TIME = re.compile(rb"(\d{4})[/-](\d\d)[/-](\d\d)[ -](\d\d):(\d\d):(\d\d)")


class Kind(Enum):
    """What a line of a listing is about; files that are neither are devices, sockets and pipes."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    OTHER = "other"


READABLE_FILE = (Kind.FILE, True)
UNREAD = (Kind.OTHER, False)
KINDS = {ord("-"): Kind.FILE, ord("d"): Kind.DIRECTORY, ord("l"): Kind.LINK}


class Listed(NamedTuple):
    """One line: size in bytes, mtime in Unix seconds, path without leading `./`; `""` is the top.

    `readable` tells whether others may read it; for a directory, whether they may enter it, too.
    """

    kind: Kind
    readable: bool
    size: int
    mtime: int
    path: str


class Group(NamedTuple):
    """Readable files of one directory whose lines stood together: what each is, without the path.

    As names, sizes and times they are what a listing stores.
    """

    path: str
    files: list[Facts]


class Odd(NamedTuple):
    """A line that could not be read, and why: a sentence for the log of the scan."""

    line: bytes
    sentence: str


def parse_listing(lines: Iterable[bytes]) -> Iterator[Listed | Odd]:
    """Read the lines of a listing, line ends included or not; blank lines are passed over.

    Never raises: what is not a line of a listing (a message of the day, for example) becomes Odd.
    """
    days: dict[bytes, int] = {}
    seconds: dict[bytes, int] = {}
    modes: dict[bytes, tuple[Kind, bool]] = {}
    make = tuple.__new__  # what the constructor of a named tuple does, without its detour
    for raw in lines:
        line = raw.rstrip(b"\r\n")
        # Columns of fixed width, as all but sizes of twelve digits have them.
        name = line[43:]
        try:
            kind, readable = modes[line[:11]]
            # With the blanks around them, so that the columns are where they should be.
            mtime = days[line[22:34]] + seconds[line[34:43]]
            digits = line[11:22].lstrip(b" ")
            size = int(digits)
            if digits.isdigit() and b"\\" not in name:
                path = name.decode()
                if path[:2] not in UNUSUAL:
                    yield make(Listed, (kind, readable, size, mtime, path))
                    continue
        except (KeyError, ValueError):
            pass  # whatever is unusual here is read by the rules
        if line:
            parsed = _parse_slowly(line)
            if isinstance(parsed, Listed) and (columns := _columns(line)):
                # The files of a tree share few modes and times.
                modes[line[:11]], days[line[22:34]], seconds[line[34:43]] = columns
            yield parsed


def parse_blocks(blocks: Iterable[bytes]) -> Iterator[Group | Listed | Odd]:
    """Read a listing that comes as blocks of whole lines; the end of the last may be missing.

    As `parse_listing`, but the files of a directory come together, in half the time.
    """
    reader = _BlockReader()
    for block in blocks:
        try:
            text = block.decode()
        except UnicodeDecodeError:
            text = "\r"
        if "\r" in text:
            yield from parse_listing(block.split(b"\n"))
        else:
            yield from reader.read(text)


class _BlockReader:
    """What columns of fixed width mean, by their text, as far as it was seen."""

    def __init__(self) -> None:
        self._modes: dict[str, tuple[Kind, bool]] = {}
        self._days: dict[str, int] = {}
        self._seconds: dict[str, int] = {}

    def read(self, text: str) -> Iterator[Group | Listed | Odd]:
        """Read some lines. Half a million times a scan, so what is usual needs no call."""
        modes, days, seconds = self._modes, self._days, self._seconds
        current, files = "", list[Facts]()
        for line in text.split("\n"):
            try:
                mode = modes[line[:11]]
                mtime = days[line[22:34]] + seconds[line[34:43]]
                digits = line[11:22].lstrip(" ")
                # Neither signs nor digits of other scripts, which int() takes.
                size = int(digits if digits.isascii() and digits.isdigit() else "")
            except (KeyError, ValueError):
                mode = UNREAD  # whatever is unusual here is read by the rules
            if mode is READABLE_FILE and "\\" not in line:
                above, _, name = line[43:].rpartition("/")
                if above == current:
                    files.append((name, size, mtime))
                    continue
                if above[:2] not in DOTTED:
                    if files:
                        yield Group(current, files)
                    current, files = above, [(name, size, mtime)]
                    continue
            elif mode is not UNREAD and "\\" not in line and line[43:45] not in UNUSUAL:
                yield Listed(*mode, size, mtime, line[43:])
                continue
            if line:
                yield self._read_line(line)
        if files:
            yield Group(current, files)

    def _read_line(self, line: str) -> Listed | Odd:
        data = line.encode()
        parsed = _parse_slowly(data)
        if isinstance(parsed, Listed) and (columns := _columns(data)):
            mode, self._days[line[22:34]], self._seconds[line[34:43]] = columns
            self._modes[line[:11]] = READABLE_FILE if mode == READABLE_FILE else mode
        return parsed


def _columns(line: bytes) -> tuple[tuple[Kind, bool], int, int] | None:
    """Return what mode, day and time of day mean, if they are where they usually are."""
    match = DATE_AND_TIME.fullmatch(line[23:42])
    blanks = line[10:11] + line[22:23] + line[33:34] + line[42:43]
    if match and MODE.fullmatch(line[:10]) and blanks == b"    ":
        return _mode(line), _midnight(match), _clock(match)
    return None


def _midnight(match: re.Match[bytes]) -> int:
    year, month, day = (int(text) for text in match.group(1, 2, 3))
    return (date(year, month, day).toordinal() - EPOCH) * 86400


def _clock(match: re.Match[bytes]) -> int:
    hours, minutes, seconds = (int(text) for text in match.group(4, 5, 6))
    return hours * 3600 + minutes * 60 + seconds


def _listed(mode: bytes, size: int, mtime: int, name: bytes, line: bytes) -> Listed | Odd:
    kind, readable = _mode(mode)
    if b"\\#" in name:
        try:
            name = ESCAPE.sub(_unescape, name)
        except ValueError:
            return Odd(line, "The name has an escape that rsync does not print.")
    if name.startswith(b"./"):
        name = name[2:]
    try:
        path = name.decode()
    except UnicodeDecodeError:
        return Odd(line, "The name is not UTF-8; rename the file on the master.")
    return Listed(kind, readable, size, mtime, "" if path == "." else path)


def _unescape(match: re.Match[bytes]) -> bytes:
    """Return the byte that is meant; raise ValueError for what is none, and for NUL."""
    number = int(match[1], 8)
    if not number:
        raise ValueError
    return bytes([number])


def _mode(text: bytes) -> tuple[Kind, bool]:
    kind = KINDS.get(text[0], Kind.OTHER)
    return kind, text[7] == 0x72 and (kind is not Kind.DIRECTORY or text[9] in b"xt")


LINE = re.compile(
    rb"(?P<mode>[-dlcbps][-rwxsStT]{9})[+.@]? +(?P<size>[0-9][0-9,]{0,30}) "
    rb"(?P<time>\d{4}[/-]\d\d[/-]\d\d[ -]\d\d:\d\d:\d\d) (?P<name>.+)",
    re.DOTALL,
)


def _parse_slowly(line: bytes) -> Listed | Odd:
    """Read a line by its exact columns, or say what is wrong with it."""
    match = LINE.fullmatch(line)
    if match is None:
        return Odd(line, _complaint(line))
    moment = DATE_AND_TIME.fullmatch(match["time"])
    try:
        mtime = _midnight(moment) + _clock(moment) if moment else 0
    except ValueError:
        return Odd(line, "The date does not exist.")
    size = int(match["size"].replace(b",", b""))
    if size > GREATEST_SIZE:
        return Odd(line, "The size is more than any file has.")
    return _listed(match["mode"], size, mtime, match["name"], line)


def _complaint(line: bytes) -> str:
    if not MODE.match(line):
        return "This is not a line of a listing."
    if re.match(rb"\S+ +[0-9.]+[KMGTP]\b", line):
        return "The size is rounded; list with --no-human-readable."
    return "The line is cut short or has columns that rsync does not print."
