"""Add shipped sets of recognition rules to Categories, or show what that would change."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.management.outcomes import print_outcome
from registry.reference.rule_sets import RULE_SETS
from registry.services.rule_sets import RuleSetError, add_rule_set


class Command(BaseCommand):
    help = "Add shipped sets of recognition rules (mappings and aliases) to Categories."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("set", nargs="*", help="name of a set; see --list")
        parser.add_argument(
            "--category",
            action="append",
            default=[],
            metavar="NAME",
            help="Category that gets the rules, may be repeated; default: those of the usual name",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show the changes, write nothing"
        )
        parser.add_argument(
            "--list", action="store_true", help="list the sets and their Categories"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for each in RULE_SETS:
                self.stdout.write(f"{each.name:26}{each.title} ({', '.join(each.categories)})")
            return
        if not options["set"]:
            raise CommandError("Name a set, or use --list to see which there are.", returncode=2)
        for name in options["set"]:
            try:
                outcome = add_rule_set(
                    name,
                    categories=options["category"],
                    now=timezone.now(),
                    dry_run=options["dry_run"],
                )
            except RuleSetError as error:
                raise CommandError(str(error), returncode=2) from error
            print_outcome(outcome, self.stdout)
            if outcome.problems:
                raise CommandError(f"Nothing of “{name}” was written.", returncode=1)
