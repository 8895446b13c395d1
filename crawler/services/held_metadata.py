"""Remember which state of each Repository's metadata a copy had when it was visited.

Belongs to the transaction that stores a visit. Only visits write these rows, and one Host is
visited by one process at a time.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pyroaring import BitMap

from crawler.logic.held_metadata import Held, merge_held, pack_held, unpack_held
from crawler.models import HeldMetadata
from registry.models import HostCategory


def store_held(
    copies: Iterable[HostCategory],
    seen: Mapping[int, tuple[Mapping[int, int], BitMap]],
    *,
    now: datetime,
) -> None:
    """Merge what was seen into what is remembered of some copies; one query for all of them.

    `seen` has by HostCategory the content times by Directory, and the Directories that are
    certainly wrong. The copies must be loaded with `held_metadata`. Copies of which no metadata
    was ever read get no row.
    """
    rows = []
    for copy in copies:
        read, wrong = seen[copy.pk]
        before = held_by(copy)
        gone = {directory for directory in before if directory in wrong}
        after = merge_held(before, read, wrong=gone, seen_at=int(now.timestamp()))
        if after != before:
            rows.append(HeldMetadata(host_category=copy, states=pack_held(after)))
    if rows:
        HeldMetadata.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["host_category"], update_fields=["states"]
        )


def held_by(copy: HostCategory) -> dict[int, Held]:
    """Return what is remembered of a copy; no query if it was loaded with `held_metadata`."""
    row: HeldMetadata | None = getattr(copy, "held_metadata", None)
    return {} if row is None else unpack_held(row.states)
