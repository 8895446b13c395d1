"""The files that clients verify, read: size, digests, and the time that the content gives itself.

One function for each format of Repository; all distrust what they read. Which files these are,
`registry.logic.repository_kinds` knows.
"""

import hashlib
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from crawler.logic.file_history import FileState
from crawler.logic.repomd import GREATEST_TIMESTAMP, read_repomd
from registry.logic.repository_kinds import RepositoryFormat

GZIP = b"\x1f\x8b"
# In a Release file the fields come first, and the digests of everything else after them.
FIELDS_WITHIN = 64 * 1024
RELEASE_FIELDS = frozenset({"date", "md5sum", "sha1", "sha256", "sha512"})


def read_metadata_file(
    format_: RepositoryFormat, name: str, data: bytes, *, mtime: int
) -> FileState:
    """Return size, time and digests of a file that clients verify.

    The time is that of the content if it has one, else the file's own. Raises ValueError with the
    end of a sentence that begins with the name of the file.
    """
    if format_ is RepositoryFormat.RPM:
        return read_repomd(data, mtime=mtime)
    if not data:
        raise ValueError("is empty")
    return FileState(
        filename=name,
        timestamp=TIMES[format_](data, mtime),
        size_bytes=len(data),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
        sha512=hashlib.sha512(data).hexdigest(),
    )


def _release_time(data: bytes, mtime: int) -> int:
    """Return the Date of a Release file, signed within or not; of several the first."""
    fields: dict[str, str] = {}
    for line in data[:FIELDS_WITHIN].decode("utf-8", "replace").split("\n"):
        name, colon, text = line.partition(":")
        if colon and name.lower() in RELEASE_FIELDS:
            fields.setdefault(name.lower(), text.strip())
    if not fields:
        raise ValueError("is not a Release file: it has neither a Date nor digests")
    try:
        seconds = int(parsedate_to_datetime(fields.get("date", "")).timestamp())
    except (ValueError, OverflowError):
        return mtime
    return seconds if 0 < seconds <= GREATEST_TIMESTAMP else mtime


def _index_time(data: bytes, mtime: int) -> int:
    if not data.startswith(GZIP):
        raise ValueError("is not compressed with gzip")
    return mtime


def _own_time(data: bytes, mtime: int) -> int:
    return mtime


TIMES: dict[RepositoryFormat, Callable[[bytes, int], int]] = {
    RepositoryFormat.OSTREE: _own_time,
    RepositoryFormat.DEBIAN: _release_time,
    RepositoryFormat.ARCH: _own_time,
    RepositoryFormat.ALPINE: _index_time,
    RepositoryFormat.PLAIN: _own_time,
}
