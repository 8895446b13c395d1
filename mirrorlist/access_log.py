"""Write down what was asked: in MirrorManager's line format, or as JSON, in batches.

Knows files and the two formats. Lines wait in memory until `flush`, which one thread calls each
second; a disk that is slow or full costs lines, which are counted, and never an answer.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path

from mirrorlist.logic.answers import Facts, Told
from mirrorlist.logic.query import clean

logger = logging.getLogger(__name__)

LINES_KEPT = 200_000
_SHORT = {4: 24, 6: 48}


class Addresses(Enum):
    """How client addresses are written."""

    FULL = "full"
    SHORT = "short"
    NONE = "none"


class AccessLog:
    """One file that several processes append to."""

    def __init__(self, path: Path, *, addresses: Addresses, as_json: bool = False) -> None:
        """Remember where and how; the file is opened with the first lines."""
        self.path = path
        self.dropped = 0
        self.problem = ""
        self._addresses = addresses
        self._as_json = as_json
        self._batches: list[bytes] = []
        self._kept = 0
        self._file: int | None = None
        self._torn = False
        self._reopen = False
        self._day = ""
        self._time = 0
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self.pass_time(time.time())

    def pass_time(self, now: float) -> None:
        """Move the clock of the lines to come."""
        self._time = int(now)
        self._day = time.strftime("%Y-%m-%d", time.gmtime(now))

    def note(self, told: Sequence[Told]) -> None:
        """Take down some answers.

        Questions by path are no lines in MirrorManager's format: it has only Repositories.
        """
        write = self._json_line if self._as_json else self._line
        lines = [line for each in told if (line := write(*each))]
        room = max(LINES_KEPT - self._kept, 0)
        self.dropped += len(lines[room:])
        if lines := lines[:room]:
            batch = "".join(lines).encode("utf-8", "replace")
            with self._lock:
                self._batches.append(batch)
                self._kept += len(lines)

    def flush(self, now: float) -> None:
        """Append what has gathered, with one call, so that processes do not tear lines apart.

        What cannot be written is dropped and counted; the cause is said once.
        """
        self.pass_time(now)
        with self._lock:
            batches, self._batches = self._batches, []
            count, self._kept = self._kept, 0
        with self._writing:
            if self._reopen:
                self._close()
            if not count:
                return
            try:
                self._write(b"".join(batches))
            except OSError as error:
                self._fail(count, error)
            else:
                if self.problem:
                    logger.warning("The access log %s can be written again.", self.path)
                self.problem = ""

    def current_problem(self) -> str:
        """Return why lines are being dropped, or an empty text."""
        return self.problem

    def reopen(self) -> None:
        """Use a new file from the next batch on; for logrotate."""
        self._reopen = True

    def _write(self, text: bytes) -> None:
        if self._file is None:
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        if self._torn:
            text = b"\n" + text
        written = os.write(self._file, text)
        if written < len(text):
            self._torn = text[written - 1 : written] != b"\n"
            rest = text[written:]
            written = os.write(self._file, rest)  # raises if the disk is full
            self._torn = written < len(rest)
            if self._torn:
                raise OSError(None, "it was cut short")
        self._torn = False

    def _fail(self, lines: int, error: OSError) -> None:
        self.dropped += lines
        problem = f"The access log {self.path} cannot be written: {error.strerror}."
        if problem != self.problem:
            logger.error("%s Its lines are dropped and counted; clients are answered.", problem)
        self.problem = problem
        self._close()

    def _close(self) -> None:
        self._reopen = False
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _line(self, facts: Facts, _status: int, _size_bytes: int) -> str:
        if not (facts.repo and facts.arch):
            return ""
        address = facts.address
        if self._addresses is not Addresses.FULL:
            address = shown(address, self._addresses) or "-"
        asked = _asked(facts.repo, facts.arch)
        return f"IP: {address}; DATE: {self._day}; COUNTRY: {facts.country}; {asked}"

    def _json_line(self, facts: Facts, status: int, size_bytes: int) -> str:
        line = facts._asdict() | {
            "time": self._time,
            "address": shown(facts.address, self._addresses),
            "status": status,
            "bytes": size_bytes,
        }
        return json.dumps(line) + "\n"


def shown(address: str, addresses: Addresses) -> str:
    """Return an address as it may be written: whole, its /24 or /48, or nothing."""
    if addresses is Addresses.FULL:
        return address
    if addresses is Addresses.NONE or not address:
        return ""
    length = _SHORT[6 if ":" in address else 4]
    return str(ip_network((address, length), strict=False).network_address)


@lru_cache(4096)
def _asked(repo: str, arch: str) -> str:
    return f"REPO: {_word(repo)}; ARCH: {_word(arch)}\n"


def _word(text: str) -> str:
    """Return text as one word: readers of the format go by position."""
    if text.isascii() and text.isprintable() and " " not in text and ";" not in text:
        return text
    return clean("".join("_" if c.isspace() or c == ";" else c for c in text)) or "-"
