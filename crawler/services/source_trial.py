"""Try the source of a Category for a few seconds, and say what it showed; nothing is written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from crawler.logic.change_signal import Signal
from crawler.master.base import MasterSource, Oddity, ScannedDirectory, SourceError, SourcePolicy
from crawler.master.signals import read_signal
from crawler.services.scan_run import Clock
from crawler.services.scan_signals import place_of
from crawler.services.umdl import source_of
from registry.models import Category

ODDITIES_SHOWN = 20
PATHS_SHOWN = 10


class _EnoughError(Exception):
    """The time of the trial is over."""


@dataclass
class SourceReport:
    """What a source showed. `complete` says whether it came to its end in the time it had."""

    directories: int = 0
    files: int = 0
    size_bytes: int = 0
    seconds: float = 0.0
    complete: bool = False
    problem: str = ""
    signal: Signal = field(default_factory=Signal)
    paths: list[str] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)
    odd: int = 0

    @property
    def entries_per_second(self) -> int:
        """Return the speed of the source; zero if it showed nothing."""
        return round((self.directories + self.files) / self.seconds) if self.seconds else 0

    @property
    def sentence(self) -> str:
        """Return the result in one sentence, for a person who wants to know whether it works."""
        found = f"{self.directories:,} directories with {self.files:,} files"
        if self.problem:
            return f"It does not work. {self.problem}"
        if self.complete:
            return f"It works: the whole tree was read in {self.seconds:.1f} seconds, {found}."
        if self.directories:
            return f"It works: {found} were read in {self.seconds:.1f} seconds; there is more."
        return (
            f"It answers, but its listing did not end within {self.seconds:.1f} seconds. That is "
            "no fault; a scan waits for it."
        )


def try_source(
    category: Category, *, clock: Clock, policy: SourcePolicy, budget: timedelta
) -> SourceReport:
    """Read from the source of a Category for as long as the budget allows; never raises for it.

    The Category may be unsaved. One address that does not answer can take as long as the policy's
    `answer_seconds` on top.
    """
    report = SourceReport()
    begin = clock()

    def beat() -> None:
        if clock() - begin > budget:
            raise _EnoughError

    try:
        tops = list(Category.objects.values_list("top_directory", flat=True))
        source = source_of(category, tops, policy=policy)
        report.signal = read_signal(place_of(category), policy)
        _read(source, report, beat)
        report.complete = True
    except _EnoughError:
        pass
    except SourceError as error:
        report.problem = str(error)
    report.seconds = (clock() - begin).total_seconds()
    return report


def _read(source: MasterSource, report: SourceReport, beat: Callable[[], None]) -> None:
    seen: dict[str, tuple[int, int]] = {}
    for found in source.directories(unchanged={}, beat=beat):
        if isinstance(found, Oddity):
            _note(report, [found])
        else:
            first = found.path not in seen  # a source may show one again, when it knows better
            files, size_bytes = seen.get(found.path, (0, 0))
            seen[found.path] = _measure(found)
            report.directories = len(seen)
            report.files += seen[found.path][0] - files
            report.size_bytes += seen[found.path][1] - size_bytes
            if first and found.path and len(report.paths) < PATHS_SHOWN:
                report.paths.append(found.path)
            _note(report, found.oddities)
        beat()


def _measure(found: ScannedDirectory) -> tuple[int, int]:
    return (0, 0) if found.files is None else (found.files.file_count, found.files.size_bytes)


def _note(report: SourceReport, oddities: Iterable[Oddity]) -> None:
    for oddity in oddities:
        report.odd += 1
        if report.odd <= ODDITIES_SHOWN:
            report.oddities.append(oddity.sentence)
