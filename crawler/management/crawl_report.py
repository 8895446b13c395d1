"""Show a crawl on a terminal and its results as a table or JSON; decides nothing."""

import io
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from crawler.logic.verdicts import State
from crawler.models import CrawlRun
from crawler.services.plans import Target
from crawler.services.visits import VisitPlan

COLUMNS = (*(state.value for state in State), "requests")
# Where there is no terminal whose width would matter.
PLAIN_WIDTH = 200


class Bars:
    """Show how far a crawl is, on a terminal only."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._rows: dict[int, TaskID] = {}

    def __enter__(self) -> "Bars":
        self._bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bars.stop()

    def started(self, plan: VisitPlan) -> None:
        self._rows[plan.host_id] = self._bars.add_task(plan.host, total=plan.directories)

    def advanced(self, plan: VisitPlan) -> None:
        self._bars.advance(self._rows[plan.host_id])

    def finished(self, plan: VisitPlan, reason: str) -> None:
        if plan.host_id in self._rows:
            self._bars.remove_task(self._rows.pop(plan.host_id))
        if self._bars.console.is_terminal:
            self._bars.console.print(f"{plan.host}: {reason}", markup=False, highlight=False)


def rows_of_targets(targets: Sequence[Target]) -> list[dict[str, Any]]:
    """Return what a dry run prints."""
    return [{"host": target.name, "reason": target.sentence} for target in targets]


def rows_of_runs(runs: Sequence[CrawlRun]) -> list[dict[str, Any]]:
    """Return what a crawl prints, a row for each Host."""
    return [
        {
            "host": run.host.name,
            "state": run.state,
            **{name: run.counts.get(name, 0) for name in COLUMNS},
            "seconds": _seconds(run),
            "seed": run.seed,
            "reason": run.reason,
        }
        for run in runs
    ]


def render(title: str, rows: Sequence[dict[str, Any]], *, as_json: bool) -> str:
    """Return rows as text; the table leaves the seed out, which the JSON has."""
    if as_json:
        return json.dumps(rows, indent=2)
    if not rows:
        return "No Host is to be crawled."
    names = [name for name in rows[0] if name != "seed"]
    table = Table(*names, title=title)
    for row in rows:
        table.add_row(*(Text(str(row[name])) for name in names))
    width = Console().width if sys.stdout.isatty() else PLAIN_WIDTH
    console = Console(file=io.StringIO(), width=width)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip()


def _seconds(run: CrawlRun) -> float | None:
    ended = run.finished_at
    return round((ended - run.started_at).total_seconds(), 1) if ended else None
