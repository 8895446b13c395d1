"""Print the rsync filter of what changed on the master since a moment."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.logic.rsync_filter import FilterError, FilterQuery, count_components
from registry.services.rsync_filter import write_filter


class Command(BaseCommand):
    help = "Print a filter for rsync --exclude-from that includes only what changed since a moment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--category", action="append", required=True, metavar="NAME", help="may be repeated"
        )
        since = parser.add_mutually_exclusive_group(required=True)
        since.add_argument(
            "--since", type=moment, metavar="TIME", help="Unix time, or 2026-11-20T12:00 (UTC)"
        )
        since.add_argument("--hours", type=float, help="so many hours ago")
        parser.add_argument(
            "--strip-prefix",
            default="",
            metavar="PATH",
            help="cut off as many leading components as this path has: pub/fedora",
        )

    def handle(self, **options: Any) -> None:
        ago = timezone.now() - timedelta(hours=options["hours"] or 0)
        query = FilterQuery(
            tuple(options["category"]),
            options["since"] or ago,
            count_components(options["strip_prefix"]),
        )
        try:
            for line in write_filter(query, public_only=False):
                self.stdout.write(line, ending="")
        except FilterError as error:
            raise CommandError(str(error), returncode=2) from error


def moment(text: str) -> datetime:
    """Return a moment given as Unix time or in ISO format; without a zone it is UTC."""
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
