"""`manage.py umdl`: scan the master trees of Categories, with progress and a summary."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from crawler.models import MasterScan, RunState
from crawler.services.scan_run import Progress as Report
from crawler.services.umdl import (
    Patience,
    policy_from_settings,
    scan_categories,
)
from registry.models import Category

COLUMNS = ("directories", "files", "added", "changed", "vanished", "repositories", "odd")
FAILURES = {RunState.FAILED, RunState.REFUSED, RunState.ABANDONED}


class Command(BaseCommand):
    help = "Update the Master Directory List: scan the master trees of Categories."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--category",
            action="append",
            metavar="NAME",
            help="Scan this Category; may be repeated. Default: all that have a source.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Print what would change; write nothing."
        )
        parser.add_argument(
            "--force", action="store_true", help="Accept a loss that the guard would refuse."
        )
        parser.add_argument(
            "--thorough",
            action="store_true",
            help="Look at every file, also where no directory changed.",
        )
        parser.add_argument(
            "--if-changed",
            action="store_true",
            help="Scan only where the change signal of the master changed, as scheduled scans do.",
        )
        parser.add_argument(
            "--wait",
            type=int,
            default=0,
            metavar="SECONDS",
            help="Wait so long for a scan of the same Category that is running.",
        )
        parser.add_argument("--json", action="store_true", help="Print the results as JSON.")

    def handle(self, **options: Any) -> None:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} directories"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=options["json"] or not sys.stderr.isatty(),
        ) as bars:
            scans = list(
                scan_categories(
                    _chosen(options["category"]),
                    clock=timezone.now,
                    policy=policy_from_settings(),
                    force=options["force"],
                    dry_run=options["dry_run"],
                    thorough=options["thorough"],
                    if_changed=options["if_changed"],
                    patience=Patience(timedelta(seconds=options["wait"])),
                    progress=lambda category: _bar(bars, category),
                )
            )
        self.stdout.write(_as_json(scans) if options["json"] else _as_text(scans))
        if failed := [scan for scan in scans if scan.state in FAILURES]:
            raise CommandError(f"{len(failed)} of {len(scans)} scans did not finish.")


def _chosen(names: list[str] | None) -> list[Category]:
    """Return the Categories of these names, or all with a source."""
    if not names:
        return list(Category.objects.scanned())
    found = {category.name: category for category in Category.objects.filter(name__in=names)}
    if unknown := sorted(set(names) - found.keys()):
        known = ", ".join(Category.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(
            f"There is no Category called {', '.join(f'“{name}”' for name in unknown)}. "
            f"There are: {known}."
        )
    return [found[name] for name in dict.fromkeys(names)]


def _bar(bars: Progress, category: Category) -> Report:
    """Return a callback that shows how far the scan of a Category is."""
    task = bars.add_task(category.name, total=None)

    def report(phase: str, count: int) -> None:
        bars.update(task, description=f"{category.name}: {phase}", completed=count)

    return report


def _as_json(scans: Iterable[MasterScan]) -> str:
    return json.dumps(
        [
            {
                "category": scan.category.name,
                "state": scan.state,
                "reason": scan.reason,
                "started_at": scan.started_at.isoformat(),
                "finished_at": scan.finished_at.isoformat() if scan.finished_at else None,
                "counts": scan.counts,
                "log": scan.log.splitlines(),
            }
            for scan in scans
        ],
        indent=2,
        ensure_ascii=False,
    )


def _as_text(scans: list[MasterScan]) -> str:
    """Return the logs, a table of counts and the reason of each scan."""
    if not scans:
        return "No Category has a source. Say on the page of a Category where its tree is."
    table = Table("Category", "State", *(Column(name, justify="right") for name in COLUMNS))
    for scan in scans:
        counts = (f"{scan.counts.get(name, 0):,}" for name in COLUMNS)
        table.add_row(Text(scan.category.name), scan.get_state_display(), *counts)
    console = Console(width=120 if not sys.stdout.isatty() else None)
    with console.capture() as captured:
        for scan in scans:
            if scan.log:
                console.out(scan.log, highlight=False)
        console.print(table)
        for scan in scans:
            console.out(f"{scan.category.name}: {scan.reason}", highlight=False)
    return captured.get().rstrip("\n")
