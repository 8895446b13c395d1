"""manage.py crawl: visit Hosts now."""

import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console

from crawler.logic.modes import Mode
from crawler.logic.queue import parse_fraction
from crawler.management.crawl_report import (
    Bars,
    render_canaries,
    render_runs,
    render_targets,
    render_urls,
)
from crawler.models import CrawlRun, RunState
from crawler.services.canaries import load_urls, send_canaries
from crawler.services.crawls import crawl_hosts, find_targets
from crawler.services.plans import Scope, resolve_scope
from crawler.services.policies import crawl_policy

CANARY = "canary"


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
        add(
            "--mode",
            choices=[*(mode.value for mode in Mode), CANARY],
            default=Mode.FULL.value,
            help="everything (full), what changed on the master since the last visit (changes), "
            "only metadata of repositories (repodata), or whether URLs can be reached (canary)",
        )
        add("--fraction", metavar="1:4", help="only the first of four shares of the Hosts")
        add("--due", action="store_true", help="only Hosts whose interval is over; no canaries")
        add("--json", action="store_true", help="print the results as JSON")
        add(
            "--dry-run",
            action="store_true",
            help="only print which Hosts would be crawled, or which URLs canaries would ask",
        )
        add("--seed", type=int, help="draw the same sample as the crawl with this seed")

    def handle(self, *args: Any, **options: Any) -> None:
        now, policy = timezone.now(), crawl_policy()
        canary = options["mode"] == CANARY
        if canary:
            refuse_for_canaries(options)
        try:
            scope = resolve_scope(options["category"])
            fraction = parse_fraction(options["fraction"]) if options["fraction"] else None
            targets = find_targets(
                options["host"], due=options["due"], now=now, policy=policy, fraction=fraction
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        if canary:
            self.send_canaries([target.host_id for target in targets], scope, options)
            return
        if options["dry_run"]:
            self.stdout.write(render_targets(targets, as_json=options["json"]))
            return
        runs = self.crawl([target.host_id for target in targets], scope, options)
        self.stdout.write(render_runs(runs, as_json=options["json"]))
        if runs and all(run.state == RunState.FAILED for run in runs):
            sys.exit(1)

    def send_canaries(
        self, host_ids: Sequence[int], scope: Scope, options: Mapping[str, Any]
    ) -> None:
        urls = load_urls(host_ids, scope)
        if options["dry_run"]:
            self.stdout.write(render_urls(urls, as_json=options["json"]))
            return
        report = send_canaries(now=timezone.now(), policy=crawl_policy(), urls=urls)
        self.stdout.write(render_canaries(report, as_json=options["json"]))

    def crawl(
        self, host_ids: Sequence[int], scope: Scope, options: Mapping[str, Any]
    ) -> list[CrawlRun]:
        with Bars(Console(stderr=True)) as bars:
            return crawl_hosts(
                host_ids,
                clock=timezone.now,
                rng=Random(),  # noqa: S311 -- samples files, keeps no secret
                policy=crawl_policy(),
                mode=Mode(options["mode"]),
                scope=scope,
                seed=options["seed"],
                progress=bars,
                due=options["due"],
            )


def refuse_for_canaries(options: Mapping[str, Any]) -> None:
    if options["due"]:
        raise CommandError("--due does not go with --mode canary: canaries have no interval.")
    if options["seed"] is not None:
        raise CommandError("--seed does not go with --mode canary: canaries draw no sample.")
