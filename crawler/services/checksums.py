"""Checksum files of the master: the digests of images and of whatever else lies beside them.

A checksum file is read when it is new or changed, or when anything in its Directory did. It has
FileDetails itself; they say whether it was read.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from crawler.logic.checksum_files import Digest, is_checksum_file, parse_checksum_file
from crawler.logic.file_digests import merge_digests, name_some
from crawler.logic.file_history import FileState, Recorded, why_read
from crawler.logic.repomd import FILENAME
from crawler.master.base import MasterSource, Oddity, OddityReason
from crawler.services.file_details import (
    Histories,
    Reading,
    count_new,
    store_states,
)
from crawler.services.scan_run import ScanRun
from crawler.services.sighting import Sighting
from registry.logic.listings import Entry
from registry.logic.places import join_path, printable, relative_to
from registry.logic.wording import counted


class ChecksumPass:
    """The checksum files of one scan; `todo` are the Directories whose files have to be read."""

    def __init__(
        self,
        run: ScanRun,
        source: MasterSource,
        sighting: Sighting,
        ids: Mapping[str, int],
        changed: Collection[str],
        histories: Histories,
    ) -> None:
        self._run = run
        self._source = source
        self._found = sighting.checksums
        self._histories = histories
        # What a Repository is verified by is read as its metadata, checksum file or not.
        self._metadata = {
            path: frozenset(entry.name for entry in each.entries)
            for path, each in sighting.metadata.items()
        }
        self.todo = {
            path for path in self._found if path in changed or self._is_due(path, ids.get(path, 0))
        }

    def read(self, paths: Iterable[str]) -> list[Reading]:
        """Read the checksum files of those Directories that are due; note what is odd."""
        readings: list[Reading] = []
        for path in paths:
            if path in self.todo:
                readings.extend(self._read(path, self._found[path].entries))
        self._run.note(reading.oddity for reading in readings if reading.oddity)
        return readings

    def store(self, readings: Sequence[Reading], *, ids: Mapping[str, int], now: datetime) -> int:
        """Write the states that differ from the current ones; return how many did."""
        return store_states(readings, ids=ids, histories=self._histories, now=now)

    def count(self, readings: Sequence[Reading], *, ids: Mapping[str, int], now: datetime) -> int:
        """Return how many states `store` would write."""
        return count_new(readings, ids=ids, histories=self._histories, now=now)

    def _is_due(self, path: str, directory_id: int) -> bool:
        entries = (each for each in self._found[path].entries if is_checksum_file(each.name))
        return any(
            why_read(each, current=self._current(directory_id, each.name), changed=False)
            for each in entries
        )

    def _current(self, directory_id: int, name: str) -> Recorded | None:
        history = self._histories.get((directory_id, name))
        return history[0] if history else None

    def _read(self, path: str, files: Iterable[Entry]) -> list[Reading]:
        entries = {entry.name: entry for entry in files}
        names = sorted(name for name in entries if is_checksum_file(name))
        metadata = self._metadata.get(path, frozenset())
        readings: list[Reading] = []
        digests: list[Digest] = []
        for name in names:
            data = self._content(path, entries[name])
            if isinstance(data, Oddity):
                readings.append(Reading(path, None, data))
                continue
            if name not in metadata:
                readings.append(Reading(path, _state(entries[name], data)))
            digests.extend(parse_checksum_file(name, data.decode("utf-8", "replace")))
        merged = merge_digests(digests, entries=entries, leave_out={FILENAME, *names, *metadata})
        readings.extend(Reading(path, state) for state in merged.states)
        if merged.absent:
            named = counted(len(merged.absent), "file")
            what = f"name {named} that {'is' if len(merged.absent) == 1 else 'are'} not there"
            odd = _doubt(OddityReason.CHECKSUM_ABSENT, path, what, merged.absent)
            readings.append(Reading(path, None, odd))
        if merged.disputed:
            what = "contradict each other, so that none is believed"
            odd = _doubt(OddityReason.CHECKSUM_DISPUTED, path, what, merged.disputed)
            readings.append(Reading(path, None, odd))
        return readings

    def _content(self, path: str, entry: Entry) -> bytes | Oddity:
        limit = self._run.policy.greatest_metadata_bytes
        name = join_path(path, entry.name)
        try:
            place = relative_to(name, self._run.category.top_directory)
            data = self._source.read_file(place, limit=limit + 1)
        except OSError as error:
            what = f"cannot be read ({error.strerror or error})"
        else:
            if len(data) <= limit:
                return data
            what = f"has more than the {limit:,} bytes that we read"
        return Oddity(
            OddityReason.CHECKSUM_UNREADABLE,
            f"The checksum file “{printable(name)}” {what}; the digests that are known of its "
            "files stay.",
        )


def _state(entry: Entry, data: bytes) -> FileState:
    """Return the state of a checksum file itself. A file that is growing is read again."""
    return FileState(
        filename=entry.name,
        timestamp=entry.mtime,
        size_bytes=len(data),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
        sha512=hashlib.sha512(data).hexdigest(),
    )


def _doubt(reason: OddityReason, path: str, what: str, names: Collection[str]) -> Oddity:
    where = printable(path) or "the top directory"
    return Oddity(reason, f"The checksum files of “{where}” {what}: {printable(name_some(names))}.")
