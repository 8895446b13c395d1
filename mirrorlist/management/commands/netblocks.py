"""Make the table of networks and autonomous systems, or export it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from mirrorlist.services.netblocks import (
    Built,
    State,
    build_netblocks,
    export_netblocks,
    netblocks_policy,
)

USAGE = 2


class Command(BaseCommand):
    help = (
        "Make the file that says which network belongs to which autonomous system, from routing "
        "tables (MRT of RouteViews or RIPE RIS), from lists (CIDR ASN, CSV) or from mmdb files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("sources", nargs="*", metavar="SOURCE", help="URL or path; default: the settings'")
        add("--export", type=Path, metavar="FILE", help="write global_netblocks.txt of the result")
        add("--dry-run", action="store_true", help="do everything, but keep the file in use")
        add("--force", action="store_true", help="replace the last one even if it lost much")
        add("--json", action="store_true", help="print the numbers as JSON")

    def handle(self, **options: Any) -> None:
        facts: dict[str, Any] = {"good": True}
        if options["sources"] or not options["export"]:
            facts = self._build(**options)
        if options["export"] and facts["good"]:
            facts["exported"] = _export(options["export"])
            if not options["json"]:
                words = f"{facts['exported']:,} lines were written to {options['export']}."
                self.stdout.write(words)
        if options["json"]:
            self.stdout.write(json.dumps(facts, indent=2))
        if not facts["good"]:
            raise CommandError("The last file stays in use.")

    def _build(self, **options: Any) -> dict[str, Any]:
        with Bars(quiet=options["json"]) as bars:
            built = build_netblocks(
                options["sources"],
                now=timezone.now(),
                policy=netblocks_policy(),
                force=options["force"],
                dry_run=options["dry_run"],
                progress=bars.advance,
            )
        if built.state is State.SKIPPED:
            raise CommandError(built.sentence, returncode=USAGE)
        if not options["json"]:
            self.stdout.write(_text(built))
        return _facts(built)


class Bars:
    """Show how far each source is, on a terminal only."""

    def __init__(self, *, quiet: bool) -> None:
        console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Bars":
        self._bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bars.stop()

    def advance(self, stage: str, count: int, total: int | None) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.advance(self._tasks[stage], count)


def _export(path: Path) -> int:
    try:
        return export_netblocks(path)
    except OSError as error:
        raise CommandError(str(error)) from error


def _text(built: Built) -> str:
    lines = [*built.rejected.sentences]
    if built.rejected.count > len(lines):
        lines.append(f"… and {built.rejected.count - len(lines):,} more lines that were not read.")
    counts = built.counts
    lines.append(
        f"{built.state.value}: {counts.ipv4:,} IPv4 and {counts.ipv6:,} IPv6 prefixes of "
        f"{built.asns:,} autonomous systems, {built.size_bytes / 1e6:.1f} MB; "
        f"{built.left_out:,} routes were left out. {built.sentence}"
    )
    return "\n".join(lines)


def _facts(built: Built) -> dict[str, Any]:
    return {
        "good": built.good,
        "state": built.state.value,
        "reason": built.sentence,
        "ipv4_prefixes": built.counts.ipv4,
        "ipv6_prefixes": built.counts.ipv6,
        "autonomous_systems": built.asns,
        "routes_left_out": built.left_out,
        "lines_rejected": built.rejected.count,
        "rejected": built.rejected.sentences,
        "size_bytes": built.size_bytes,
    }
