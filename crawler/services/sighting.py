"""What a scan saw of a tree, in the compact form in which it is compared and written.

Runs a source and keeps of each directory its digest; the files only of what is new or changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crawler.logic.checksum_files import is_checksum_file
from crawler.logic.master_diff import Known, Seen, fits_index
from crawler.logic.notable_files import may_be_notable
from crawler.master.base import Files, MasterSource, Oddity, OddityReason, ScannedDirectory
from crawler.services.master_tables import Listing
from registry.logic.listings import Entry, digest_encoded, pack_encoded
from registry.logic.places import join_path, printable, relative_to
from registry.logic.repository_kinds import (
    REPODATA,
    REPOMD,
    Metadata,
    RepositoryFormat,
    find_metadata,
)

# Often enough that a person sees it move, seldom enough that it costs nothing.
REPORT_EVERY = 500


@dataclass(frozen=True)
class MetadataSighting:
    """What a Directory holds of metadata, and how its files are listed."""

    found: Metadata
    entries: tuple[Entry, ...]


@dataclass
class Sighting:
    """A scanned tree by whole paths; `metadata` are Directories with files that clients verify.

    `checksums` are Directories with checksum files, and all files there.
    """

    seen: dict[str, Seen] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    metadata: dict[str, MetadataSighting] = field(default_factory=dict)
    checksums: dict[str, Files] = field(default_factory=dict)
    oddities: list[Oddity] = field(default_factory=list)

    @property
    def files(self) -> int:
        """Return how many files the tree has."""
        return sum(facts.file_count for facts in self.seen.values())

    @property
    def size_bytes(self) -> int:
        """Return what they have together."""
        return sum(facts.size_bytes for facts in self.seen.values())

    def repositories(self) -> dict[str, RepositoryFormat]:
        """Return the paths of the Repositories that were seen, with their formats.

        Where there are several in one Directory, that of the format named first counts.
        """
        order = list(RepositoryFormat)
        found: dict[str, RepositoryFormat] = {}
        for each in self.metadata.values():
            path, format_ = each.found.repository, each.found.format
            if path and path in self.seen and path.rpartition("/")[2] != REPODATA:
                found[path] = min(found.get(path, format_), format_, key=order.index)
        return found


def look_at_tree(
    source: MasterSource,
    *,
    top: str,
    known: Mapping[str, Known],
    believed: Mapping[str, datetime],
    beat: Callable[[], None],
    progress: Callable[[str, int], None],
) -> Sighting:
    """Let a source look at a whole tree and return what it saw.

    `believed` are change times at which files need no look; `beat` is called now and then.
    Raises SourceError if the tree cannot be read.
    """
    sighting = Sighting()
    unchanged = {relative_to(path, top): moment for path, moment in believed.items()}
    prefix = f"{top}/" if top else ""
    for found in source.directories(unchanged=unchanged, beat=beat):
        if isinstance(found, Oddity):
            sighting.oddities.append(found)
            continue
        path = prefix + found.path if found.path else top
        if not fits_index(path):
            sighting.oddities.append(
                Oddity(
                    OddityReason.PATH_TOO_LONG,
                    f"“{printable(path[:200])}…” has a path too long to store; it is left out.",
                )
            )
            continue
        _take(sighting, path, found, known.get(path))
        if len(sighting.seen) % REPORT_EVERY == 0:
            progress("scan", len(sighting.seen))
            beat()
    _note_missing(sighting)
    _settle_metadata(sighting)
    return sighting


def _take(sighting: Sighting, path: str, found: ScannedDirectory, row: Known | None) -> None:
    """Take one directory; one that was seen before is forgotten first."""
    if path in sighting.seen:
        for kept in (sighting.listings, sighting.metadata, sighting.checksums):
            kept.pop(path, None)
    if found.oddities:
        sighting.oddities.extend(found.oddities)
    files, readable, changed_at = found.files, found.readable, found.changed_at
    if row is not None and row.changed_at == changed_at:
        changed_at = row.changed_at  # so that half of all times need no memory
    if files is None:
        count, size_bytes = (row.file_count, row.size_bytes) if row else (0, 0)
        sighting.seen[path] = Seen(None, readable, changed_at, found.listed, count, size_bytes)
        return
    encoded, size_bytes = files
    digest = digest_encoded(encoded)
    if row is not None and row.digest == digest:
        digest, count = row.digest, row.file_count
    else:
        count = files.file_count
        sighting.listings[path] = Listing(pack_encoded(encoded), count, size_bytes)
    sighting.seen[path] = Seen(
        digest, readable, changed_at, file_count=count, size_bytes=size_bytes
    )
    if may_be_notable(encoded):
        _take_notable(sighting, path, files)


def _take_notable(sighting: Sighting, path: str, files: Files) -> None:
    """Keep what a scan reads of a Directory: its metadata, and checksum files with all files."""
    known = {entry.name: entry for entry in files.entries}
    if any(is_checksum_file(name) for name in known):
        sighting.checksums[path] = files
    found = find_metadata(path, known.keys())
    if found is None:
        return
    wanted = (*found.files, *(found.otherwise.files if found.otherwise else ()))
    sighting.metadata[path] = MetadataSighting(found, tuple(known[name] for name in wanted))


def _note_missing(sighting: Sighting) -> None:
    """Note where metadata should be, now that no directory is shown once more."""
    named = [path for path in sighting.seen if path.endswith(REPODATA)]
    for path in named:
        looked_at = sighting.seen[path].digest is not None
        if path.rpartition("/")[2] == REPODATA and looked_at and path not in sighting.metadata:
            sighting.oddities.append(
                Oddity(OddityReason.REPODATA, f"“{printable(path)}” has no {REPOMD}.")
            )


def _settle_metadata(sighting: Sighting) -> None:
    """Decide about metadata that counts only with a certain child, now that all have been seen."""
    for path, each in list(sighting.metadata.items()):
        found: Metadata | None = each.found
        if found is not None and found.below and join_path(path, found.below) not in sighting.seen:
            found = found.otherwise
        del sighting.metadata[path]
        if found is not None:
            entries = tuple(entry for entry in each.entries if entry.name in found.files)
            sighting.metadata[path] = MetadataSighting(found, entries)
