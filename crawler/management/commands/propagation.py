"""manage.py propagation: measure how far the content of Repositories has come."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crawler.logic.propagation import Age
from crawler.models import PropagationStat
from crawler.services.propagation import UnknownPrefixError, measure


class Command(BaseCommand):
    help = (
        "Count how many Hosts have which age of each Repository, from what visits already know, "
        "and store it. No mirror is asked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--repository", action="append", default=[], help="only this prefix; repeatable")
        add("--json", action="store_true", help="print the numbers as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            keep, now = settings.PROPAGATION_KEEP, timezone.now()
            stats = measure(options["repository"], keep=keep, now=now)
        except UnknownPrefixError as error:
            raise CommandError(str(error)) from error
        rows = [row_of(stat) for stat in stats]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row in rows:
            numbers = ", ".join(f"{row[age]} {age.value}" for age in Age)
            self.stdout.write(f"{row['repository']} {row['arch']}: {numbers}")
        if not rows:
            self.stdout.write("There is no Repository with a prefix and metadata yet; run umdl.")


def row_of(stat: PropagationStat) -> dict[str, Any]:
    repository = stat.repository
    counts = {age.value: getattr(stat, age.value) for age in Age}
    arch = str(repository.arch)
    return {
        "repository": repository.prefix or repository.directory.path,
        "arch": arch,
        "at": stat.at.isoformat(),
        **counts,
    }
