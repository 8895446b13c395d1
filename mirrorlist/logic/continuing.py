"""Continue a snapshot: work out what changed since the last one, instead of everything.

Most builds follow the crawl of a few Hosts. Then Directories and Hosts are what they were, and only
some sets differ. The result equals that of building everything anew. Deliberately knows neither
files nor tables.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pyroaring import BitMap

from mirrorlist.logic.host_sets import Copy, HostMask, number_of
from mirrorlist.logic.placing import DirectoryRow, Placement, Rules
from mirrorlist.logic.snapshot import Directory

# From here on it takes longer than building everything.
GREATEST_SHARE = 0.1
GREATEST_WASTE = 0.25
# Revisions of copies that have no set: all of a Category, and none of it anymore.
WHOLE, GONE = -1, -2


class CopyRow(NamedTuple):
    """Which state of an up2date set went into a snapshot; see WHOLE."""

    category_id: int
    host_id: int
    host_category_id: int
    revision: int


@dataclass(frozen=True)
class Basis:
    """What the sets of a snapshot follow from, apart from the up2date sets themselves.

    Host sets are numbered the same way only if these are equal. `fingerprint` stands for all
    Directories.
    """

    fingerprint: str = ""
    host_ids: tuple[int, ...] = ()
    repository_paths: frozenset[str] = frozenset()
    exclusives: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True)
class Last:
    """The snapshot before: its basis, its copies, its sets with the number of their Directories.

    `wasted` is the share of its file that holds nothing anymore.
    """

    basis: Basis
    copies: frozenset[CopyRow]
    sets: Mapping[int, tuple[HostMask, int]]
    wasted: float


def why_anew(last: Last | None, basis: Basis, copies: Sequence[CopyRow], rules: Rules) -> str:
    """Return why everything must be built, in a sentence, or the empty text."""
    if last is None:
        return "Everything was built anew, not from an earlier snapshot."
    changed = len(changed_copies(last, copies))
    reasons = (
        (last.basis.fingerprint != basis.fingerprint, "Directories changed"),
        (last.basis.host_ids != basis.host_ids, "Hosts came into service or left it"),
        (last.basis.repository_paths != basis.repository_paths, "Repositories changed"),
        (last.basis.exclusives != basis.exclusives, "exclusive Directories changed"),
        (last.wasted > GREATEST_WASTE, "the last file has too many gaps"),
        (rules.crosses, "the metadata of a Repository is in another Category"),
        (changed > GREATEST_SHARE * len(copies) + 1, f"{changed} up2date sets changed"),
    )
    reason = next((text for holds, text in reasons if holds), "")
    return f"Everything was built anew: {reason}." if reason else ""


def changed_copies(last: Last, copies: Iterable[CopyRow]) -> list[CopyRow]:
    """Return the copies that are new or changed, and those that are GONE."""
    now = set(copies)
    there = {row[:2] for row in now}
    gone = [row._replace(revision=GONE) for row in last.copies if row[:2] not in there]
    return sorted([*(now - last.copies), *gone])


def continue_placing(
    last: Last,
    numbers: Mapping[int, int],
    rows: Iterable[DirectoryRow],
    copies: Mapping[int, Iterable[Copy]],
    rules: Rules,
) -> Placement:
    """Return the Directories whose Hosts changed, and all sets.

    `copies` are those that changed, by Category; a Host that has nothing of one anymore has an
    empty copy. `numbers` are those of the last sets of Directories, `rows` all Directories.
    """
    masks = {number: mask for number, (mask, _) in last.sets.items()}
    there: dict[int, list[DirectoryRow]] = {}
    for row in rows:
        if row.category_id in copies:
            there.setdefault(row.category_id, []).append(row)
    changed: dict[int, HostMask] = {}
    for category_id, theirs in copies.items():
        ids = [row.id for row in there.get(category_id, ())]
        for copy in theirs:
            for directory_id in _flipped(ids, numbers, masks, copy, rules):
                before = changed.get(directory_id, masks[numbers[directory_id]])
                changed[directory_id] = before ^ (1 << copy.member)
    moved = [
        Directory(*row, number_of(changed[row.id]))
        for category_rows in there.values()
        for row in category_rows
        if row.id in changed
    ]
    return Placement(_sets_in_use(last, numbers, moved, changed), moved)


def _flipped(
    ids: Sequence[int],
    numbers: Mapping[int, int],
    masks: Mapping[int, HostMask],
    copy: Copy,
    rules: Rules,
) -> BitMap:
    """Return the Directories of one Category that a Host has now and had not, or had."""
    with_host = {number for number, mask in masks.items() if mask >> copy.member & 1}
    had = BitMap(directory_id for directory_id in ids if numbers[directory_id] in with_host)
    whole = BitMap(ids)
    has = whole if copy.up2date is None else whole & copy.up2date
    return had ^ rules.offered(has, copy.member)


def _sets_in_use(
    last: Last,
    numbers: Mapping[int, int],
    moved: Iterable[Directory],
    changed: Mapping[int, HostMask],
) -> dict[int, HostMask]:
    """Return the sets that Directories have after some moved to others."""
    masks = {number: mask for number, (mask, _) in last.sets.items()}
    uses = Counter({number: count for number, (_, count) in last.sets.items()})
    for directory in moved:
        masks[directory.host_set_id] = changed[directory.id]
        uses[directory.host_set_id] += 1
        uses[numbers[directory.id]] -= 1
    return {number: mask for number, mask in masks.items() if uses[number]}
