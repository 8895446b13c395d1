"""Rows of host_category_dir as up2date sets of our ids, and whether to believe them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pyroaring import BitMap

from registry.logic.mirrormanager.rows import Carried
from registry.logic.places import join_path, normalize_path


@dataclass(frozen=True)
class Translated:
    """An up2date set in our ids, and how many of its rows name no Directory of the Category."""

    ids: BitMap
    lost: int


@dataclass(frozen=True)
class Seen:
    """When this system last looked at a HostCategory itself, and when its Host checked in here."""

    crawled_at: datetime | None
    checked_in_at: datetime | None


def translate(
    carried: Carried,
    *,
    top: str,
    ids: Mapping[int, int],
    by_path: Mapping[str, int],
    category: BitMap,
) -> Translated:
    """Return the set of one HostCategory.

    `ids` leads from MirrorManager's Directories to ours. Rows without a Directory count by their
    path, with or without the slash that MirrorManager's crawler puts before it; Directories of
    other Categories do not count. A Directory is up2date if any of its rows says so.
    """
    found = BitMap(ids[id] for id in carried.directory_ids if id in ids)
    found |= BitMap(_by_path(carried.paths, top=top, by_path=by_path))
    kept = found & category
    # Two rows of one Directory, with and without the slash, are one, and none is lost.
    unknown = sum(1 for id in carried.directory_ids if id not in ids)
    unknown += sum(1 for path in carried.paths if not _by_path([path], top=top, by_path=by_path))
    return Translated(kept, unknown + len(found) - len(kept))


def _by_path(paths: Iterable[str], *, top: str, by_path: Mapping[str, int]) -> list[int]:
    found = []
    for path in paths:
        try:
            whole = join_path(top, normalize_path(path))
        except ValueError:
            continue
        if whole in by_path:
            found.append(by_path[whole])
    return found


def seen_better(seen: Seen, checked_in_at: datetime | None) -> str | None:
    """Return in a sentence why our own set is kept, or None if MirrorManager's is to be taken.

    A crawl of ours looked at the files itself; a check-in counts if it came later than the last one
    that MirrorManager had.
    """
    if seen.crawled_at is not None:
        return "This system has crawled it, and knows better."
    if seen.checked_in_at is None:
        return None
    if checked_in_at is None or seen.checked_in_at > checked_in_at:
        return "It has checked in here since, and that is newer."
    return None
