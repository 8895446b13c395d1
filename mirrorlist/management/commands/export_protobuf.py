"""Write the cache that MirrorManager's mirrorlist-server answers from."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mirrorlist.services.protobuf import write_protobuf_cache


class Command(BaseCommand):
    help = "Write the network as the cache file of MirrorManager's mirrorlist-server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="where to; replaced only when it is whole")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = write_protobuf_cache(options["file"], now=timezone.now())
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written: {error}.") from error
        self.stdout.write(
            f"Wrote {options['file']} ({written.size_bytes:,} bytes): {written.hosts} Hosts, "
            f"{written.repositories} Repositories and {written.directories} Directories."
        )
