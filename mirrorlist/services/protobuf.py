"""Write MirrorManager's mirrorlist cache, so that we can feed a fleet of mirrorlist-servers."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mirrorlist.logic.protobuf_cache import CacheExtras, encode_cache
from mirrorlist.services.contents import load_contents
from registry.models import CountryContinentRedirect, Host

READABLE_BY_ALL = 0o644


@dataclass(frozen=True)
class Written:
    """What became of a cache: its size and what is in it."""

    size_bytes: int
    hosts: int
    repositories: int
    directories: int


def write_protobuf_cache(path: Path, *, now: datetime) -> Written:
    """Write the network as clients are to see it from now on, replacing the file when it is whole.

    Costs the queries of a snapshot and two more. Equal contents at an equal time give equal bytes.
    Raises OSError if the file cannot be written; then the old one is still there.
    """
    contents = load_contents(now=now)
    size = _replace(path, encode_cache(contents, _load_extras()))
    counts = contents.counts()
    return Written(size, counts["hosts"], counts["repositories"], counts["directories"])


def _load_extras() -> CacheExtras:
    return CacheExtras(
        continents=list(CountryContinentRedirect.objects.values_list("country_id", "continent")),
        max_connections=dict(Host.objects.values_list("id", "max_connections")),
    )


def _replace(path: Path, pieces: Iterable[bytes]) -> int:
    """Write a file beside its place and rename it there; return its size."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            os.fchmod(stream.fileno(), READABLE_BY_ALL)
            stream.writelines(pieces)
            stream.flush()
            os.fsync(stream.fileno())
        size = part.stat().st_size
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return size
