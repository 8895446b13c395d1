"""Explain what a client is answered, Host by Host."""

import json
import sys
from argparse import ArgumentParser
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mirrorlist.logic.explain import Explanation, as_facts, describe_client
from mirrorlist.logic.query import Kind
from mirrorlist.services.explain import NoSnapshotError, explain_answer

PARAMETERS = {
    "repo": "Prefix of the Repository.",
    "arch": "Its Arch.",
    "path": "A Directory or file, instead of a Repository.",
    "country": "Countries that the client asks for.",
    "protocol": "Protocols that the client asks for.",
    "avoid_country": "Countries that the client wants to avoid.",
    "limit": "Number of Hosts that the client asks for.",
}


class Command(BaseCommand):
    help = "Print every Host known for a Repository with its stage, or why it is left out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ip", required=True, help="Address of the client.")
        for name, text in PARAMETERS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", default="", help=text)
        parser.add_argument("--metalink", action="store_true", help="Explain the metalink.")
        parser.add_argument("--json", action="store_true", help="Print the facts as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = Kind.METALINK if options["metalink"] else Kind.MIRRORLIST
        parameters = {name: options[name] for name in PARAMETERS}
        try:
            explanation = explain_answer(kind, parameters, ip=options["ip"])
        except NoSnapshotError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(as_facts(explanation), indent=2))
        else:
            # Into a file or a pipe, lines are as long as the sentences mostly need.
            width = None if self.stdout.isatty() else 160
            _print(explanation, Console(file=cast("TextIO", self.stdout), width=width))
        if explanation.place is None:
            sys.exit(1)


def _print(explanation: Explanation, console: Console) -> None:
    console.print(explanation.first_line, markup=False, highlight=False, soft_wrap=True)
    if explanation.place is None:
        console.print(f"Status {explanation.status}, so there are no Hosts to explain.")
        return
    sentence = describe_client(explanation, explanation.place)
    console.print(sentence, markup=False, highlight=False)
    console.print(_table(explanation))


def _table(explanation: Explanation) -> Table:
    table = Table(title=f"Hosts for {escape(explanation.directory)}")
    table.add_column("#", justify="right")
    for title in ("Host", "Country", "Stage or reason"):
        table.add_column(title, no_wrap=title != "Stage or reason")
    table.add_column("Why", overflow="fold")
    for row in explanation.rows:
        table.add_row(
            str(row.position or ""),
            escape(row.name),
            row.country,
            row.label,
            escape(row.sentence),
        )
    return table
