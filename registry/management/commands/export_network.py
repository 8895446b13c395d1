"""Write the network as one YAML or JSON document."""

import os
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.logic.network.reading import GREATEST_YAML_BYTES
from registry.logic.network.writing import Format
from registry.services.network_export import export_network


class Command(BaseCommand):
    help = "Write Sites, Hosts, Categories and the rest of the configuration as one document."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="-", help="file to write; - is the terminal")
        parser.add_argument(
            "--format", choices=list(Format), help="default: json for *.json, else yaml"
        )
        parser.add_argument(
            "--with-state",
            action="store_true",
            help="Directories with their files, Repositories, FileDetails and up2date sets, too",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        form = Format(options["format"] or ("json" if name.endswith(".json") else "yaml"))
        text = export_network(with_state=options["with_state"], form=form)
        if name == "-":
            for part in text:
                self.stdout.write(part, ending="")
            return
        try:
            size = write_whole(Path(name), text)
        except OSError as error:
            raise CommandError(f"{name} cannot be written: {error}.", returncode=2) from error
        self.stderr.write(f"Wrote {name} ({size:,} bytes). It holds no secrets.")
        if form is Format.YAML and size > GREATEST_YAML_BYTES:
            self.stderr.write("That is more YAML than import_network reads: use --format json.")


def write_whole(path: Path, text: Iterable[str]) -> int:
    """Write a file beside its place and rename it there when it is whole; return its size."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(text)
            stream.flush()
            os.fsync(stream.fileno())
        size = part.stat().st_size
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return size
