"""Read Directories and up2date sets, and work out which Hosts every Directory has.

Continues the last snapshot where it can, so that a build after the crawl of a few Hosts costs
little; `mirrorlist.logic.continuing` says when. Writes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from django.db.models import TextField
from django.db.models.functions import Cast
from pyroaring import BitMap

from mirrorlist.logic.continuing import (
    WHOLE,
    Basis,
    CopyRow,
    changed_copies,
    continue_placing,
    why_anew,
)
from mirrorlist.logic.host_sets import Copy, HostMask
from mirrorlist.logic.placing import (
    DirectoryRow,
    Placement,
    make_rules,
    place_directories,
)
from mirrorlist.snapshot_file import SnapshotFile
from registry.models import Directory, ExclusiveDirectory, HostCategory

ASKED_BY_ID = 500
CONTINUED = "Only what changed since the last snapshot was built: {} up2date sets."


class Placing(NamedTuple):
    """Where Hosts are placed, what that follows from, and how it was worked out."""

    placement: Placement
    basis: Basis
    directory_count: int
    continues: bool
    how: str


def place(
    host_ids: Sequence[int],
    copies: Sequence[CopyRow],
    repository_paths: Iterable[str],
    last: SnapshotFile | None,
) -> Placing:
    """Return the Hosts of all Directories, or of those whose Hosts changed since `last`.

    `host_ids` are those in service, in the order of their positions. Costs three queries.
    """
    rows, fingerprint = _load_directories()
    exclusives = list(ExclusiveDirectory.objects.values_list("path", "host_id"))
    paths = frozenset(repository_paths)
    basis = Basis(fingerprint, tuple(host_ids), paths, frozenset(exclusives))
    positions = {host_id: position for position, host_id in enumerate(host_ids)}
    rules = make_rules(rows, paths, _masks(exclusives, positions))
    known = None if last is None else last.state()
    anew = why_anew(known, basis, copies, rules)
    if last is None or known is None or anew:
        found = place_directories(rows, _load_copies(copies, positions), rules)
        return Placing(found, basis, len(rows), continues=False, how=anew)
    changed = changed_copies(known, copies)
    placement = continue_placing(
        known,
        last.host_set_numbers({row.category_id for row in changed}),
        rows,
        _load_copies(changed, positions),
        rules,
    )
    how = CONTINUED.format(len(changed))
    return Placing(placement, basis, len(rows), continues=True, how=how)


def _load_directories() -> tuple[list[DirectoryRow], str]:
    """Return all Directories that are offered, and what changes if any of them does."""
    offered = Directory.objects.filter(vanished_at=None).order_by("id")
    changed_at = Cast("changed_at", TextField())
    digest = blake2b(digest_size=16)
    rows = []
    for *row, listed, readable, at in offered.values_list(
        "id", "path", "category_id", "digest", "readable", changed_at
    ).iterator():
        digest.update(f"{row}{bytes(listed).hex()}{readable}{at}".encode())
        rows.append(DirectoryRow(*row))
    return rows, digest.hexdigest()


def _masks(
    exclusives: Iterable[tuple[str, int]], positions: Mapping[int, int]
) -> dict[str, HostMask]:
    """Return the Hosts that may offer each exclusive Directory; those out of service may not."""
    found: dict[str, HostMask] = {}
    for path, host_id in exclusives:
        bit = 1 << positions[host_id] if host_id in positions else 0
        found[path] = found.get(path, 0) | bit
    return found


def _load_copies(copies: Sequence[CopyRow], positions: Mapping[int, int]) -> dict[int, list[Copy]]:
    """Read the up2date sets of some copies, by Category.

    One that changes meanwhile is newer than its revision says, and so is read again next time.
    """
    wanted = {row.host_category_id: row for row in copies}
    found: dict[int, list[Copy]] = {}
    for pk, up2date in _load_sets([row.host_category_id for row in copies if row.revision >= 0]):
        row = wanted.pop(pk)
        found.setdefault(row.category_id, []).append(Copy(positions[row.host_id], up2date))
    for row in wanted.values():
        nothing = None if row.revision == WHOLE else BitMap()
        found.setdefault(row.category_id, []).append(Copy(positions[row.host_id], nothing))
    return found


def _load_sets(ids: Sequence[int]) -> Iterator[tuple[int, BitMap]]:
    """Yield the sets of some HostCategories; with many of them all are asked for."""
    rows = HostCategory.objects.order_by("id")
    if len(ids) <= ASKED_BY_ID:
        rows = rows.filter(pk__in=ids)
    wanted = set(ids)
    return ((row.pk, row.up2date) for row in rows.only("up2date").iterator() if row.pk in wanted)
