"""How far the newest content of a Repository has come: ages of copies, and how many have which.

The thresholds are MirrorManager's: whole days between the time that the metadata of a copy gives
itself and that of the master. Deliberately knows no tables.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from crawler.logic.held_metadata import Held
from crawler.logic.verdicts import UNRECOGNIZED


class Age(StrEnum):
    """How old a copy is, compared with the master."""

    SAME_DAY = "same_day"
    ONE_DAY = "one_day"
    TWO_DAY = "two_day"
    OLDER = "older"
    NO_INFO = "no_info"


LABELS = {
    Age.SAME_DAY: "up to 1 day behind",
    Age.ONE_DAY: "1 to 2 days behind",
    Age.TWO_DAY: "2 to 3 days behind",
    Age.OLDER: "more than 3 days behind",
    Age.NO_INFO: "no information",
}
# The first limit that the difference keeps decides; beyond all it is older.
LIMITS = (
    (timedelta(days=1), Age.SAME_DAY),
    (timedelta(days=2), Age.ONE_DAY),
    (timedelta(days=3), Age.TWO_DAY),
)


class PropagationPolicy(NamedTuple):
    """For how long it counts what a visit saw, if nothing was learned since.

    Longer than the time between two visits that look at everything.
    """

    believed: timedelta = timedelta(days=8)


class Copy(NamedTuple):
    """What one Host has of a Category by Directory id, and when it was last looked at."""

    held: Mapping[int, Held]
    visited_at: datetime | None = None


def age_of(
    held: Held | None,
    reference: int,
    *,
    visited_at: datetime | None,
    now: datetime,
    policy: PropagationPolicy,
) -> Age:
    """Return the age of a copy whose master has the content of the time `reference`.

    Content in no known state is older than everything that is remembered. Content that is newer
    than the master's was withdrawn; it counts by its distance all the same. What was seen counts
    while it is confirmed: a visit that finds nothing changed does not read it again.
    """
    if held is None:
        return Age.NO_INFO
    confirmed_at = max(held.seen_at, visited_at.timestamp() if visited_at else 0)
    if now.timestamp() - confirmed_at > policy.believed.total_seconds():
        return Age.NO_INFO
    if held.content_at == UNRECOGNIZED:
        return Age.OLDER
    difference = timedelta(seconds=abs(reference - held.content_at))
    return next((age for limit, age in LIMITS if difference <= limit), Age.OLDER)


def count_ages(
    directory: int,
    reference: int,
    copies: Iterable[Copy],
    *,
    now: datetime,
    policy: PropagationPolicy,
) -> dict[Age, int]:
    """Return how many copies have which age of the metadata in one Directory, zeros included."""
    counts = Counter(
        age_of(
            copy.held.get(directory), reference, visited_at=copy.visited_at, now=now, policy=policy
        )
        for copy in copies
    )
    return {age: counts[age] for age in Age}


def behind_master(copy: Copy, references: Mapping[int, int]) -> timedelta | None:
    """Return how much older the newest metadata of a copy is than the newest of the master.

    `references` are the content times of a Category's metadata by Directory. None if nothing the
    copy has is known; never negative.
    """
    known = [
        held.content_at
        for directory, held in copy.held.items()
        if directory in references and held.content_at != UNRECOGNIZED
    ]
    if not known:
        return None
    return timedelta(seconds=max(max(references.values()) - max(known), 0))
