"""What changed on the master since a moment, from scans and from the metadata of Repositories."""

from datetime import datetime

from crawler.logic.last_sync import LastSync, RepositoryChange, ScanChange, merge_changes
from crawler.logic.repomd import DIRECTORY, FILENAME
from crawler.models import MasterScan, RunState
from registry.models import Category, FileDetail, Repository

ENTRIES = 500
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
        FileDetail.objects.filter(
            directory__category__in=names, filename=FILENAME, seen_at__gte=since
        )
        .order_by("seen_at", "timestamp", "id")  # so that the current one is the last
        .values_list("directory__path", "seen_at", "timestamp", "size_bytes", "sha256")
    )
    found = {row[0]: row for row in details}
    rows = (
        Repository.objects.addressable()
        .filter(category__in=names, disabled=False)
        .order_by()
        .values_list("prefix", "arch__name", "category", "directory__path")
    )
    changed = []
    for prefix, arch, category, path in rows:
        if detail := found.get(f"{path}/{DIRECTORY}"):
            changed.append(RepositoryChange(prefix, arch or "", names[category], *detail[1:]))
    return merge_changes(changed, limit=ENTRIES)
