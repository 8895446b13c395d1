"""Give Hosts inside clouds the address ranges that their providers publish."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.models import HostNetblockSource, SourceState
from registry.services.cloud_ranges import Outcome, ranges_policy, update_sources

USAGE = 2
SHOWN = 20


class Command(BaseCommand):
    help = (
        "Fetch the lists of address ranges that Hosts have as netblock sources, and make the "
        "netblocks of these Hosts as published. Netblocks that people wrote stay as they are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--host", action="append", default=[], help="only this Host; may be repeated")
        add("--dry-run", action="store_true", help="only print what would change")
        add("--force", action="store_true", help="believe a list that lost much")
        add("--json", action="store_true", help="print the results as JSON")

    def handle(self, **options: Any) -> None:
        sources = HostNetblockSource.objects.all()
        if options["host"]:
            sources = sources.filter(host__name__in=options["host"])
        if not sources.exists():
            message = "No such Host has a netblock source; add one on its admin page."
            raise CommandError(message, returncode=USAGE)
        outcomes = update_sources(
            sources,
            now=timezone.now(),
            policy=ranges_policy(),
            force=options["force"],
            dry_run=options["dry_run"],
        )
        if options["json"]:
            self.stdout.write(json.dumps([_facts(each) for each in outcomes], indent=2))
        else:
            self.stdout.write("\n".join(line for each in outcomes for line in _lines(each)))
        bad = [each for each in outcomes if each.state != SourceState.UP2DATE]
        if bad:
            raise CommandError(f"{len(bad)} of {len(outcomes)} lists changed nothing.")


def _lines(outcome: Outcome) -> list[str]:
    lines = [outcome.sentence]
    if outcome.plan:
        for sign, netblocks in (("+", outcome.plan.add), ("-", outcome.plan.remove)):
            lines += [f"  {sign} {netblock}" for netblock in netblocks[:SHOWN]]
            if len(netblocks) > SHOWN:
                lines.append(f"  {sign} … and {len(netblocks) - SHOWN:,} more")
    return lines


def _facts(outcome: Outcome) -> dict[str, Any]:
    plan = outcome.plan
    return {
        "host": outcome.source.host.name,
        "source": outcome.source.name,
        "state": outcome.state.value,
        "reason": outcome.reason,
        "added": list(plan.add) if plan else [],
        "removed": list(plan.remove) if plan else [],
    }
