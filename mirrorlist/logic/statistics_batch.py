"""Batches: how an edge hands over what it counted, and what the server believes of it.

A batch holds what was counted since the batch before, by UTC day, and has a name that no other
batch has. The format is docs/reference/edge-statistics.md. Knows no files and no tables.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Any, NamedTuple

from mirrorlist.logic.counters import OTHER, Counts, Dimension, is_key
from mirrorlist.logic.systems import SYSTEM
from registry.logic.packing import NotGzipError, gunzip, gzipped

FORMAT = "mirrorsite-edge-statistics"
VERSION = 1
GREATEST_BATCH_BYTES = 16 * 1024 * 1024
GREATEST_COUNT = 10**12
MOST_KEYS = 100_000
MOST_DAYS = 40
PROBLEMS_SHOWN = 5
SUFFIX = ".json.gz"
UNKNOWN_COUNTRY = "N/A"
# Edge names are parts of file names and of batch names.
EDGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}")
START = re.compile(r"[0-9a-f-]{1,40}")
KEYS: Mapping[Dimension, re.Pattern[str]] = {
    Dimension.KIND: re.compile(r"[a-z0-9_-]{1,30} [1-5][0-9]{2}", re.ASCII),
    Dimension.COUNTRY: re.compile(r"[A-Z]{2}|N/A"),
    Dimension.HOST: re.compile(r"[1-9][0-9]{0,17}", re.ASCII),
    Dimension.COUNTME: re.compile(r"\S.* \S+ [1-4]"),
    Dimension.SYSTEM: re.compile(rf"{SYSTEM} \S.*"),
}
FIELDS = frozenset({"format", "version", "edge", "start", "sequence", "days"})


class Batch(NamedTuple):
    """What one worker of an edge counted; `start` tells its runs apart, `sequence` its batches."""

    edge: str
    start: str
    sequence: int
    days: Mapping[date, Counts]

    @property
    def name(self) -> str:
        """Return what no other batch is called."""
        return f"{self.edge}_{self.start}_{self.sequence}"


class BatchReason(Enum):
    """Why a batch is refused as a whole."""

    TOO_LARGE = "too_large"
    NOT_GZIP = "not_gzip"
    NOT_JSON = "not_json"
    NOT_VALID = "not_valid"
    WRONG_EDGE = "wrong_edge"
    NO_DAY = "no_day"


class BatchError(ValueError):
    """A batch is refused; the text is the whole sentence."""

    def __init__(self, reason: BatchReason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class DayWindow(NamedTuple):
    """Which days are believed: from `first` to `last`, both included."""

    first: date
    last: date


def day_window(today: date, *, late_days: int) -> DayWindow:
    """Return the days that a batch may be about.

    Tomorrow is one of them, because clocks differ by minutes.
    """
    return DayWindow(today - timedelta(days=late_days), today + timedelta(days=1))


def split_days(batch: Batch, window: DayWindow) -> tuple[dict[date, Counts], str]:
    """Return the days that are believed, and a sentence about the others or the empty text."""
    believed = {day: c for day, c in batch.days.items() if window.first <= day <= window.last}
    refused = sorted(day.isoformat() for day in batch.days if day not in believed)
    if not refused:
        return believed, ""
    return believed, (
        f"Not counted: {', '.join(refused)}. Only days from {window.first} to {window.last} are "
        "accepted; look at the clock of the edge."
    )


def fold_countries(counts: Mapping[str, int], embargoed: frozenset[str]) -> dict[str, int]:
    """Return counts in which countries under embargo cannot be told from unknown ones."""
    folded: dict[str, int] = {}
    for key, count in counts.items():
        name = UNKNOWN_COUNTRY if key in embargoed else key
        folded[name] = folded.get(name, 0) + count
    return folded


def pack_batch(batch: Batch) -> bytes:
    """Return a batch as it is stored and sent: gzipped JSON."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "edge": batch.edge,
        "start": batch.start,
        "sequence": batch.sequence,
        "days": {day.isoformat(): counts for day, counts in batch.days.items()},
    }
    return gzipped(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def unpack_batch(body: bytes, *, packed: bool = True) -> Batch:
    """Read a batch; raise BatchError unless everything in it is as it must be."""
    if packed:
        try:
            body = gunzip(body, greatest=GREATEST_BATCH_BYTES)
        except NotGzipError as error:
            raise BatchError(BatchReason.NOT_GZIP, str(error)) from None
    if len(body) > GREATEST_BATCH_BYTES:
        sentence = f"The batch is larger than {GREATEST_BATCH_BYTES // 2**20} MiB."
        raise BatchError(BatchReason.TOO_LARGE, sentence)
    reader = _Reader()
    batch = reader.read(_parse(body))
    if reader.problems:
        raise BatchError(BatchReason.NOT_VALID, " ".join(reader.problems))
    return batch


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), parse_constant=_no_constant, parse_int=_short_int)
    except RecursionError:
        sentence = "The document is nested too deeply."
    except ValueError as error:
        sentence = f"The body is not JSON: {error}."
    raise BatchError(BatchReason.NOT_JSON, sentence)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _short_int(digits: str) -> int:
    """Read a number; Python takes long for very long ones, and none of ours is."""
    return int(digits) if len(digits) < 20 else -1


