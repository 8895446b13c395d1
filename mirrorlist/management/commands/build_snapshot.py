"""Build a snapshot and put it live."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mirrorlist.models import Snapshot
from mirrorlist.services.protobuf import write_protobuf_cache
from mirrorlist.services.snapshots import build_snapshot, snapshot_policy


class Command(BaseCommand):
    help = "Build a snapshot from the database and let clients be answered from it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="Publish it even if it lost much against the last."
        )
        parser.add_argument(
            "--anew", action="store_true", help="Build everything, even what did not change."
        )
        parser.add_argument(
            "--protobuf",
            type=Path,
            metavar="FILE",
            help="Write the cache of MirrorManager's mirrorlist-server, too, if it is published.",
        )
        parser.add_argument("--json", action="store_true", help="Print the facts as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        row = build_snapshot(
            now=timezone.now(),
            policy=snapshot_policy(),
            force=options["force"],
            anew=options["anew"],
        )
        if options["json"]:
            self.stdout.write(json.dumps(_facts(row), indent=2))
        else:
            counts = ", ".join(f"{number} {name}" for name, number in row.counts.items())
            self.stdout.write(f"{row}: {row.reason}\nIt has {counts or 'nothing'}.")
        if row.state != Snapshot.State.PUBLISHED:
            raise CommandError(f"The snapshot was not published ({row.state}).")
        if options["protobuf"]:
            _write_protobuf(options["protobuf"])


def _write_protobuf(path: Path) -> None:
    try:
        write_protobuf_cache(path, now=timezone.now())
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error}.") from error


def _facts(row: Snapshot) -> dict[str, Any]:
    return {
        "state": row.state,
        "reason": row.reason,
        "filename": row.filename,
        "sha256": row.sha256,
        "size_bytes": row.size_bytes,
        "seconds": row.duration.total_seconds() if row.duration else None,
        "counts": row.counts,
    }
