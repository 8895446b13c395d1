"""Print what is odd about how Hosts are set up."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.models import Host, Site
from registry.services.lint import Linted, lint_hosts


class Command(BaseCommand):
    """`manage.py lint`."""

    help = "Say what is odd about how Hosts are set up, Host by Host."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", help="only the Hosts of the Site of this name")
        parser.add_argument("--offline", action="store_true", help="resolve no names")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        hosts = Host.objects.all()
        if name := options["site"]:
            if not Site.objects.filter(name=name).exists():
                raise CommandError(f"There is no Site “{name}”.")
            hosts = hosts.filter(site__name=name)
        found = lint_hosts(hosts, now=timezone.now(), look_up=not options["offline"])
        if options["json"]:
            self.stdout.write(json.dumps([_row(each) for each in found], indent=2))
            return
        for each in found:
            for finding in each.findings:
                text = f"{finding.word}: {finding.sentence} {finding.advice}".rstrip()
                self.stdout.write(f"{each.host.site} / {each.host}: {text}")
        odd = sum(bool(each.hints) for each in found)
        self.stdout.write(f"{odd} of {len(found)} Hosts have something odd.")


def _row(linted: Linted) -> dict[str, Any]:
    return {
        "site": linted.host.site.name,
        "host": linted.host.name,
        "hints": [
            {"rule": hint.rule, "tone": hint.finding.tone, "subject": hint.finding.subject}
            | {"sentence": hint.finding.sentence, "advice": hint.finding.advice}
            for hint in linted.hints
        ],
    }
