"""Say what the rules make of paths, whether they exist or not."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from registry.logic.places import printable
from registry.services.recognition import (
    TriedPath,
    UnknownCategoryError,
    find_category,
    try_paths,
)

COLUMNS = ("path", "kind", "prefix", "version", "arch", "reason")


class Command(BaseCommand):
    help = "Say which prefix, version and Arch paths get, or why none. Writes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", nargs="+", help="path below the top directory; - reads stdin")
        parser.add_argument("--category", required=True, metavar="NAME", help="whose rules to try")
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            category = find_category(options["category"])
        except UnknownCategoryError as error:
            raise CommandError(str(error), returncode=2) from error
        tried = try_paths(category, given_paths(options["path"]))
        if options["json"]:
            for each in tried:
                self.stdout.write(json.dumps(facts_of(each)))
            return
        table = Table(box=None, pad_edge=False)
        for name in COLUMNS:
            table.add_column(name, overflow="fold")
        for each in tried:
            table.add_row(*(Text(printable(str(fact or "–"))) for fact in facts_of(each).values()))
        Console(file=self.stdout, highlight=False).print(table)  # type: ignore[arg-type]


def given_paths(arguments: Iterable[str]) -> Iterator[str]:
    """Yield the paths of the command line; a dash stands for the lines of standard input."""
    for argument in arguments:
        if argument == "-":
            # Names need not be text, neither here nor on the command line.
            lines = (os.fsdecode(each.rstrip(b"\r\n")) for each in sys.stdin.buffer)
            yield from filter(None, lines)
        else:
            yield argument


def facts_of(tried: TriedPath) -> dict[str, str | None]:
    """Return one row: what is printed of a path."""
    found = tried.recognition
    values = (
        tried.path,
        tried.format.value,
        found.prefix,
        found.version,
        found.arch,
        found.sentence,
    )
    return dict(zip(COLUMNS, values, strict=True))
