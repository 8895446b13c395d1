"""Start an edge on this machine, with this installation's settings."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mirrorlist.services.serving import edge_environment


class Command(BaseCommand):
    help = (
        "Answer mirrorlists and metalinks from the current snapshot, in a process without Django. "
        "It switches to new snapshots by itself."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8001", help="Address and port.")
        parser.add_argument("--workers", type=int, default=1, help="Number of processes.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Become the edge: this process is replaced, so that signals reach it."""
        arguments = [sys.executable, "-m", "mirrorlist.edge", "--bind", options["bind"]]
        arguments += ["--workers", str(options["workers"])]
        os.execve(sys.executable, arguments, os.environ | edge_environment())  # noqa: S606
