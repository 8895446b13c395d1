"""Import log files of mirrorlist-server into the statistics."""

import json
import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from mirrorlist.log_files import LogFileError
from mirrorlist.services.request_logs import ImportedLog, import_log
from mirrorlist.services.statistics import statistics_policy


class Command(BaseCommand):
    help = "Count the requests in log files of mirrorlist-server, plain or packed; each file once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("files", nargs="+", type=Path, metavar="FILE", help="plain, .gz, .bz2 or .xz")
        add("--date", type=date.fromisoformat, help="only requests of this day, as 2026-11-20")
        add("--dry-run", action="store_true", help="print what would be counted, write nothing")
        add("--json", action="store_true", help="print one JSON object a file")

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["json"] or not sys.stderr.isatty()
        columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed:,} lines"))
        console = Console(stderr=True)
        with Progress(*columns, console=console, transient=True, disable=quiet) as bars:
            for path in options["files"]:
                task = bars.add_task(path.name, total=None)
                try:
                    imported = import_log(
                        path,
                        now=timezone.now(),
                        policy=statistics_policy(),
                        only=options["date"],
                        dry_run=options["dry_run"],
                        progress=lambda lines, task=task: bars.advance(task, lines),  # type: ignore[misc]
                    )
                except LogFileError as error:
                    raise CommandError(f"{error} Nothing of it was counted.") from error
                self.stdout.write(as_json(imported) if options["json"] else as_text(imported))


def as_text(imported: ImportedLog) -> str:
    tally = imported.tally
    lines = [f"{imported.path}:"]
    for day in imported.days:
        told = "were counted before" if day.known else "requests"
        lines.append(f"  {day.day}: {day.requests:,} {told}")
    lines.append(
        f"  left out: {tally.private:,} of private addresses, {tally.other_days:,} of other days, "
        f"{tally.garbage:,} lines that are none of this log"
    )
    return "\n".join([*lines, *(f"    ! {example}" for example in tally.examples)])


def as_json(imported: ImportedLog) -> str:
    return json.dumps({"file": str(imported.path)} | imported.facts())
