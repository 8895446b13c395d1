"""Bring in the database of a MirrorManager 2 instance, or show what that would do."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.text import Text

from mirrorsite.mirrormanager.reader import SourceError, open_source
from mirrorsite.mirrormanager.report import report_facts, report_lines
from registry.services.mirrormanager import Report, import_mirrormanager

INVALID, USAGE = 1, 2


class Command(BaseCommand):
    help = "Bring in the database of a MirrorManager 2 instance. Adds and changes, never removes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("database", help="postgresql://USER@HOST/NAME; it is only read")
        parser.add_argument("--dry-run", action="store_true", help="report, write nothing")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument(
            "--resume",
            action="store_true",
            help="leave out the up2date sets that an interrupted import stored already",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with open_source(options["database"]) as source:
                report = import_mirrormanager(
                    source,
                    now=timezone.now(),
                    dry_run=options["dry_run"],
                    resume=options["resume"],
                    progress=self.stderr.write,
                )
        except SourceError as error:
            raise CommandError(str(error), returncode=USAGE) from error
        if options["json"]:
            self.stdout.write(json.dumps(report_facts(report), indent=1, ensure_ascii=False))
        else:
            self._print(report, everything=options["verbosity"] > 1)
        if report.outcome.problems:
            raise CommandError("There are problems; nothing was written.", returncode=INVALID)

    def _print(self, report: Report, *, everything: bool) -> None:
        console = Console(file=self.stdout, highlight=False, soft_wrap=True)  # type: ignore[arg-type]
        for style, line in report_lines(report, everything=everything):
            console.print(Text(line, style=style))
