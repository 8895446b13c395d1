"""Give a Site a new check-in password."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.models import Site
from registry.services.credentials import set_check_in_password


class Command(BaseCommand):
    help = "Give a Site a new check-in password and print it, once. The old one ends at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("site", help="name of the Site")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(name__iexact=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no Site “{options['site']}”.", returncode=2)
        self.stdout.write(set_check_in_password(site, now=timezone.now()))
        self.stderr.write(f"This password of “{site}” is not shown again.")
