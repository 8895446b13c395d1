"""One file in MaxMind's format, and its successors at the same path.

Knows when the file changed, and keeps the last good one when its successor is missing or damaged.
Knows nothing of what the records mean.
"""

import logging
import shutil
import tempfile
from ipaddress import ip_address
from typing import Any

import maxminddb

from mirrorlist.file_identity import Identity, identity_of

logger = logging.getLogger(__name__)

# One address of each /8 and of each /12 that is in use for IPv6.
SAMPLE = tuple(
    [f"{first}.0.0.1" for first in range(256)]
    + [str(ip_address((0x200 + part) << 116 | 1)) for part in range(0x60)]
)


class GeoFile:
    """Answers from a file as it last was good."""

    def __init__(self, path: str, *, instead: str, optional: bool = False) -> None:
        """Open the file; without a path there is none, and nothing is wrong.

        `instead` is the sentence about what happens without it. An `optional` file may be missing.
        """
        self.path = path
        self.problem = ""
        self.built_at: int | None = None
        self._instead = instead
        self._optional = optional
        self._reader: Any = None
        self._seen: Identity | None = None
        self.refresh()

    def __bool__(self) -> bool:
        return self._reader is not None

    def get(self, address: str) -> object:
        """Return the record of an address; an IPv6 address in an IPv4 file has none.

        Nor has an address whose record is damaged: a client is served all the same.
        """
        try:
            return None if self._reader is None else self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return None

    def refresh(self) -> bool:
        """Switch to the file's newest state, if it changed and is good; tell whether it did.

        Costs one stat if nothing changed. Any change counts, also to an earlier time. What is
        wrong is reported once, and a damaged file is read again when it changes.
        """
        if not self.path:
            return False
        seen, before = identity_of(self.path), self._reader
        if seen == self._seen and seen is not None:
            return False
        if seen is None:
            gone = "" if self._optional and not self else f"The geo file {self.path} is missing."
            self._keep(gone)
        else:
            self._load(seen)
        self._seen = seen
        return self._reader is not before

    def _load(self, seen: Identity) -> None:
        try:
            reader = _open_copy(self.path)
            if identity_of(self.path) != seen:
                raise OSError("it changed while it was read")
            for address in SAMPLE:
                _try_out(reader, address)
        except (maxminddb.InvalidDatabaseError, ValueError):
            self._keep(f"The geo file {self.path} cannot be used: it is damaged or cut short.")
            return
        except OSError as error:
            self._keep(f"The geo file {self.path} cannot be used: {error.strerror or error}.")
            return
        if self:
            logger.info("Geo data now comes from a new %s.", self.path)
        self._reader = reader
        self.built_at = reader.metadata().build_epoch
        self.problem = ""

    def _keep(self, problem: str) -> None:
        if problem and problem != self.problem:
            kept = "The last good state of it stays in use." if self else self._instead
            logger.error("%s %s", problem, kept)
        self.problem = problem


def _open_copy(path: str) -> Any:
    """Return the reader of a private copy.

    The reader maps its file into memory, and a process dies if somebody cuts such a file short,
    which is what copying another one over it does.
    """
    with tempfile.NamedTemporaryFile(prefix="mirrorsite-geo-") as copy:
        with open(path, "rb") as file:
            shutil.copyfileobj(file, copy, 1 << 20)
        copy.flush()
        # Without its C extension the reader is 20 to 40 times slower; this mode insists on it.
        return maxminddb.open_database(copy.name, maxminddb.MODE_MMAP_EXT)


def _try_out(reader: Any, address: str) -> None:
    if ":" not in address or reader.metadata().ip_version == 6:
        reader.get(address)
