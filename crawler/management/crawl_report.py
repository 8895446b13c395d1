"""Show a crawl on a terminal and its results as a table or JSON; decides nothing."""

import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
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
from crawler.models import CrawlRun, RunState
from crawler.services.canaries import CanaryReport
from crawler.services.plans import Target
from crawler.services.visits import VisitPlan
from registry.models import HostCategoryUrl

COLUMNS = (*(state.value for state in State), "requests")
NO_HOST, NO_URL = "No Host is to be crawled.", "No URL is to be asked."
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


def render_targets(targets: Sequence[Target], *, as_json: bool) -> str:
    """Return what a dry run prints: who would be visited, and why."""
    rows = [{"host": target.name, "reason": target.sentence} for target in targets]
    return _render("Would be crawled", rows, ("host", "reason"), as_json=as_json)


def render_urls(urls: Sequence[HostCategoryUrl], *, as_json: bool) -> str:
    """Return what a dry run prints of canaries: which URLs would be asked."""
    rows = [
        {
            "host": url.host_category.host.name,
            "category": url.host_category.category.name,
            "url": url.url,
        }
        for url in urls
    ]
    columns = ("host", "category", "url")
    return _render("Would be asked", rows, columns, as_json=as_json, nothing=NO_URL)


def render_canaries(report: CanaryReport, *, as_json: bool) -> str:
    """Return what a round of canaries prints."""
    return json.dumps(asdict(report), indent=2) if as_json else report.sentence


def render_runs(runs: Sequence[CrawlRun], *, as_json: bool) -> str:
    """Return what a crawl prints: a row for each Host, then the reason where one is needed.

    The JSON has the reason of every Host, and the seed.
    """
    rows = [
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
    columns = ("host", "state", *COLUMNS, "seconds")
    lines = [f"{row['host']}: {row['reason']}" for row in rows if not _is_perfect(row)]
    text = _render("Crawled", rows, columns, as_json=as_json)
    return text if as_json else "\n".join([text, *lines])


def _is_perfect(row: Mapping[str, Any]) -> bool:
    wrong = (row[state.value] for state in State if state is not State.UP2DATE)
    return row["state"] == RunState.FINISHED and row["up2date"] and not any(wrong)


def _render(
    title: str,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    as_json: bool,
    nothing: str = NO_HOST,
) -> str:
    if as_json:
        return json.dumps(rows, indent=2)
    if not rows:
        return nothing
    table = Table(title=title, box=box.SIMPLE, title_justify="left")
    for name in columns:
        number = name in {*COLUMNS, "seconds"}
        table.add_column(
            name, justify="right" if number else "left", no_wrap=number, overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(str(row[name])) for name in columns))
    width = Console().width if sys.stdout.isatty() else PLAIN_WIDTH
    console = Console(file=io.StringIO(), width=width)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip()


def _seconds(run: CrawlRun) -> float | None:
    ended = run.finished_at
    return round((ended - run.started_at).total_seconds(), 1) if ended else None
