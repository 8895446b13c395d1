"""Read files that say which network belongs to which autonomous system.

Knows routing tables (MRT), lines and mmdb files, packed with bz2 or gzip or not at all. Memory is
bounded, also for files made to break it. Decides nothing: it yields what the files say.
"""

import bz2
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

import maxminddb

from mirrorlist.geo import asn_of
from mirrorlist.logic.asn_lines import parse_line
from mirrorlist.logic.asn_table import Prefix
from mirrorlist.logic.mmdb import MARKER
from mirrorlist.logic.mrt import HEADER_BYTES, DamagedRibError, is_rib, read_header, read_route

CHUNK_BYTES = 1 << 18
# The metadata of an mmdb file is in its last 128 KiB.
TAIL_BYTES = 128 * 1024
LINE_BYTES = 4096
REJECTED_SHOWN = 20
# The ratio counts from here on; before, a file cannot do harm.
RATIO_FROM_BYTES = 1 << 26


class SourceError(OSError):
    """A source cannot be used; the text is a sentence."""


class ReadLimits(NamedTuple):
    """How much may come out of a file. A routing table unpacks to some 3 GB, 20 to 1."""

    greatest_bytes: int = 1 << 34
    greatest_ratio: int = 250


class Rejected:
    """Lines that could not be read: how many, and the first of them as sentences."""

    def __init__(self) -> None:
        self.count = 0
        self.sentences: list[str] = []

    def note(self, sentence: str) -> None:
        """Count one more."""
        self.count += 1
        if self.count <= REJECTED_SHOWN:
            self.sentences.append(sentence)


class Advance(Protocol):
    """Is told how many bytes of a file were read."""

    def __call__(self, count: int, /) -> object: ...


def read_source(
    path: Path, *, rejected: Rejected, limits: ReadLimits, advance: Advance
) -> Iterator[tuple[Prefix, int]]:
    """Yield the prefixes of a file with their autonomous systems; the file says what it is.

    Lines that cannot be read go to `rejected`. Raises SourceError for a file that is damaged, cut
    short, larger than the limits, or of no known kind; what was yielded before must not be used.
    """
    try:
        if _is_mmdb(path):
            yield from _read_mmdb(path)
            return
        with path.open("rb") as file:
            reader = _Reader(_unpack(file, limits, advance))
            beginning = reader.peek(HEADER_BYTES)
            if is_rib(beginning):
                yield from _read_rib(reader)
            else:
                yield from _read_lines(reader, rejected)
    except SourceError:
        raise
    except DamagedRibError as error:
        raise SourceError(f"{path} is damaged. {error}") from error
    except (OSError, EOFError, zlib.error, maxminddb.InvalidDatabaseError) as error:
        raise SourceError(f"{path} cannot be read: {error}.") from error


def write_lines(database: Path, file: IO[str]) -> int:
    """Write an mmdb file as lines `CIDR ASN`, as mirrorlist-server reads them; return how many.

    Networks that lie inside one another in the source come out in pieces that answer the same.
    Raises SourceError if the database cannot be read.
    """
    count = 0
    try:
        for prefix, asn in _read_mmdb(database):
            file.write(f"{prefix} {asn}\n")
            count += 1
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        raise SourceError(f"{database} cannot be read: {error}.") from error
    return count


