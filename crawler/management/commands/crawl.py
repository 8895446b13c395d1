"""manage.py crawl: visit Hosts now."""

import sys
from argparse import ArgumentParser
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console

from crawler.management.crawl_report import Bars, render_runs, render_targets
from crawler.models import RunState
from crawler.services.crawls import crawl_hosts, find_targets
from crawler.services.plans import UnknownNameError, resolve_scope
from crawler.services.policies import crawl_policy


class Command(BaseCommand):
    help = (
        "Crawl Hosts now: look at what they have of each Category, and write it down. Without "
        "--host all that may be crawled are. The exit code is 1 if none of the visits learned "
        "anything."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--host", action="append", default=[], help="only this Host; repeatable")
        add("--category", action="append", default=[], help="only this Category; repeatable")
        add("--due", action="store_true", help="only Hosts whose interval is over")
        add("--json", action="store_true", help="print the results as JSON")
        add("--dry-run", action="store_true", help="only print which Hosts would be crawled")
        add("--seed", type=int, help="draw the same sample as the crawl with this seed")

    def handle(self, *args: Any, **options: Any) -> None:
        now, policy = timezone.now(), crawl_policy()
        try:
            scope = resolve_scope(options["category"])
            targets = find_targets(options["host"], due=options["due"], now=now, policy=policy)
        except UnknownNameError as error:
            raise CommandError(str(error)) from error
        if options["dry_run"]:
            self.stdout.write(render_targets(targets, as_json=options["json"]))
            return
        with Bars(Console(stderr=True)) as bars:
            runs = crawl_hosts(
                [target.host_id for target in targets],
                clock=timezone.now,
                rng=Random(),  # noqa: S311 -- samples files, keeps no secret
                policy=policy,
                scope=scope,
                seed=options["seed"],
                progress=bars,
            )
        self.stdout.write(render_runs(runs, as_json=options["json"]))
        if runs and all(run.state == RunState.FAILED for run in runs):
            sys.exit(1)
