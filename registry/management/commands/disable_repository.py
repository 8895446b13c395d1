"""Let clients that ask for a Repository be told that it is disabled, or answer them again."""

from argparse import ArgumentParser
from typing import Any

from registry.management.operations import OperationCommand
from registry.services.operations.lookups import find_repositories
from registry.services.operations.switching import DisableRepositories, EnableRepositories


class Command(OperationCommand):
    help = "Disable the Repositories of a prefix with a reason; --enable turns them on again."

    def add_parameters(self, parser: ArgumentParser) -> None:
        parser.add_argument("prefix", help="for example fedora-modular-42")
        parser.add_argument("--arch", default="", metavar="NAME", help="only this Arch")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--reason", metavar="SENTENCE", help="why; the timeline keeps it")
        what.add_argument("--enable", action="store_true", help="turn them on again")

    def operation(self, options: dict[str, Any]) -> DisableRepositories | EnableRepositories:
        found = find_repositories(options["prefix"], arch=options["arch"])
        if options["enable"]:
            return EnableRepositories(found)
        return DisableRepositories(found, options["reason"])
