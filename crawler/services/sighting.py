"""What a scan saw of a tree, in the compact form in which it is compared and written.

Runs a source and keeps of each directory its digest; the files only of what is new or changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crawler.logic.checksum_files import is_checksum_file
from crawler.logic.master_diff import Known, Seen, fits_index
from crawler.master.base import MasterSource, Oddity, OddityReason, ScannedDirectory
from crawler.services.master_tables import Listing
from registry.logic.listings import Entry, Facts, digest_encoded, encode_listing, pack_encoded
from registry.logic.places import join_path, printable, relative_to
from registry.logic.repository_kinds import (
    REPODATA,
    REPOMD,
    Metadata,
    RepositoryFormat,
    find_metadata,
    may_be_metadata,
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
    checksums: dict[str, tuple[Facts, ...]] = field(default_factory=dict)
    oddities: list[Oddity] = field(default_factory=list)
    files: int = 0
    size_bytes: int = 0

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
    _settle_metadata(sighting)
    return sighting


def _take(sighting: Sighting, path: str, found: ScannedDirectory, row: Known | None) -> None:
    if found.oddities:
        sighting.oddities.extend(found.oddities)
    if found.entries is None:
        sighting.seen[path] = Seen(None, found.readable, found.changed_at, found.listed)
        if row is not None:
            sighting.files += row.file_count
            sighting.size_bytes += row.size_bytes
        return
    encoded = encode_listing(found.entries)
    digest = digest_encoded(encoded)
    size_bytes = sum([size for _, size, _ in found.entries])
    sighting.seen[path] = Seen(digest, found.readable, found.changed_at)
    sighting.files += len(found.entries)
    sighting.size_bytes += size_bytes
    if row is None or row.digest != digest or row.changed_at != found.changed_at:
        sighting.listings[path] = Listing(pack_encoded(encoded), len(found.entries), size_bytes)
    if any(is_checksum_file(name) for name, _, _ in found.entries):
        sighting.checksums[path] = found.entries
    _take_metadata(sighting, path, found.entries)


def _take_metadata(sighting: Sighting, path: str, entries: tuple[Facts, ...]) -> None:
    names = [facts[0] for facts in entries]
    found = find_metadata(path, names) if may_be_metadata(names) else None
    if found is not None:
        known = {facts[0]: facts for facts in entries}
        wanted = (*found.files, *(found.otherwise.files if found.otherwise else ()))
        sighting.metadata[path] = MetadataSighting(
            found, tuple(Entry(*known[name]) for name in wanted)
        )
    elif path.rpartition("/")[2] == REPODATA:
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
