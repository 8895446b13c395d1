"""Print what changed on the master, and when."""

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crawler.logic.last_sync import as_facts, stamp
from crawler.services.last_sync import NoCategoryError, load_last_sync


class Command(BaseCommand):
    help = "Print which Repositories and Categories changed on the master, the newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--category", default="", metavar="NAME", help="only this one")
        parser.add_argument("--hours", type=float, default=24, help="how far back; default: 24")
        parser.add_argument("--json", action="store_true", help="print the feed as JSON")

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        try:
            found = load_last_sync(
                since=now - timedelta(hours=options["hours"]),
                now=now,
                category=options["category"],
                public_only=False,
            )
        except NoCategoryError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(as_facts(found), indent=1, ensure_ascii=False))
            return
        for row in found.repositories:
            self.stdout.write(f"{stamp(row.at)} {row.name}")
        for scan in found.scans:
            self.stdout.write(f"{stamp(scan.at)} {scan.sentence}")
        if not (found.repositories or found.scans):
            self.stdout.write("Nothing changed.")
