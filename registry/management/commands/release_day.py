"""Show the Version that is released today, and hide the test Versions of its Product."""

from argparse import ArgumentParser
from typing import Any

from registry.management.operations import OperationCommand
from registry.services.operations.lookups import find_version
from registry.services.operations.release_day import ReleaseDay


class Command(OperationCommand):
    help = "Show a Version, hide the test Versions of its Product, drop its redirects to rawhide."

    def add_parameters(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--version", required=True, metavar="NAME", help="with its Product: “Fedora 44”"
        )

    def operation(self, options: dict[str, Any]) -> ReleaseDay:
        return ReleaseDay(find_version(options["version"]))
