"""Move the Repositories of a Version, or of a prefix, to the archive."""

from argparse import ArgumentParser
from typing import Any

from registry.management.operations import OperationCommand
from registry.models import Repository
from registry.services.operations.lookups import find_category, find_repositories, find_version
from registry.services.operations.moves import ARCHIVE, MoveToArchive


class Command(OperationCommand):
    help = "Move Repositories to the same place in the archive Category; prefixes stay."

    def add_parameters(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--version", metavar="VERSION", help='for example "Fedora 39"')
        which.add_argument("--repository", metavar="PREFIX", help="for example fedora-39")
        parser.add_argument(
            "--archive-category", default=ARCHIVE, metavar="NAME", help=f"default: {ARCHIVE}"
        )

    def operation(self, options: dict[str, Any]) -> MoveToArchive:
        archive = find_category(options["archive_category"])
        if prefix := options["repository"]:
            return MoveToArchive(find_repositories(prefix), archive)
        version = find_version(options["version"])
        return MoveToArchive(Repository.objects.filter(version=version), archive)
