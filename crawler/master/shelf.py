"""Listings of directories that have to wait for the end of a scan: on disk, not in memory.

Few are ever needed again: those of which more files turn up, and those to which symlinks lead.
"""

from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import NamedTuple, Self

from crawler.master.base import Files

# A small tree needs no file for it.
MEMORY_BYTES = 8 * 1024 * 1024


class Place(NamedTuple):
    """Where on the shelf some files of one directory lie."""

    offset: int
    length: int
    size_bytes: int


class Shelf:
    """A file without name that ends with the block that opened it."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 -- see __exit__
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def put(self, files: Files) -> Place:
        """Keep files. Everything is put before anything is taken."""
        place = Place(self._end, len(files.encoded), files.size_bytes)
        self._file.write(files.encoded)
        self._end += place.length
        return place

    def take(self, place: Place) -> Files:
        """Return what was put."""
        self._file.seek(place.offset)
        return Files(self._file.read(place.length), place.size_bytes)