def _is_mmdb(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
        return MARKER in file.read()


def _read_mmdb(path: Path) -> Iterator[tuple[Prefix, int]]:
    with maxminddb.open_database(str(path), maxminddb.MODE_MMAP_EXT) as reader:
        for network, record in reader:
            asn = asn_of(record)
            if asn is not None:
                address = int(network.network_address)
                yield Prefix(address, network.prefixlen, network.max_prefixlen), asn


def _read_rib(reader: "_Reader") -> Iterator[tuple[Prefix, int]]:
    while data := reader.take(HEADER_BYTES):
        header = read_header(data)
        body = reader.take(header.size)
        if len(body) < header.size:
            raise SourceError("The routing table is cut short.")
        if route := read_route(header, body):
            yield route


def _read_lines(reader: "_Reader", rejected: Rejected) -> Iterator[tuple[Prefix, int]]:
    for number, line in enumerate(reader.lines(), 1):
        text = line.decode("utf-8", "replace").strip()
        if not text or text.startswith("#"):
            continue
        try:
            prefixes, asn = parse_line(text)
        except ValueError as error:
            rejected.note(f"Line {number}: {error}")
            continue
        for prefix in prefixes:
            yield prefix, asn


def _unpack(file: IO[bytes], limits: ReadLimits, advance: Advance) -> Iterator[bytes]:
    """Yield the content of a file, unpacked if it is packed, within the limits."""
    beginning = file.read(4)
    file.seek(0)
    open_packed: Callable[[], Any] | None = None
    if beginning.startswith(b"BZh"):
        open_packed = bz2.BZ2Decompressor
    elif beginning.startswith(b"\x1f\x8b"):
        open_packed = _Gunzip
    pieces = _plain(file, advance) if open_packed is None else _packed(file, open_packed, advance)
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limits.greatest_bytes:
            raise SourceError(f"{file.name} unpacks to more than {limits.greatest_bytes:,} bytes.")
        if size > RATIO_FROM_BYTES and size > limits.greatest_ratio * file.tell():
            raise SourceError(
                f"{file.name} unpacks to more than {limits.greatest_ratio} times its size, which "
                "no table of networks does."
            )
        yield piece


def _plain(file: IO[bytes], advance: Advance) -> Iterator[bytes]:
    while piece := file.read(CHUNK_BYTES):
        advance(len(piece))
        yield piece


def _packed(file: IO[bytes], open_packed: Callable[[], Any], advance: Advance) -> Iterator[bytes]:
    """Yield what one or more packed streams in a row contain, never more than a chunk at once."""
    machine, fed = open_packed(), False
    while piece := file.read(CHUNK_BYTES):
        advance(len(piece))
        while piece or not machine.needs_input:
            if machine.eof:
                machine, fed = open_packed(), False
            fed = fed or bool(piece)
            yield machine.decompress(piece, max_length=CHUNK_BYTES)
            piece = machine.unused_data if machine.eof else b""
            if machine.eof and not piece:
                break
    if fed and not machine.eof:
        raise SourceError(f"{file.name} is cut short.")


class _Gunzip:
    """A gzip stream with the manners of a bz2 decompressor."""

    def __init__(self) -> None:
        self._machine = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._machine.eof

    @property
    def needs_input(self) -> bool:
        return not self._machine.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._machine.unused_data

    def decompress(self, data: bytes, *, max_length: int) -> bytes:
        return self._machine.decompress(self._machine.unconsumed_tail + data, max_length)


class _Reader:
    """Pieces of bytes, taken in other pieces than they come in."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = b""
        self._at = 0

    def peek(self, size: int) -> bytes:
        """Return the next bytes without taking them; fewer at the end."""
        self._fill(size)
        return self._buffer[self._at : self._at + size]

    def take(self, size: int) -> bytes:
        """Return the next bytes; fewer at the end."""
        end = self._at + size
        if end > len(self._buffer):
            self._fill(size)
            end = self._at + size
        taken = self._buffer[self._at : end]
        self._at = end
        return taken

    def lines(self) -> Iterator[bytes]:
        """Yield what is left by lines. A line longer than any real one is cut into several."""
        while True:
            end = self._buffer.find(b"\n", self._at)
            if end < 0 and len(self._buffer) - self._at < LINE_BYTES:
                before = len(self._buffer) - self._at
                self._fill(before + 1)
                if len(self._buffer) - self._at == before:
                    break
                continue
            stop = end + 1 if end >= 0 else self._at + LINE_BYTES
            yield self._buffer[self._at : stop]
            self._at = stop
        if self._at < len(self._buffer):
            yield self._buffer[self._at :]
            self._at = len(self._buffer)

    def _fill(self, size: int) -> None:
        if len(self._buffer) - self._at >= size:
            return
        parts = [self._buffer[self._at :]]
        have = len(parts[0])
        while have < size and (piece := next(self._pieces, None)) is not None:
            parts.append(piece)
            have += len(piece)
        self._buffer, self._at = b"".join(parts), 0
