"""What changed on the master since a moment, from scans and from the metadata of Repositories."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Q

from crawler.logic.last_sync import LastSync, RepositoryChange, ScanChange, merge_changes
from crawler.models import MasterScan, RunState
from registry.logic.repository_kinds import (
    DATABASE,
    FIXED,
    NAMING,
    RepositoryFormat,
    metadata_place,
    verifies,
)
from registry.models import Category, FileDetail, Repository

ENTRIES = 500
BY_PATH = [format_ for format_, naming in NAMING.items() if naming.by_path]
CHANGES = ("added", "changed", "vanished")


class NoCategoryError(ValueError):
    """There is no public Category of this name."""


def load_last_sync(
    *, since: datetime, now: datetime, category: str = "", public_only: bool = True
) -> LastSync:
    """Return what changed, the newest first and at most 500 of each kind. Costs three queries.

    Raises NoCategoryError.
    """
    categories = Category.objects.filter(publiclist=True) if public_only else Category.objects.all()
    if category:
        categories = categories.filter(name=category)
    names = dict(categories.values_list("pk", "name"))
    if category and not names:
        raise NoCategoryError(f"There is no Category called “{category}”.")
    return LastSync(since, now, _scans(names, since), _repositories(names, since))


def _scans(names: dict[int, str], since: datetime) -> tuple[ScanChange, ...]:
    rows = (
        MasterScan.objects.filter(
            category__in=names, state=RunState.FINISHED, finished_at__gte=since
        )
        .order_by("-finished_at", "-id")
        .values_list("id", "category", "finished_at", "counts")
    )
    found = (
        ScanChange(id, names[category], at, counts)
        for id, category, at, counts in rows.iterator(chunk_size=500)
        if at is not None and any(counts.get(name) for name in CHANGES)
    )
    return tuple(scan for scan, _ in zip(found, range(ENTRIES), strict=False))


def _repositories(names: dict[int, str], since: datetime) -> tuple[RepositoryChange, ...]:
    """Return the Repositories whose current metadata came since; they are matched by path."""
    details = (
        FileDetail.objects.filter(directory__category__in=names, seen_at__gte=since)
        .filter(Q(filename__in=FIXED) | Q(filename__contains=DATABASE))
        .order_by("seen_at", "timestamp", "id")  # so that the current one is the last
        .values_list("directory__path", "filename", "seen_at", "timestamp", "size_bytes", "sha256")
    )
    found: dict[str, dict[str, tuple[datetime, int, int, str]]] = defaultdict(dict)
    for path, name, seen_at, timestamp, size_bytes, sha256 in details:
        found[path][name] = (seen_at, timestamp, size_bytes, sha256)
    rows = (
        Repository.objects.filter(category__in=names, disabled=False)
        # By prefix or, where clients ask so, by path.
        .filter(Q(pk__in=Repository.objects.addressable()) | Q(kind__in=BY_PATH))
        .order_by()
        .values_list("kind", "prefix", "arch__name", "category", "directory__path")
    )
    changes = [
        RepositoryChange(prefix, arch or "", names[category], *facts, path)
        for kind, prefix, arch, category, path in rows
        for name, facts in found.get(metadata_place(path, RepositoryFormat(kind)), {}).items()
        if verifies(RepositoryFormat(kind), name)
    ]
    return merge_changes(changes, limit=ENTRIES)
