"""What the processes of an edge count, in memory that they share, so that any can tell the sums.

Each process writes its own slot, once a second, and takes over that of one which died, so that sums
never fall while the master lives. Knows no HTTP and no mirrors: names and labels are texts.
"""

import fcntl
import json
import mmap
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

SLOTS = 256
SLOT_BYTES = 64 * 1024
# A slot holds two copies, written in turn: a process may die while it writes one.
COPY_BYTES = SLOT_BYTES // 2
HEADER_BYTES = 16

Counts = dict[str, int]


class Tally(NamedTuple):
    """What one process counted, and how it is. `state` of a dead process is empty."""

    slot: int
    counts: Counts
    state: Mapping[str, Any]


class SharedCounters:
    """Slots in an unnamed file; make one before forking, and `claim` in each process.

    A slot belongs to the process that holds a record lock on its number: locks end with their
    process, however it ends.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- locks last as long as it is open
        self._file.truncate(SLOTS * SLOT_BYTES)
        self._memory = mmap.mmap(self._file.fileno(), SLOTS * SLOT_BYTES)
        self._mine: int | None = None
        self._writes = 0
        self._before: Counts = {}

    def close(self) -> None:
        """Give everything back; counting is over."""
        self._memory.close()
        self._file.close()

    def claim(self) -> None:
        """Take a free slot for this process. Without one it counts for itself only."""
        self._mine = next((slot for slot in range(SLOTS) if self._lock(slot)), None)
        if self._mine is not None:
            self._writes, left = self._read(self._mine)
            self._before = left.get("counts", {})

    def publish(self, counts: Counts, state: Mapping[str, Any]) -> None:
        """Write what this process counted since it began, and how it is now."""
        if self._mine is None:
            return
        text = json.dumps({"counts": self._totals(counts), "state": state}).encode()
        if len(text) <= COPY_BYTES - HEADER_BYTES:
            self._writes += 1
            copy = self._mine * SLOT_BYTES + self._writes % 2 * COPY_BYTES
            header = self._writes.to_bytes(8, "big") + len(text).to_bytes(4, "big")
            checksum = zlib.crc32(header + text).to_bytes(4, "big")
            self._memory[copy : copy + HEADER_BYTES + len(text)] = header + checksum + text

    def tallies(self, counts: Counts, state: Mapping[str, Any]) -> list[Tally]:
        """Return what all processes wrote, this one's as given, dead ones' included."""
        mine = Tally(self._mine or 0, self._totals(counts), state)
        return [mine, *self._others()]

    def _others(self) -> Iterator[Tally]:
        for slot in range(SLOTS):
            if slot == self._mine:
                continue
            writes, found = self._read(slot)
            if writes:
                dead = self._lock(slot)
                if dead:
                    self._unlock(slot)
                yield Tally(slot, found.get("counts", {}), {} if dead else found.get("state", {}))

    def _totals(self, counts: Counts) -> Counts:
        names = self._before.keys() | counts.keys()
        return {name: self._before.get(name, 0) + counts.get(name, 0) for name in names}

    def _read(self, slot: int) -> tuple[int, dict[str, Any]]:
        """Return the newest whole copy of a slot and its number; 0 if nothing was written."""
        copies = (self._read_copy(slot * SLOT_BYTES + part * COPY_BYTES) for part in range(2))
        return max(copies, key=lambda copy: copy[0])

    def _read_copy(self, start: int) -> tuple[int, dict[str, Any]]:
        header = self._memory[start : start + HEADER_BYTES]
        length = int.from_bytes(header[8:12], "big")
        text = self._memory[start + HEADER_BYTES : start + HEADER_BYTES + length]
        if not length or zlib.crc32(header[:12] + text).to_bytes(4, "big") != header[12:]:
            return 0, {}
        return int.from_bytes(header[:8], "big"), json.loads(text)

    def _lock(self, slot: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
        except OSError:
            return False
        return True

    def _unlock(self, slot: int) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, slot)
