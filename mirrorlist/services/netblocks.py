"""Make the file that says which network belongs to which autonomous system, and export it.

Sources are fetched and read one after the other; the file in use changes in one step, after the
new one was opened and asked, or not at all.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import IO

import maxminddb
from django.conf import settings

from mirrorlist.asn_sources import (
    Advance,
    ReadLimits,
    Rejected,
    SourceError,
    read_source,
    write_lines,
)
from mirrorlist.geo import GeoFiles
from mirrorlist.logic.asn_table import (
    AsnTable,
    Counts,
    describe_counts,
    judge_replacement,
    read_counts,
)
from mirrorlist.logic.mmdb import encode_database, grow_tree
from mirrorlist.logic.rib_urls import fill_url, newest_dump
from registry.download import DownloadError, DownloadPolicy, download, is_url

# Prefixes of a new file that are asked for before it is used.
ASKED = 5000
GREATEST_PAGE_BYTES = 1 << 22

# Is told what is done, how many bytes more of it, and how many there are.
Progress = Callable[[str, int, int | None], object]


class State(Enum):
    """What became of a build."""

    PUBLISHED = "published"
    TRIED = "tried"
    REFUSED = "refused"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class NetblocksPolicy:
    """Where the file is, what it is made from, and what may replace the last one."""

    path: Path
    sources: tuple[str, ...] = ()
    greatest_loss_percent: int = 10
    limits: ReadLimits = field(default_factory=ReadLimits)
    fetching: DownloadPolicy = field(default_factory=DownloadPolicy)


@dataclass
class Built:
    """What became of a build, with the reason and the numbers."""

    state: State
    sentence: str
    counts: Counts = field(default_factory=lambda: Counts(0, 0))
    asns: int = 0
    left_out: int = 0
    size_bytes: int = 0
    rejected: Rejected = field(default_factory=Rejected)

    @property
    def good(self) -> bool:
        return self.state in {State.PUBLISHED, State.TRIED, State.SKIPPED}


def netblocks_policy() -> NetblocksPolicy:
    """Return the policy that the settings ask for.

    Operators choose the sources, so those may be at private addresses.
    """
    return NetblocksPolicy(
        path=settings.MIRRORLIST_NETBLOCKS_FILE,
        sources=tuple(settings.MIRRORLIST_NETBLOCKS_SOURCES),
        greatest_loss_percent=settings.MIRRORLIST_NETBLOCKS_GREATEST_LOSS_PERCENT,
        fetching=DownloadPolicy(
            user_agent=f"Mirrorsite/{settings.VERSION} (+{settings.BASE_URL})",
            allow_private=True,
            greatest_bytes=1 << 31,
        ),
    )


def build_netblocks(
    sources: Sequence[str] = (),
    *,
    now: datetime,
    policy: NetblocksPolicy,
    force: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda stage, count, total: None,
) -> Built:
    """Make the file from URLs or paths; without any, from those of the policy.

    Of a prefix that several sources have, the first source counts. If one of them cannot be read
    to its end, the last file stays. A dry run does everything but put the file in place.
    """
    chosen = tuple(sources) or policy.sources
    if not chosen:
        return Built(
            State.SKIPPED,
            "There is nothing to make it from: set MIRRORLIST_NETBLOCKS_SOURCES, or name sources.",
        )
    built = Built(State.FAILED, "")
    policy.path.parent.mkdir(parents=True, exist_ok=True)
    try:
        table = _read(chosen, built, now=now, policy=policy, progress=progress)
        built.counts, built.asns = table.counts(), table.asns()
        verdict = judge_replacement(
            built.counts,
            last_counts(policy.path),
            greatest_loss_percent=policy.greatest_loss_percent,
            force=force,
        )
        built.sentence = verdict.sentence
        if not verdict.allows:
            built.state = State.REFUSED
            return built
        _write(table, built, now=now, path=policy.path, dry_run=dry_run)
    except OSError as error:
        built.state, built.sentence = State.FAILED, f"{error} The last file stays in use."
    return built


def export_netblocks(target: Path) -> int:
    """Write the autonomous systems in use as global_netblocks.txt; return how many lines.

    Raises SourceError if there is no file to export, or OSError.
    """
    database = Path(settings.MIRRORLIST_ASN_MMDB or settings.MIRRORLIST_NETBLOCKS_FILE)
    if not database.is_file():
        raise SourceError(f"There is no {database} to export; run manage.py netblocks first.")
    with _beside(target) as part:
        with part.open("w") as file:
            count = write_lines(database, file)
            _sync(file)
        os.replace(part, target)
    return count


def _read(
    sources: Sequence[str],
    built: Built,
    *,
    now: datetime,
    policy: NetblocksPolicy,
    progress: Progress,
) -> AsnTable:
    table = AsnTable()
    for source in sources:
        with _local(source, now=now, policy=policy, progress=progress) as path:
            rows = read_source(
                path,
                rejected=built.rejected,
                limits=policy.limits,
                advance=_advance(source, path, progress),
            )
            for prefix, asn in rows:
                built.left_out += not table.add(prefix, asn)
    return table


def _advance(source: str, path: Path, progress: Progress) -> Advance:
    total = path.stat().st_size
    return lambda count: progress(f"reading {source}", count, total)


@contextmanager
def _local(
    source: str, *, now: datetime, policy: NetblocksPolicy, progress: Progress
) -> Iterator[Path]:
    """Give the path of a source; one from the Internet is a temporary file beside the target."""
    if not is_url(source):
        path = Path(source)
        if not path.is_file():
            raise SourceError(f"{path} is no file.")
        yield path
        return
    url = fill_url(source, now.date())
    if url.endswith("/"):
        url = _newest(url, policy)
    with _beside(policy.path, word="download") as path:
        with path.open("wb") as file:
            download(
                url,
                file,
                policy=policy.fetching,
                advance=lambda count, total: progress(f"fetching {url}", count, total),
            )
        yield path


def _newest(url: str, policy: NetblocksPolicy) -> str:
    with tempfile.TemporaryFile() as file:
        download(url, file, policy=policy.fetching._replace(greatest_bytes=GREATEST_PAGE_BYTES))
        file.seek(0)
        found = newest_dump(url, file.read().decode("utf-8", "replace"))
    if found is None:
        raise DownloadError(f"{url} links no dump of a routing table.")
    return found


def _write(table: AsnTable, built: Built, *, now: datetime, path: Path, dry_run: bool) -> None:
    """Write the table beside the file in use, try it out, and let it take the place."""
    numbers: dict[int, int] = {}
    rows = (
        # IPv4 is at ::/96, and value 0 would be nothing.
        (prefix.address, prefix.length + 128 - bits, numbers.setdefault(asn, len(numbers) + 1))
        for bits in (32, 128)
        for prefix, asn in table.rows(bits)
    )
    tree = grow_tree(rows)
    with _beside(path) as part:
        with part.open("wb") as file:
            description = describe_counts(built.counts)
            file.writelines(
                encode_database(
                    tree, list(numbers), built_at=int(now.timestamp()), description=description
                )
            )
            _sync(file)
        _try_out(part, table)
        built.size_bytes = part.stat().st_size
        if dry_run:
            built.state = State.TRIED
            return
        os.replace(part, path)
    built.state = State.PUBLISHED


def _try_out(path: Path, table: AsnTable) -> None:
    """Ask a new file as an edge would. Raises SourceError if it disagrees with the table."""
    geo = GeoFiles(asn=str(path))
    if geo.problem:
        raise SourceError(f"The new file cannot be used. {geo.problem}")
    step = max(1, len(table) // ASKED)
    for bits in (32, 128):
        for prefix, _ in islice(table.rows(bits), 0, None, step):
            address = str(prefix).partition("/")[0]
            if geo.asn(address) != table.find(prefix.address, bits):
                raise SourceError(f"The new file has another autonomous system for {address}.")


def last_counts(path: Path) -> Counts | None:
    """Return what the file in use has; None if there is none, or none of ours."""
    try:
        with maxminddb.open_database(str(path), maxminddb.MODE_MMAP_EXT) as reader:
            return read_counts(reader.metadata().description.get("en", ""))
    except (OSError, maxminddb.InvalidDatabaseError):
        return None


@contextmanager
def _beside(path: Path, *, word: str = "part") -> Iterator[Path]:
    """Give a new file in the directory of another; it goes, unless it took the other's place."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=f".{word}", dir=path.parent)
    os.fchmod(handle, 0o644)  # edges run as another user
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _sync(file: IO[str] | IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
