"""Bring a network file into the database, or show what that would change."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize
from django.utils import timezone

from registry.logic.network.planning import Action
from registry.logic.network.reading import GREATEST_JSON_BYTES
from registry.logic.network.wording import change_facts, summary
from registry.management.outcomes import print_outcome
from registry.services.network_file import Outcome, import_network

INVALID, USAGE = 1, 2


class Command(BaseCommand):
    help = "Make the database say what a network file says. Adds and changes; see --replace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="YAML or JSON file to read; - is standard input")
        parser.add_argument(
            "--dry-run", action="store_true", help="show the changes, write nothing"
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="remove what the lists of the file do not name; needs --dry-run or --yes",
        )
        parser.add_argument("--yes", action="store_true", help="remove without asking again")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        unsure = options["replace"] and not options["yes"]
        outcome = import_network(
            read_bytes(options["file"]),
            source="standard input" if options["file"] == "-" else options["file"],
            now=timezone.now(),
            replace=options["replace"],
            dry_run=options["dry_run"] or unsure,
        )
        self._print_json(outcome) if options["json"] else print_outcome(outcome, self.stdout)
        if outcome.problems:
            count = f"{len(outcome.problems)} problem{pluralize(outcome.problems)}"
            raise CommandError(f"{count}; nothing was written.", returncode=INVALID)
        if unsure and not options["dry_run"]:
            raise CommandError(
                f"Nothing was written: {summary(outcome.plan)}. "
                "If that is what you want, run it again with --yes.",
                returncode=USAGE,
            )

    def _print_json(self, outcome: Outcome) -> None:
        changes = [each for each in outcome.plan.changes if each.action is not Action.KEEP]
        result = {
            "written": outcome.written,
            "problems": [
                {"path": each.path, "reason": each.reason, "sentence": each.sentence}
                for each in outcome.problems
            ],
            "notes": outcome.plan.notes,
            "changes": [change_facts(change) for change in changes],
        }
        self.stdout.write(json.dumps(result, indent=1, ensure_ascii=False))


def read_bytes(name: str) -> bytes:
    """Read a file, or standard input, but no more of it than an import could use."""
    limit = GREATEST_JSON_BYTES + 1
    if name == "-":
        return sys.stdin.buffer.read(limit)
    try:
        with Path(name).open("rb") as stream:
            return stream.read(limit)
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error}.", returncode=USAGE) from error
