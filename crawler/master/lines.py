"""The lines of a listing, wherever it is stored: on this machine, compressed, or on the web.

Reads piece by piece and within limits. Deliberately knows no format.
"""

import bz2
import gzip
import lzma
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO, cast

from crawler.master.base import SourceError, SourcePolicy
from crawler.master.web import Web, is_web

# Small enough that a piece stays in the processor's cache while its lines are read.
PIECE_BYTES = 128 * 1024
# Linux has paths of 4,096 bytes, of which rsync writes some as four.
LONGEST_LINE = 64 * 1024
MAGIC: tuple[tuple[bytes, Callable[[IO[bytes]], IO[bytes]]], ...] = (
    (b"\x1f\x8b", lambda file: cast("IO[bytes]", gzip.GzipFile(fileobj=file))),
    (b"BZh", lambda file: cast("IO[bytes]", bz2.BZ2File(file))),
    (b"\xfd7zXZ\0", lambda file: cast("IO[bytes]", lzma.LZMAFile(file))),  # noqa: SIM115 -- closed with it
)
BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error)


def whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield pieces of text that end where a line does.

    Raises SourceError if this is not text, or if the last line has no end: then it was cut.
    """
    rest = b""
    for piece in pieces:
        if b"\0" in piece:
            raise SourceError("The listing is not text: it contains NUL.")
        whole, end, rest = (rest + piece).rpartition(b"\n")
        if len(rest) > LONGEST_LINE:
            raise SourceError("The listing is not text: it has a line without end.")
        if end:
            yield whole
    if rest:
        raise SourceError("The listing breaks off within a line; it may be being written.")


def stored_blocks(
    location: str, *, web: Web, policy: SourcePolicy, beat: Callable[[], None]
) -> Iterator[bytes]:
    """Yield a file at a path or web address, uncompressed, in pieces that end where a line does.

    Raises SourceError if it cannot be read, is cut, is too large, or changes meanwhile.
    """
    try:
        with _open(location, web=web, policy=policy, beat=beat) as file:
            before = _state(file)
            for block in whole_lines(_pieces(_uncompressed(file), policy.list_bytes)):
                beat()
                yield block
            if _state(file) != before:
                raise SourceError(f"{location} was rewritten while it was read. Scan again.")
    except BROKEN as error:
        raise SourceError(f"{location} cannot be read ({_words(error)}).") from error


def _open(location: str, *, web: Web, policy: SourcePolicy, beat: Callable[[], None]) -> IO[bytes]:
    """Return the open file; one from the web is fetched to a file without name first."""
    if not is_web(location):
        return open(location, "rb")
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- the caller closes it
    try:
        web.download(location, file, limit=policy.list_bytes, beat=beat)
    except BaseException:
        file.close()
        raise
    file.flush()
    file.seek(0)
    return file


def _uncompressed(file: IO[bytes]) -> IO[bytes]:
    start = file.read(6)
    file.seek(0)
    return next((unpack(file) for magic, unpack in MAGIC if start.startswith(magic)), file)


def _pieces(file: IO[bytes], limit: int) -> Iterator[bytes]:
    total = 0
    while piece := file.read(PIECE_BYTES):
        total += len(piece)
        if total > limit:
            raise SourceError(f"The listing has more than {limit:,} bytes; that cannot be right.")
        yield piece


def _state(file: IO[bytes]) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def _words(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error)
