"""Look at one file of the master again, now, and at the listing of its Directory."""

from argparse import ArgumentParser
from typing import Any

from crawler.services.refresh import RefreshFile, look_at_file
from registry.management.operations import OperationCommand


class Command(OperationCommand):
    help = "Hash one file of a local master tree again and record it, with its Directory's listing."

    def add_parameters(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", help="whole path: pub/fedora/linux/…/repodata/repomd.xml")

    def operation(self, options: dict[str, Any]) -> RefreshFile:
        return look_at_file(options["path"])
