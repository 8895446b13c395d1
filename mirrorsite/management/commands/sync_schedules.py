"""Make the table of schedules equal to mirrorsite/schedules.py."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from mirrorsite.schedule_table import sync_schedules


class Command(BaseCommand):
    help = "Make the table of schedules equal to the work declared in mirrorsite/schedules.py."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be done.")

    def handle(self, *args: Any, **options: Any) -> None:
        changes = sync_schedules(now=timezone.now(), dry_run=options["dry_run"])
        for change in changes:
            self.stdout.write(change.sentence)
        if not changes:
            self.stdout.write("All schedules are as declared.")
        elif options["dry_run"]:
            self.stdout.write("This was a dry run: nothing has been changed.")
