"""Issue and revoke the tokens with which a Host calls the API."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.models import Host
from registry.services.credentials import TooManyTokensError, issue_host_token, revoke_host_tokens


class Command(BaseCommand):
    help = "Give a Host a token for checking in and print it, once; or revoke its tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("host", help="name of the Host")
        parser.add_argument(
            "--site", default="", help="name of its Site, if the name is not enough"
        )
        parser.add_argument("--revoke", action="store_true", help="revoke instead of issuing")
        parser.add_argument("--prefix", default="", help="with --revoke: only this token")

    def handle(self, *args: Any, **options: Any) -> None:
        host = find_host(options["host"], site=options["site"])
        if options["revoke"]:
            count = revoke_host_tokens(host, now=timezone.now(), prefix=options["prefix"])
            self.stdout.write(f"{count} token(s) of “{host}” were revoked.")
            return
        try:
            self.stdout.write(issue_host_token(host, now=timezone.now()).text)
        except TooManyTokensError as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"This token of “{host}” is not shown again.")


def find_host(name: str, *, site: str) -> Host:
    """Return the one Host of this name; raise CommandError if there is none or another."""
    hosts = Host.objects.filter(name__iexact=name).select_related("site")
    if site:
        hosts = hosts.filter(site__name__iexact=site)
    found = list(hosts[:2])
    if not found:
        raise CommandError(f"There is no Host “{name}”.", returncode=2)
    if len(found) > 1:
        raise CommandError(f"Several Sites have a Host “{name}”: add --site.", returncode=2)
    return found[0]
