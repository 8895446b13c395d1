"""Which records of visits are old enough to go."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime


class RecordPolicy(NamedTuple):
    """How long visits are remembered, and how many of each Host are, however old."""

    keep: timedelta = timedelta(days=60)
    newest_of_each: int = 10


class Record(NamedTuple):
    """One visit of a Host."""

    id: int
    host_id: int
    started_at: datetime


def outdated(records: Iterable[Record], *, now: datetime, policy: RecordPolicy) -> Iterator[Record]:
    """Return the visits that may be forgotten; they must come Host by Host, the newest first."""
    host, number = None, 0
    for record in records:
        number = number + 1 if record.host_id == host else 1
        host = record.host_id
        if number > policy.newest_of_each and now - record.started_at > policy.keep:
            yield record
