"""What a scan saw of a tree, in the compact form in which it is compared and written.

Runs a source and keeps of each directory its digest; the files only of what is new or changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crawler.logic.master_diff import Known, Seen, fits_index
from crawler.logic.repomd import DIRECTORY, FILENAME
from crawler.master.base import MasterSource, Oddity, OddityReason, ScannedDirectory
from crawler.services.master_tables import Listing
from registry.logic.listings import Entry, Facts, digest_encoded, encode_listing, pack_encoded
from registry.logic.places import printable, relative_to

# Often enough that a person sees it move, seldom enough that it costs nothing.
REPORT_EVERY = 500


@dataclass
class Sighting:
    """A scanned tree by whole paths; `repodata` are Directories with their repomd.xml."""

    seen: dict[str, Seen] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    repodata: dict[str, Entry] = field(default_factory=dict)
    oddities: list[Oddity] = field(default_factory=list)
    files: int = 0
    size_bytes: int = 0


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
    for found in source.directories(unchanged=unchanged):
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
    if path.endswith(DIRECTORY) and path.rpartition("/")[2] == DIRECTORY:
        _take_repodata(sighting, path, found.entries)


def _take_repodata(sighting: Sighting, path: str, entries: tuple[Facts, ...]) -> None:
    entry = next((Entry(*facts) for facts in entries if facts[0] == FILENAME), None)
    if entry is not None:
        sighting.repodata[path] = entry
    else:
        sighting.oddities.append(
            Oddity(OddityReason.REPODATA, f"“{printable(path)}” has no {FILENAME}.")
        )
