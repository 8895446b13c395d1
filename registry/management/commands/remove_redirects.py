"""Take away redirects between prefixes."""

from argparse import ArgumentParser
from typing import Any

from registry.logic.operations.redirects import release_day_pairs
from registry.management.operations import OperationCommand
from registry.services.operations.redirects import RemoveRedirects


class Command(OperationCommand):
    help = "Remove redirects: single ones, or the whole set of a release."

    def add_parameters(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "--redirect", action="append", metavar="FROM", help="the prefix; may be repeated"
        )
        which.add_argument(
            "--release-day", metavar="VERSION", help="all prefixes of a Fedora Version"
        )

    def operation(self, options: dict[str, Any]) -> RemoveRedirects:
        if version := options["release_day"]:
            return RemoveRedirects(tuple(name for name, _ in release_day_pairs(version, "rawhide")))
        return RemoveRedirects(tuple(options["redirect"]))
