"""Send what waits in the outbox: letters, webhook calls, messages for the bus."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from random import Random
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from registry.logic.wording import counted
from registry.services.notification_delivery import (
    count_due,
    due_letters,
    send_notifications,
)


class Command(BaseCommand):
    help = "Send the notifications that are due. The schedule does so every minute."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="print what is due, send nothing"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self._show(as_json=options["json"])
            return
        rng = Random()  # noqa: S311 -- spreads attempts over time, keeps no secret
        outcome = send_notifications(clock=timezone.now, rng=rng)
        self.stdout.write(json.dumps(asdict(outcome)) if options["json"] else outcome.sentence)

    def _show(self, *, as_json: bool) -> None:
        now = timezone.now()
        letters, due = due_letters(now=now), count_due(now=now)
        if as_json:
            rows = [letter._asdict() for letter in letters]
            self.stdout.write(json.dumps({"letters": rows, "due": due}))
            return
        for letter in letters:
            self.stdout.write(f"{letter.recipient}: {letter.subject} ({letter.messages})")
        self.stdout.write(
            f"{counted(len(letters), 'letter')}, {counted(due['webhook'], 'webhook call')} and "
            f"{counted(due['bus'], 'bus message')} are due. Nothing was sent."
        )
