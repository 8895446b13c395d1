"""Log files: which there are, and their lines, however they are packed. Knows no tables."""

import bz2
import gzip
import hashlib
import lzma
import os
import re
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

LONGEST_LINE = 4096
# Far more than a day of the largest networks, far less than a disk.
GREATEST_LOG_BYTES = 64 * 2**30
LOGS_LISTED = 200
LONGEST_NAME = 100
# What the names of uploaded logs begin with; those are deleted once they were counted.
UPLOADED = "upload-"
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


class LogChoice(NamedTuple):
    """One file in the directory of logs."""

    filename: str
    size_bytes: int
    changed_at: float


def list_logs(directory: Path) -> list[LogChoice]:
    """Return the newest plain files of a directory, the last first; none if it cannot be read."""
    found = _logs_in(directory)
    found.sort(key=lambda choice: (-choice.changed_at, choice.filename))
    return found[:LOGS_LISTED]


def _logs_in(directory: Path) -> list[LogChoice]:
    try:
        with os.scandir(directory) as entries:
            return [
                LogChoice(entry.name, entry.stat().st_size, entry.stat().st_mtime)
                for entry in entries
                # No links: they would lead out of the directory that operators may read.
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith(".")
            ]
    except OSError:
        return []


def store_upload(chunks: Iterable[bytes], *, name: str, directory: Path) -> str:
    """Write an uploaded log into the directory under a name of its own; return that name.

    Raises LogFileError if there is no room for it.
    """
    plain = re.sub("[^A-Za-z0-9._-]", "_", name)[-LONGEST_NAME:]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(prefix=UPLOADED, suffix=f"-{plain}", dir=directory)
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
    except OSError as error:
        why = error.strerror or error
        raise LogFileError(f"It cannot be kept in {directory}: {why}.") from error
    return Path(path).name


def forget_upload(filename: str, *, directory: Path) -> None:
    """Delete a log that was uploaded: it has addresses of clients. Others are left alone."""
    if filename.startswith(UPLOADED) and "/" not in filename:
        (directory / filename).unlink(missing_ok=True)


def forget_old_uploads(directory: Path, *, before: float) -> int:
    """Delete uploaded logs that are older than a moment (Unix time); return how many."""
    old = [
        choice.filename
        for choice in _logs_in(directory)
        if choice.filename.startswith(UPLOADED) and choice.changed_at < before
    ]
    for filename in old:
        forget_upload(filename, directory=directory)
    return len(old)
