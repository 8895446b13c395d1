"""How much of a copy a visit looks at, and by which URLs it is asked.

Knows the modes and the order of protocols. Deliberately does not know when a visit is due.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from datetime import datetime
    from random import Random

    from crawler.logic.tree_comparison import Row

# Protocols that list a whole tree; every other one asks file by file.
LISTING = frozenset({"rsync"})


class Mode(StrEnum):
    """How much a visit looks at."""

    FULL = "full"
    CHANGES = "changes"
    REPODATA = "repodata"


class ModePolicy(NamedTuple):
    """How many Directories without any change a visit looks at nevertheless.

    Changes of the time of `lookback` before the last visit count as made since.
    """

    spot_checks: int = 20
    lookback: timedelta = timedelta(hours=1)


class Known(NamedTuple):
    """What is known of a copy before a visit: its up2date set, and since when it is believed.

    `since` is a Unix time; none means that it was never crawled.
    """

    up2date: Container[int]
    since: float | None


def choose_rows(
    rows: Sequence[Row],
    *,
    mode: Mode,
    known: Known,
    metadata: Container[int],
    policy: ModePolicy,
    rng: Random,
) -> Sequence[Row]:
    """Return the Directories to look at, in the order of the rows.

    For changes those that UMDL wrote since the last visit, those that are not up2date, and a few
    at random of the rest, so that what a mirror loses is noticed before the next full visit.
    `metadata` are ids of Directories whose files have known digests. A copy that was never crawled
    is looked at as a whole unless only metadata is wanted.
    """
    if mode is Mode.REPODATA:
        return [row for row in rows if row.id in metadata]
    if mode is Mode.FULL or known.since is None:
        return rows
    changed = [row.id not in known.up2date or row.scanned_at >= known.since for row in rows]
    rest = [position for position, needed in enumerate(changed) if not needed]
    drawn = set(rng.sample(rest, min(policy.spot_checks, len(rest))))
    return [row for at, row in enumerate(rows) if changed[at] or at in drawn]


def count_as_crawled_at(ended_at: datetime, *, loaded_at: datetime, policy: ModePolicy) -> datetime:
    """Return when a visit counts as made that was judged by the master tree as loaded then.

    What UMDL wrote after that was not looked at, so that a visit that ended long after counts as
    earlier: the next one looks back beyond the loading, by at least half of `lookback`, in which
    falls what was being written while the tree was loaded.
    """
    return min(ended_at, loaded_at + policy.lookback / 2)


def changed_since(crawled_at: datetime | None, *, policy: ModePolicy) -> float | None:
    """Return the Unix time since which changes count for a visit, none if it is the first."""
    return None if crawled_at is None else (crawled_at - policy.lookback).timestamp()


def order_urls(urls: Mapping[int, str], *, preference: Iterable[str], mode: Mode) -> dict[int, str]:
    """Return the URLs in the order in which they are asked.

    By the Category's preference of protocols, then as they came; URLs of other protocols are left
    out. A listing of a whole tree is for full visits: in any other it is only asked for if there
    is nothing else.
    """
    ranks = {protocol: rank for rank, protocol in enumerate(preference)}
    usable = {key: url for key, url in urls.items() if _protocol(url) in ranks}
    if mode is not Mode.FULL:
        cheap = {key: url for key, url in usable.items() if _protocol(url) not in LISTING}
        usable = cheap or usable
    return dict(sorted(usable.items(), key=lambda item: ranks[_protocol(item[1])]))


def _protocol(url: str) -> str:
    return url.partition(":")[0]
