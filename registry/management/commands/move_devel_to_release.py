"""Move the Repositories of a Version from development to releases."""

from argparse import ArgumentParser
from typing import Any

from registry.management.operations import OperationCommand
from registry.services.operations.lookups import find_category
from registry.services.operations.moves import MoveToRelease


class Command(OperationCommand):
    help = "Move Repositories from …/development/VERSION to …/releases/VERSION; prefixes stay."

    def add_parameters(self, parser: ArgumentParser) -> None:
        parser.add_argument("--version", required=True, metavar="NAME", help="for example 43")
        parser.add_argument(
            "--category", required=True, metavar="NAME", help="for example Fedora Linux"
        )

    def operation(self, options: dict[str, Any]) -> MoveToRelease:
        return MoveToRelease(find_category(options["category"]), options["version"])
