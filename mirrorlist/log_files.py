"""Read log files line by line, whatever they are compressed with. Knows no tables."""

import bz2
import gzip
import hashlib
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

LONGEST_LINE = 4096
# Far more than a day of the largest networks, far less than a disk.
GREATEST_LOG_BYTES = 64 * 2**30
OPENERS: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}


class LogFileError(Exception):
    """A log file cannot be read; the text says why."""


class LogFile:
    """The lines of one file, and the digest of what was read of it."""

    def __init__(self, path: Path, *, greatest: int = GREATEST_LOG_BYTES) -> None:
        self.path = path
        self.size_bytes = 0
        self._greatest = greatest
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Return the digest of the content, the same for a file and its compressed copy."""
        return self._digest.hexdigest()

    def lines(self) -> Iterator[str]:
        """Yield the lines; of one longer than any line of a log, the parts.

        Raises LogFileError if the file cannot be read to its end or becomes too large.
        """
        if self.path.suffix == ".zst":
            raise LogFileError(f"{self.path} is compressed with zstd: unpack it first (zstd -d).")
        try:
            with OPENERS.get(self.path.suffix, _open_plain)(self.path) as file:
                while line := file.readline(LONGEST_LINE):
                    self._digest.update(line)
                    self.size_bytes += len(line)
                    if self.size_bytes > self._greatest:
                        limit = f"{self._greatest:,} bytes"
                        raise LogFileError(f"{self.path} unpacks to more than {limit}.")
                    yield line.decode(errors="replace")
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise LogFileError(f"{self.path} cannot be read: {error}.") from error


def _open_plain(path: Path) -> IO[bytes]:
    return path.open("rb")
