"""Remember which state of each Repository's metadata a copy had when it was visited.

Belongs to the transaction that stores a visit. Only visits write these rows, and one Host is
visited by one process at a time.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from pyroaring import BitMap

from crawler.logic.held_metadata import Held, is_worth_writing, merge_held, pack_held, unpack_held
from crawler.models import HeldMetadata
from registry.models import HostCategory


class Seen(NamedTuple):
    """What one visit saw of a copy, which must be loaded with `held_metadata`.

    `read` has the content times by Directory, `wrong` the Directories that are certainly wrong.
    """

    copy: HostCategory
    read: Mapping[int, int]
    wrong: BitMap
    at: datetime


def store_held(seen: Iterable[Seen]) -> None:
    """Merge what was seen into what is remembered of some copies; one query for all of them.

    Copies of which no metadata was ever read get no row.
    """
    rows = []
    for copy, read, wrong, at in seen:
        before = held_by(copy)
        gone = {directory for directory in before if directory in wrong}
        after = merge_held(before, read, wrong=gone, seen_at=int(at.timestamp()))
        if is_worth_writing(before, after):
            rows.append(HeldMetadata(host_category=copy, states=pack_held(after)))
    if rows:
        HeldMetadata.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["host_category"], update_fields=["states"]
        )


def held_by(copy: HostCategory) -> dict[int, Held]:
    """Return what is remembered of a copy; no query if it was loaded with `held_metadata`."""
    row: HeldMetadata | None = getattr(copy, "held_metadata", None)
    return {} if row is None else unpack_held(row.states)
