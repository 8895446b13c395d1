"""Change and add Sites, Hosts, netblocks or URLs as a CSV file says."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from registry.logic.csv_import import TABLES
from registry.management.operations import OperationCommand
from registry.querysets import is_operator
from registry.services.csv_files import ImportCsv
from registry.services.operations.base import OperationError


class Command(OperationCommand):
    help = "Change and add rows of a table as a CSV file says, all lines or none."

    def add_parameters(self, parser: ArgumentParser) -> None:
        parser.add_argument("table", choices=sorted(TABLES))
        parser.add_argument("file", metavar="FILE", help="the file; - reads standard input")
        parser.add_argument(
            "--user", required=True, metavar="NAME", help="the operator whom the timeline names"
        )

    def actor(self, options: dict[str, Any]) -> User:
        user = User.objects.filter(username=options["user"]).first()
        if user is None or not is_operator(user):
            raise OperationError(f"“{options['user']}” is no operator.")
        return user

    def operation(self, options: dict[str, Any]) -> ImportCsv:
        try:
            text = sys.stdin.read() if options["file"] == "-" else _read(Path(options["file"]))
        except (OSError, UnicodeDecodeError) as error:
            raise OperationError(f"{options['file']} cannot be read: {error}.") from error
        return ImportCsv(options["table"], text)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")
