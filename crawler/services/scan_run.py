"""One scan in progress: what was asked for, counted and noted, and its hold on the lease."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawler.logic.change_signal import SignalPolicy
from crawler.logic.file_history import HistoryPolicy
from crawler.logic.master_diff import DiffPolicy
from crawler.master.base import Oddity, SourcePolicy
from crawler.models import MasterScan, RunState
from crawler.services.scan_lease import close, renew
from registry.models import Category

Clock = Callable[[], datetime]
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class ScanPolicy:
    """How a scan works; `batch` is the number of Directories in one transaction."""

    lease: timedelta = timedelta(minutes=15)
    diff: DiffPolicy = field(default_factory=DiffPolicy)
    history: HistoryPolicy = field(default_factory=HistoryPolicy)
    signal: SignalPolicy = field(default_factory=SignalPolicy)
    source: SourcePolicy = field(default_factory=SourcePolicy)
    greatest_metadata_bytes: int = 16 * 1024 * 1024
    batch: int = 1000
    log_lines: int = 1000


# How often who watches a scan sees how far it is.
SAID_EVERY = timedelta(seconds=5)


@dataclass
class ScanRun:
    """One scan in progress. `plan` are the lines of a dry run, `lines` what was odd."""

    category: Category
    row: MasterScan
    clock: Clock
    policy: ScanPolicy
    progress: Progress
    force: bool
    dry_run: bool
    thorough: bool
    counts: dict[str, int] = field(default_factory=dict)
    plan: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    odd: int = 0
    so_far: dict[str, int] = field(default_factory=dict)

    def report(self, phase: str, count: int) -> None:
        """Tell who started the scan how far it is, and remember it for who watches."""
        self.so_far[phase] = count
        self.progress(phase, count)

    def note(self, oddities: Iterable[Oddity]) -> None:
        """Write oddities to the log, as many as the policy keeps."""
        for oddity in oddities:
            self.odd += 1
            if self.odd <= self.policy.log_lines:
                self.lines.append(oddity.sentence)

    def beat(self) -> None:
        """Say every few seconds how far we are, so that we are not taken for dead."""
        now = self.clock()
        if not self.dry_run and self.row.lease_until_at - now < self.policy.lease - SAID_EVERY:
            counts = {f"so_far_{phase}": count for phase, count in self.so_far.items()}
            log = "\n".join(self.lines)
            renew(self.row, now=now, lease=self.policy.lease, counts=counts, log=log)

    def hold(self) -> datetime:
        """Renew the lease inside a transaction that writes; return the time.

        Raises LostLeaseError if another process has taken the scan over.
        """
        now = self.clock()
        renew(self.row, now=now, lease=self.policy.lease)
        return now

    def end(self, state: RunState, reason: str) -> MasterScan:
        """Close the MasterScan with everything that was counted and noted; return it."""
        self.counts["odd"] = self.odd
        left_out = self.odd - self.policy.log_lines
        more = [f"… and {left_out:,} more."] if left_out > 0 else []
        log = "\n".join([*self.plan, *self.lines, *more])
        close(self.row, state, reason, now=self.clock(), counts=self.counts, log=log)
        return self.row
