"""Write Sites, Hosts, netblocks or URLs as a CSV file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from registry.logic.csv_import import TABLES
from registry.services.csv_files import export_lines


class Command(BaseCommand):
    help = "Write a table as CSV, to a file or to standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("table", choices=sorted(TABLES))
        parser.add_argument("file", nargs="?", default="-", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        lines = export_lines(options["table"])
        if options["file"] == "-":
            for line in lines:
                self.stdout.write(line, ending="")
            return
        with Path(options["file"]).open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
