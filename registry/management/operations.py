"""What all commands of operations share: --dry-run and --json, the lines and the exit code."""

import json
from argparse import ArgumentParser
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.text import Text

from registry.logic.operations.steps import Mark, steps_as_facts
from registry.services.operations.base import (
    Operation,
    OperationError,
    Outcome,
    carry_out,
    preview,
)

STYLES = {
    Mark.ADD: "green",
    Mark.CHANGE: "yellow",
    Mark.REMOVE: "red",
    Mark.KEEP: "dim",
    Mark.REFUSED: "bold red",
}
REFUSED, USAGE = 1, 2


class OperationCommand(BaseCommand):
    """A command that plans an operation, prints its steps and, unless told not to, does them.

    If it `asks`, it does nothing without --yes: what it does cannot be undone.
    """

    asks: ClassVar[bool] = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Django's own --version gives way to that of a Product.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_parameters(parser)
        parser.add_argument("--dry-run", action="store_true", help="print the steps, do nothing")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        if self.asks:
            parser.add_argument("--yes", action="store_true", help="do it without asking again")

    def add_parameters(self, parser: ArgumentParser) -> None:
        """Add the arguments of this operation."""
        raise NotImplementedError

    def operation(self, options: dict[str, Any]) -> Operation[Any]:
        """Return the operation that the arguments describe. Raises OperationError."""
        raise NotImplementedError

    def actor(self, options: dict[str, Any]) -> User | None:
        """Return whom the timeline names; nobody means the system. Raises OperationError."""
        return None

    def handle(self, *args: Any, **options: Any) -> None:
        unsure = self.asks and not options["yes"]
        try:
            operation, actor = self.operation(options), self.actor(options)
            if options["dry_run"] or unsure:
                outcome = preview(operation, now=timezone.now())
            else:
                outcome = carry_out(operation, now=timezone.now(), actor=actor)
        except OperationError as error:
            raise CommandError(str(error), returncode=USAGE) from error
        self._print_json(outcome) if options["json"] else self._print_lines(outcome)
        if refused := outcome.plan.refused:
            raise CommandError(f"{len(refused)} refused; see above.", returncode=REFUSED)
        if unsure and outcome.plan.writes and not options["dry_run"]:
            raise CommandError(
                "Nothing was done. If that is what you want, run it again with --yes.",
                returncode=USAGE,
            )

    def _print_lines(self, outcome: Outcome) -> None:
        console = Console(file=self.stdout, highlight=False, soft_wrap=True)  # type: ignore[arg-type]
        for step in outcome.plan.steps:
            console.print(Text(step.line, style=STYLES[step.mark]))
        console.print(Text(f"{outcome.plan.summary} {outcome.conclusion}"))

    def _print_json(self, outcome: Outcome) -> None:
        result = {
            "written": outcome.written,
            "summary": outcome.plan.summary,
            "steps": steps_as_facts(outcome.plan.steps),
        }
        self.stdout.write(json.dumps(result, indent=1, ensure_ascii=False))
