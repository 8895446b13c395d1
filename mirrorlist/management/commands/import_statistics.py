"""Take in the batches that edges put into the spool directory."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mirrorlist.services.spool import import_spool
from mirrorlist.services.statistics import statistics_policy


class Command(BaseCommand):
    help = "Add what edges counted to the statistics, from the directory where it lies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--spool",
            type=Path,
            default=settings.MIRRORLIST_STATISTICS_DIR,
            help="directory of the batches, by default MIRRORLIST_STATISTICS_DIR",
        )
        parser.add_argument("--json", action="store_true", help="print the facts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        got = import_spool(options["spool"], now=timezone.now(), policy=statistics_policy())
        self.stdout.write(json.dumps(got._asdict()) if options["json"] else got.sentence)
        if got.refused:
            raise CommandError(f"{got.refused} refused: see {options['spool']}/refused/.")
