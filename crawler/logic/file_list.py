"""The file lists that master servers publish beside their trees, so that nobody has to walk them.

Knows `fullfiletimelist-*` (times, types and sizes, with checksums of repository metadata) and
`fullfilelist` (names only), as quick-fedora-mirror's `create-filelist` writes them. Deliberately
opens no file; lines come in, entries go out. A list that breaks off is refused, not half believed.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

from crawler.logic.rsync_listing import DOTTED, GREATEST_SIZE, Group, Kind, Listed, Odd
from registry.logic.listings import Facts

TYPES = {"f": Kind.FILE, "d": Kind.DIRECTORY, "l": Kind.LINK}
SIZE, TIME = re.compile(rb"[0-9]{1,16}"), re.compile(rb"-?[0-9]{1,40}")
ALGORITHMS = {"SHA1", "MD5", "SHA256", "SHA512"}


class FileListError(ValueError):
    """The list cannot be trusted as a whole; the sentence says why."""


class Checksum(NamedTuple):
    """The digest of one file that the list vouches for; the algorithm in lower case."""

    algorithm: str
    digest: str
    path: str


def parse_file_list(blocks: Iterable[bytes]) -> Iterator[Group | Listed | Checksum | Odd]:
    """Read a fullfiletimelist: `[Version]`, `[Files]`, `[Checksums …]` and `[End]`.

    It comes as blocks of whole lines; the end of the last may be missing. Readable files of one
    directory whose lines stand together come together. Times are the later of modification and
    change time, in Unix seconds. A type followed by `-` is not readable by others, one followed by
    `*` lies below a restricted directory; neither is readable. Raises FileListError for a version
    other than 2, when `[Files]` is missing, and when the list ends before `[End]`: it was being
    written, or was cut.
    """
    section, seen = "", set()
    for block in blocks:
        try:
            text, usual = block.decode(), b"\r" not in block
        except UnicodeDecodeError:
            text, usual = block.decode(errors="surrogateescape"), False
        lines = iter(text.split("\n"))
        while title := (yield from _read(section, lines, usual=usual)):
            section = title[1:-1].decode("ascii", "replace").strip()
            seen.add(section.split(" ")[0])
    if not seen:
        raise FileListError("This is not a file list: it has no sections.")
    for needed in ("Files", "End"):
        if needed not in seen:
            raise FileListError(
                f"The file list is incomplete: it has no [{needed}]. It may be being written."
            )


def _read(
    section: str, lines: Iterator[str], *, usual: bool
) -> Generator[Group | Listed | Checksum | Odd, None, bytes]:
    """Read lines of a section; return the one with which the next begins, or nothing.

    Half a million files a scan, so those that are as usual are read without a call.
    """
    readable = "f" if usual and section == "Files" else None
    current, files = "", list[Facts]()
    title = b""
    for text in lines:
        try:
            time, kind, size, path = text.split("\t", 3)
            digits = time + size
            mtime, number = int(time), int(size)
        except ValueError:
            digits = ""  # whatever is unusual here is read by the rules
        if (
            digits.isdigit()
            and digits.isascii()
            and kind == readable
            and mtime <= GREATEST_SIZE >= number
        ):
            above, _, name = path.rpartition("/")
            if above == current and name:
                files.append((name, number, mtime))
                continue
            if name and above[:1] != "/" and above[:2] not in DOTTED:
                if files:
                    yield Group(current, files)
                current, files = above, [(name, number, mtime)]
                continue
        line = text.encode(errors="surrogateescape").rstrip(b"\r")
        if line.startswith(b"[") and line.endswith(b"]"):
            title = line
            break
        if line:
            yield from _row(section, line)
    if files:
        yield Group(current, files)
    return title


def _row(section: str, line: bytes) -> Iterator[Listed | Checksum | Odd]:
    if section == "Files":
        yield _file(line)
    elif section == "Version":
        if line.strip() != b"2":
            raise FileListError(
                f"The file list has version {line.decode(errors='replace')}; only 2 is known."
            )
    elif section.startswith("Checksums "):
        yield _checksum(section.removeprefix("Checksums ").strip(), line)
    else:
        raise FileListError("This is not a file list: there is text before the first section.")


def _file(line: bytes) -> Listed | Odd:
    fields = line.split(b"\t", 3)
    if len(fields) < 4:
        return Odd(line, "The line has fewer than four columns.")
    time, kind, size, name = fields
    try:
        if not (SIZE.fullmatch(size) and TIME.fullmatch(time)):
            raise ValueError
        if int(size) > GREATEST_SIZE:
            raise ValueError
        return Listed(
            TYPES.get(chr(kind[0]), Kind.OTHER),
            len(kind) == 1,
            int(size),
            int(time),
            _path(name),
        )
    except UnicodeDecodeError:
        return Odd(line, "The name is not UTF-8; rename the file on the master.")
    except (ValueError, IndexError):
        return Odd(line, "Time, type or size is not what a file list has.")


def _checksum(algorithm: str, line: bytes) -> Checksum | Odd:
    digest, tab, name = line.partition(b"\t")
    if not tab or algorithm not in ALGORITHMS:
        return Odd(line, "This is not a checksum of a known kind.")
    try:
        bytes.fromhex(digest.decode())
        return Checksum(algorithm.lower(), digest.decode().lower(), _path(name))
    except ValueError:
        return Odd(line, "The checksum is not hexadecimal, or the name is not UTF-8.")


def _path(name: bytes) -> str:
    return name.decode().removeprefix("./").strip("/") if name != b"." else ""


def parse_name_list(lines: Iterable[bytes]) -> Iterator[str | Odd]:
    """Read a fullfilelist: one path a line, relative to the module, with or without `./`."""
    for raw in lines:
        line = raw.rstrip(b"\r\n")
        if not line:
            continue
        try:
            yield _path(line)
        except UnicodeDecodeError:
            yield Odd(line, "The name is not UTF-8; rename the file on the master.")
