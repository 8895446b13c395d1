"""Turn the up2date sets of Hosts into the set of Hosts of every Directory.

Knows ids only. Most Directories of a Category share their set of Hosts, so equal sets are one
object.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pyroaring import BitMap

Members = tuple[int, ...]


class Copy(NamedTuple):
    """What one Host has of a Category; None means all of it, without looking."""

    member: int
    up2date: BitMap | None


def hosts_by_directory(directory_ids: Iterable[int], copies: Iterable[Copy]) -> dict[int, Members]:
    """Return the sorted Hosts of every Directory of one Category.

    Hosts mostly have nearly everything or nearly nothing, so each is noted at the Directories
    where it is the exception; equal notes mean equal sets. Costs at most half of Hosts ×
    Directories steps, usually a few percent of that.
    """
    whole = BitMap(directory_ids)
    exceptions: dict[int, list[int]] = {directory_id: [] for directory_id in whole}
    usual: set[int] = set()
    for member, up2date in copies:
        has = whole if up2date is None else whole & up2date
        rare = has
        if 2 * len(has) > len(whole):
            usual.add(member)
            rare = whole - has
        for directory_id in rare:
            exceptions[directory_id].append(member)
    sets: dict[Members, Members] = {}
    found: dict[int, Members] = {}
    for directory_id, listed in exceptions.items():
        key = tuple(listed)
        if key not in sets:
            sets[key] = tuple(sorted(usual.symmetric_difference(key)))
        found[directory_id] = sets[key]
    return found


def require_metadata(hosts: dict[int, Members], metadata: Mapping[int, int]) -> dict[int, Members]:
    """Take from each Repository's Directory the Hosts whose metadata Directory is behind.

    `metadata` names the repodata of a Repository's Directory. A mirrorlist names the Directory
    above it, and a Host whose metadata is old would make clients miss packages that it has.
    Deliberately more than MirrorManager does.
    """
    sets: dict[Members, Members] = {}
    result = dict(hosts)
    for directory_id, metadata_id in metadata.items():
        current = set(hosts[metadata_id])
        both = tuple(member for member in hosts[directory_id] if member in current)
        result[directory_id] = sets.setdefault(both, both)
    return result
