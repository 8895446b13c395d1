"""Issue and revoke the tokens with which edges send what they counted."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mirrorlist.services.edge_keys import EdgeNameError, issue_edge_key, revoke_edge_keys


class Command(BaseCommand):
    help = "Give an edge a token for sending statistics and print it, once; or revoke its tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("edge", help="name of the edge, as in its MIRRORLIST_EDGE_NAME")
        parser.add_argument("--revoke", action="store_true", help="revoke instead of issuing")
        parser.add_argument("--prefix", default="", help="with --revoke: only this token")

    def handle(self, *args: Any, **options: Any) -> None:
        edge, now = options["edge"], timezone.now()
        if options["revoke"]:
            count = revoke_edge_keys(edge, now=now, prefix=options["prefix"])
            self.stdout.write(f"{count} token(s) of “{edge}” were revoked.")
            return
        try:
            self.stdout.write(issue_edge_key(edge, now=now))
        except EdgeNameError as error:
            raise CommandError(str(error), returncode=2) from error
        self.stderr.write(f"This token of “{edge}” is not shown again.")
