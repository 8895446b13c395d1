"""Apply changed rules of recognition to the Repositories that have no prefix yet."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.models import Category
from registry.services.recognition import UnknownCategoryError, find_category
from registry.services.rules import apply_rules


class Command(BaseCommand):
    help = "Ask the rules again about Repositories without prefix, instead of waiting for a scan."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--category", action="append", default=[], metavar="NAME", help="default: all"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show the changes, write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            chosen = [find_category(name) for name in options["category"]]
        except UnknownCategoryError as error:
            raise CommandError(str(error), returncode=2) from error
        applied = apply_rules(
            chosen or Category.objects.order_by("name"),
            now=timezone.now(),
            dry_run=options["dry_run"],
        )
        for each in applied:
            for plan in each.plans:
                self.stdout.write(plan.sentence)
            self.stdout.write(each.sentence)
        if not applied:
            self.stdout.write("Every Repository has a prefix, or needs none.")
        elif options["dry_run"]:
            self.stdout.write("It was a dry run: nothing was written.")