class _Reader:
    """Reads a document and collects what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._keys = 0

    def _complain(self, where: str, sentence: str) -> None:
        if len(self.problems) < PROBLEMS_SHOWN:
            self.problems.append(f"{where[:80]!a}: {sentence}")

    def read(self, document: Any) -> Batch:
        found: dict[str, Any] = document if isinstance(document, dict) else {}
        if found.get("format") != FORMAT or found.get("version") != VERSION:
            self._complain("format", f"this must be {FORMAT}, version {VERSION}.")
        for name in found.keys() - FIELDS:
            self._complain(name, "there is no field of this name.")
        edge, start, sequence = found.get("edge"), found.get("start"), found.get("sequence")
        if not (isinstance(edge, str) and EDGE.fullmatch(edge)):
            self._complain("edge", "this must be a name of letters, digits, dots and hyphens.")
        if not (isinstance(start, str) and START.fullmatch(start)):
            self._complain("start", "this must be hexadecimal digits and hyphens.")
        if not _is_count(sequence):
            self._complain("sequence", "this must be a number, counted up from 0.")
        return Batch(str(edge), str(start), sequence or 0, self._days(found.get("days")))

    def _days(self, days: Any) -> dict[date, Counts]:
        if not isinstance(days, dict) or not 0 < len(days) <= MOST_DAYS:
            self._complain("days", f"this must be an object of 1 to {MOST_DAYS} days.")
            return {}
        return {
            day: self._counts(text, counts)
            for text, counts in days.items()
            if (day := self._day(text))
        }

    def _day(self, text: str) -> date | None:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or day.isoformat() != text:
            self._complain(text, "a day is written as 2026-11-20.")
            return None
        return day

    def _counts(self, day: str, counts: Any) -> Counts:
        if not isinstance(counts, dict):
            self._complain(day, "this must be an object of dimensions.")
            return {}
        found: Counts = {}
        for name, keys in counts.items():
            if name not in set(Dimension) or not isinstance(keys, dict):
                self._complain(name, f"a dimension is one of {', '.join(Dimension)}.")
                continue
            found[Dimension(name)] = self._dimension(Dimension(name), keys)
        return found

    def _dimension(self, dimension: Dimension, keys: dict[str, Any]) -> dict[str, int]:
        self._keys += len(keys)
        if self._keys > MOST_KEYS:
            self._complain(dimension, f"a batch has at most {MOST_KEYS} keys.")
            return {}
        may_be = _test_of(dimension)
        for key, count in keys.items():
            if not may_be(key):
                self._complain(key, f"this cannot be a key of “{dimension}”.")
            elif not _is_count(count):
                self._complain(key, f"a count is a whole number from 0 to {GREATEST_COUNT}.")
        return keys


def _test_of(dimension: Dimension) -> Callable[[str], bool]:
    pattern = KEYS.get(dimension)
    if pattern is None:
        return is_key
    return lambda key: key == OTHER or (is_key(key) and pattern.fullmatch(key) is not None)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= GREATEST_COUNT
