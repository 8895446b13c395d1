"""Hash files of the master: verify what is recorded, and fill in what no checksum file says."""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from crawler.services.hash_chore import HashWish, wanted_files
from crawler.services.hashing import Candidate, Checked, NoLocalTreeError, hash_files
from registry.logic.places import printable
from registry.models import Category
from registry.services.operations.base import OperationError
from registry.services.operations.lookups import find_category

USAGE = 2


class Command(BaseCommand):
    help = "Hash the files that clients verify on a local tree; report those that differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--category", required=True, metavar="NAME", help="whose files")
        parser.add_argument("--verify", action="store_true", help="only compare; record no digests")
        parser.add_argument(
            "--name",
            action="append",
            default=[],
            metavar="GLOB",
            help="also files of this name without digests, for example '*.iso'; may be repeated",
        )
        parser.add_argument(
            "--below", default="", metavar="PATH", help="only at or below this whole path"
        )
        parser.add_argument(
            "--missing",
            action="store_true",
            help="only files of which a digest or the pieces are not known, for example new ones",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object a file")

    def handle(self, **options: Any) -> None:
        category, files = _chosen(**options)
        with _bars(quiet=options["json"]) as bars:
            task = bars.add_task(category.name, total=sum(file.entry.size for file in files))
            checked = hash_files(
                category,
                files,
                clock=timezone.now,
                verify=options["verify"],
                progress=lambda count: bars.advance(task, count),
                pieces_from_bytes=settings.PIECES_FROM_BYTES,
            )
            bad = self._print(checked, as_json=options["json"], verify=options["verify"])
        if bad:
            raise CommandError(f"{bad} of {len(files)} files are not as recorded; see above.")

    def _print(self, checked: Iterable[Checked], *, as_json: bool, verify: bool) -> int:
        counts: Counter[str] = Counter()
        bad = 0
        for path, verdict, pieces in checked:
            counts[verdict.reason.value] += 1
            bad += not verdict.good
            if as_json:
                facts = {
                    "path": path,
                    "reason": verdict.reason.value,
                    "sentence": verdict.sentence,
                    "pieces": pieces,
                }
                self.stdout.write(json.dumps(facts, ensure_ascii=False))
            elif not verdict.good:
                self.stdout.write(f"! {printable(path)}: {verdict.sentence}")
        if not as_json:
            told = ", ".join(
                f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items()
            )
            end = " Nothing was recorded." if verify else ""
            self.stdout.write(f"{told or 'No file has digests'}.{end}")
        return bad


def _chosen(
    category: str, name: list[str], below: str, *, missing: bool, **options: Any
) -> tuple[Category, list[Candidate]]:
    """Return the Category and its files that are to be hashed."""
    try:
        found = find_category(category)
        return found, wanted_files(found, HashWish(tuple(name), below, missing))
    except (OperationError, NoLocalTreeError) as error:
        raise CommandError(str(error), returncode=USAGE) from error


def _bars(*, quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=quiet or not sys.stderr.isatty(),
    )
