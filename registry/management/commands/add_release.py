"""Add a Product, a release of one, or a Category with its master Host."""

from argparse import ArgumentParser
from typing import Any

from registry.logic.operations.release import Wanted
from registry.management.operations import OperationCommand
from registry.services.operations.release import AddRelease


class Command(OperationCommand):
    help = "Add a Product, Versions of it, and a Category; what exists already stays as it is."

    def add_parameters(self, parser: ArgumentParser) -> None:
        parser.add_argument("--product", required=True, metavar="NAME", help="for example Fedora")
        parser.add_argument(
            "--version",
            action="append",
            default=[],
            metavar="NAME",
            help="for example 43; may be repeated",
        )
        parser.add_argument(
            "--category", default="", metavar="NAME", help="for example Fedora Linux"
        )
        parser.add_argument(
            "--top-directory", default="", metavar="PATH", help="of the Category: pub/fedora/linux"
        )
        parser.add_argument(
            "--source", default="", metavar="PATH", help="where the master tree is on this machine"
        )
        parser.add_argument(
            "--host",
            default="",
            metavar="NAME",
            help="master Host that has all of it, always up2date",
        )
        parser.add_argument("--url", default="", help="under which that Host has the Category")

    def operation(self, options: dict[str, Any]) -> AddRelease:
        return AddRelease(
            Wanted(
                product=options["product"],
                versions=tuple(options["version"]),
                category=options["category"],
                top_directory=options["top_directory"],
                source_location=options["source"],
                host=options["host"],
                url=options["url"],
            )
        )
