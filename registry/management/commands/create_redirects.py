"""Let clients that ask for one prefix get another."""

from argparse import ArgumentParser
from typing import Any

from registry.logic.operations.redirects import release_day_pairs
from registry.management.operations import OperationCommand
from registry.services.operations.redirects import CreateRedirects


class Command(OperationCommand):
    help = "Create redirects: single ones, or the whole set of a release."

    def add_parameters(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "--redirect",
            nargs=2,
            action="append",
            metavar=("FROM", "TO"),
            help="one prefix to another; may be repeated",
        )
        which.add_argument(
            "--release-day",
            nargs=2,
            metavar=("VERSION", "TO"),
            help="all prefixes of a Fedora Version to those of another, or of rawhide",
        )

    def operation(self, options: dict[str, Any]) -> CreateRedirects:
        if release := options["release_day"]:
            return CreateRedirects(tuple(release_day_pairs(*release)))
        return CreateRedirects(tuple((source, target) for source, target in options["redirect"]))
