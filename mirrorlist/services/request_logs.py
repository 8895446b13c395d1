"""Import log files of mirrorlist-server, ours or another's, into the statistics.

Each day of each file counts once, however often the file is imported and however it is packed.
"""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from mirrorlist.log_files import LogFile, LogFileError
from mirrorlist.logic.counters import Dimension
from mirrorlist.logic.request_log import LogTally, tally_lines
from mirrorlist.models import StatisticsBatch
from mirrorlist.services.statistics import LOG, StatisticsPolicy, add_counts
from registry.logic.batches import in_batches

LINES_AT_ONCE = 50_000


class ImportedDay(NamedTuple):
    """One day of a file: how many requests it has, and whether they were counted before."""

    day: date
    requests: int
    known: bool


class ImportedLog(NamedTuple):
    """What became of one file."""

    path: Path
    days: tuple[ImportedDay, ...]
    tally: LogTally
    sha256: str

    def facts(self) -> dict[str, object]:
        """Return what was found, as JSON can hold it."""
        return {
            "days": [
                {"day": str(day.day), "requests": day.requests, "known": day.known}
                for day in self.days
            ],
            "private": self.tally.private,
            "other_days": self.tally.other_days,
            "garbage": self.tally.garbage,
            "examples": self.tally.examples,
        }


def import_log(
    path: Path,
    *,
    now: datetime,
    policy: StatisticsPolicy,
    only: date | None = None,
    dry_run: bool = False,
    expected: str = "",
    progress: Callable[[int], None] = lambda lines: None,
) -> ImportedLog:
    """Count the lines of a file; `progress` is told how many more were read.

    Nothing is written before the file was read to its end, and nothing at all if its digest is not
    the one that is `expected`. Raises LogFileError.
    """
    file, tally = LogFile(path), LogTally()
    for lines in in_batches(file.lines(), LINES_AT_ONCE):
        tally_lines(lines, tally, only=only)
        progress(len(lines))
    if expected and file.sha256 != expected:
        raise LogFileError(f"{path} has changed since it was looked at.")
    days = []
    for day, counts in sorted(tally.days.items()):
        requests = sum(counts[Dimension.KIND].values())
        name = f"{LOG}_{file.sha256}_{day}"
        if dry_run:
            known = StatisticsBatch.objects.filter(name=name).exists()
        else:
            remark, counted = f"Imported from {path.name}.", {day: counts}
            added = add_counts(name, counted, source=LOG, remark=remark, now=now, policy=policy)
            known = added is None
        days.append(ImportedDay(day, requests, known))
    return ImportedLog(path, tuple(days), tally, file.sha256)
