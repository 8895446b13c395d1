"""The pieces of the demo world, one by one; `make run` puts them together."""

import os
import signal
from argparse import ArgumentParser
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mirrorsite.demo.disk import DemoDisk
from mirrorsite.demo.mirrors import ADDRESS, MIRRORS, mirror_ports, serve_mirrors
from mirrorsite.demo.world import (
    OPERATOR,
    build_world,
    check_in_private_hosts,
    create_operator,
)

FIRST_PORT = 8181


class Command(BaseCommand):
    help = "Build the demo world, publish updates in it, and serve its mirrors."

    def add_arguments(self, parser: ArgumentParser) -> None:
        pieces = parser.add_subparsers(dest="piece", required=True)
        build = pieces.add_parser("build", help="Write the master tree and fill the database.")
        advance = pieces.add_parser("advance", help="Publish an update on the master.")
        advance.add_argument("--once", action="store_true", help="Only if there is none yet.")
        pieces.add_parser("check-in", help="Let the private mirror copy and report itself.")
        pieces.add_parser("operator", help="Create the operator account, if there is none.")
        mirrors = pieces.add_parser("mirrors", help="Serve the four mirrors until interrupted.")
        for piece in (build, mirrors):
            piece.add_argument("--port", type=int, default=FIRST_PORT, help="First of four ports.")
        for name, seconds in (("first", 30), ("every", 120)):
            mirrors.add_argument(
                f"--{name}-check-in",
                type=float,
                default=seconds,
                metavar="SECONDS",
                help=f"When the private mirror reports itself (default: {seconds}).",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        # What the demo writes has to be readable by others, or UMDL takes it for closed.
        os.umask(0o022)
        disk = DemoDisk(settings.STATE_DIR / "demo")
        piece = options["piece"]
        if piece not in {"build", "operator"} and disk.generation < 0:
            raise CommandError("There is no demo world yet. Run “manage.py demo build” first.")
        if piece == "build":
            self._build(disk, mirror_ports(options["port"]))
        elif piece == "advance":
            self._advance(disk, once=options["once"])
        elif piece == "check-in":
            self._check_in(disk)
        elif piece == "operator":
            self._create_operator()
        else:
            self._serve(disk, options)

    def _build(self, disk: DemoDisk, ports: dict[str, int]) -> None:
        written = "written" if disk.build() else "there already"
        counts = build_world(disk, ports, now=timezone.now())
        self.stdout.write(
            f"The master tree is {written}. There are {counts.categories} Categories, "
            f"{counts.sites} Sites and {counts.hosts} Hosts."
        )

    def _advance(self, disk: DemoDisk, *, once: bool) -> None:
        if not (once and disk.generation):
            self.stdout.write(f"Update {disk.advance()} is published; UMDL finds it next.")

    def _check_in(self, disk: DemoDisk) -> None:
        for outcome in check_in_private_hosts(disk, now=timezone.now()):
            self.stdout.write(f"Check-in: {outcome.sentence}")

    def _create_operator(self) -> None:
        if password := create_operator():
            self.stdout.write(f"Sign in as “{OPERATOR}” with the password {password}")
            self.stdout.write("It is shown this once; “manage.py changepassword” sets another.")

    def _serve(self, disk: DemoDisk, options: dict[str, Any]) -> None:
        stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        ports = mirror_ports(options["port"])
        with serve_mirrors({name: disk.mirror(name) for name in MIRRORS}, ports):
            for name, port in ports.items():
                self.stdout.write(f"The {name} mirror answers at http://{ADDRESS}:{port}/")
            wait = options["first_check_in"]
            while not stop.wait(wait):
                self._check_in(disk)
                wait = options["every_check_in"]
