"""The file lists that master servers publish beside their trees, so that nobody has to walk them.

Knows `fullfiletimelist-*` (times, types and sizes, with checksums of repository metadata) and
`fullfilelist` (names only), as quick-fedora-mirror's `create-filelist` writes them. Deliberately
opens no file; lines come in, entries go out. A list that breaks off is refused, not half believed.
"""

from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

from crawler.logic.rsync_listing import UNUSUAL, Kind, Listed, Odd

# More than any file has; a list that says so lies, and databases cannot store the sum.
GREATEST_SIZE = 2**53
TYPES = {"f": Kind.FILE, "d": Kind.DIRECTORY, "l": Kind.LINK}
ALGORITHMS = {"SHA1", "MD5", "SHA256", "SHA512"}


class FileListError(ValueError):
    """The list cannot be trusted as a whole; the sentence says why."""


class Checksum(NamedTuple):
    """The digest of one file that the list vouches for; the algorithm in lower case."""

    algorithm: str
    digest: str
    path: str


def parse_file_list(lines: Iterable[bytes]) -> Iterator[Listed | Checksum | Odd]:
    """Read a fullfiletimelist: `[Version]`, `[Files]`, `[Checksums …]` and `[End]`.

    Times are the later of modification and change time, in Unix seconds. A type followed by `-` is
    not readable by others, one followed by `*` lies below a restricted directory; neither is
    readable. Raises FileListError for a version other than 2, when `[Files]` is missing, and when
    the list ends before `[End]`: it was being written, or was cut.
    """
    rest = iter(lines)
    section, seen = "", set()
    line: bytes | None = b""
    while line is not None:
        if line.startswith(b"[") and line.endswith(b"]"):
            section = line[1:-1].decode("ascii", "replace").strip()
            seen.add(section.split(" ")[0])
        elif line:
            yield from _row(section, line)
        if section == "Files":
            line = yield from _files(rest)
        else:
            raw = next(rest, None)
            line = None if raw is None else raw.rstrip(b"\r\n")
    if not seen:
        raise FileListError("This is not a file list: it has no sections.")
    for needed in ("Files", "End"):
        if needed not in seen:
            raise FileListError(
                f"The file list is incomplete: it has no [{needed}]. It may be being written."
            )


def _files(lines: Iterator[bytes]) -> Generator[Listed | Odd, None, bytes | None]:
    """Read the section of files; return the line with which the next begins, None at the end.

    Half a million lines a scan, so what is usual is read without a call.
    """
    kinds: dict[bytes, tuple[Kind, bool]] = {}
    make = tuple.__new__  # what the constructor of a named tuple does, without its detour
    for raw in lines:
        line = raw.rstrip(b"\r\n")
        try:
            time, kind, size, name = line.split(b"\t", 3)
            path, number = name.decode(), int(size)
            usual = path[:2] not in UNUSUAL and path[-1] != "/" != path[0]
            if usual and 0 <= number <= GREATEST_SIZE:
                yield make(Listed, (*kinds[kind], number, int(time), path))
                continue
        except (KeyError, ValueError):
            pass  # whatever is unusual is read by the rules
        if line.startswith(b"[") and line.endswith(b"]"):
            return line
        if line:
            row = _file(line)
            if isinstance(row, Listed):
                kinds[line.split(b"\t", 2)[1]] = row.kind, row.readable
            yield row
    return None


def _row(section: str, line: bytes) -> Iterator[Checksum | Odd]:
    if section == "Version":
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
        if not 0 <= int(size) <= GREATEST_SIZE:
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
