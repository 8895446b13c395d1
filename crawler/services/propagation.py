"""Measure how far the content of Repositories has come, from what visits already know.

Asks no mirror. Writes one PropagationStat per Repository, how far each copy is behind, and drops
what is too old.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from crawler.logic.held_metadata import unpack_held
from crawler.logic.propagation import Copy, PropagationPolicy, behind_master, count_ages
from crawler.models import PropagationStat
from registry.logic.repository_kinds import REPOMD, RepositoryFormat, find_metadata
from registry.models import FileDetail, Host, HostCategory, Repository

POLICY = PropagationPolicy()
ROWS_AT_ONCE = 500


class UnknownPrefixError(ValueError):
    """No Repository has this prefix."""


@dataclass(frozen=True)
class Reference:
    """What the master has of a Repository: the Directory of its metadata, and its content time."""

    directory: int
    content_at: int


def measure(
    prefixes: Collection[str] = (), *, keep: timedelta, now: datetime
) -> list[PropagationStat]:
    """Measure Repositories by prefix, or all that clients ask for, and store the numbers.

    Counted are public Hosts in service whose copies are visited; an operator's word that a copy
    is always up2date is no measurement. Without `prefixes` the sync offset of each copy is
    written, too. Numbers older than `keep` go. Raises UnknownPrefixError.
    """
    repositories = _repositories(prefixes)
    references = _references(repositories)
    copies = _copies({repository.category_id for repository in repositories})
    stats = [
        PropagationStat(
            repository=repository,
            at=now,
            **count_ages(
                reference.directory,
                reference.content_at,
                copies[repository.category_id].values(),
                now=now,
                policy=POLICY,
            ),
        )
        for repository in repositories
        if (reference := references.get(repository.pk))
    ]
    with transaction.atomic():
        PropagationStat.objects.bulk_create(stats, ROWS_AT_ONCE, ignore_conflicts=True)
        if not prefixes:
            _store_offsets(repositories, references, copies)
        PropagationStat.objects.filter(at__lt=now - keep).delete()
    return stats


def _repositories(prefixes: Collection[str]) -> list[Repository]:
    found = Repository.objects.asked_for().select_related("arch", "directory")
    found = found.defer("directory__listing", "directory__digest").order_by(
        "prefix", "arch__name", "directory__path"
    )
    if not prefixes:
        return list(found.filter(disabled=False))
    chosen = list(found.filter(prefix__in=prefixes))
    for prefix in prefixes:
        if all(repository.prefix != prefix for repository in chosen):
            raise UnknownPrefixError(f"No Repository has the prefix “{prefix}”.")
    return chosen


def _references(repositories: Iterable[Repository]) -> dict[int, Reference]:
    """Return the current metadata by the id of the Repository; those without any are left out.

    Which file that is depends on the kind of Repository. Two queries.
    """
    known = {(each.kind, each.directory.path): each.pk for each in repositories}
    paths = {each.directory_id for each in repositories if each.kind != RepositoryFormat.RPM.value}
    details = FileDetail.objects.filter(Q(filename=REPOMD) | Q(directory__in=paths)).newest_first()
    current: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    rows = details.values_list("directory_id", "directory__path", "filename", "timestamp")
    for directory, path, name, timestamp in rows.iterator():
        current[directory, path].setdefault(name, timestamp)
    found: dict[int, Reference] = {}
    for (directory, path), times in current.items():
        metadata = find_metadata(path, times)
        while metadata is not None:
            if pk := known.get((metadata.format.value, metadata.repository)):
                found.setdefault(pk, Reference(directory, times[metadata.files[0]]))
            metadata = metadata.otherwise
    return found


def _copies(category_ids: Collection[int]) -> dict[int, dict[int, Copy]]:
    """Return the copies that count by Category and id."""
    rows = (
        HostCategory.objects.filter(
            host__in=Host.objects.listable().order_by().values("pk"),
            category__in=category_ids,
            always_up2date=False,
        )
        .order_by("id")
        .values_list("category_id", "id", "last_crawled_at", "held_metadata__states")
    )
    found: dict[int, dict[int, Copy]] = defaultdict(dict)
    for category, copy, visited_at, states in rows.iterator():
        held = {} if states is None else unpack_held(states)
        found[category][copy] = Copy(held, visited_at)
    return found


def _store_offsets(
    repositories: Iterable[Repository],
    references: dict[int, Reference],
    copies: dict[int, dict[int, Copy]],
) -> None:
    """Write how far each copy is behind the master; only what changed."""
    times: dict[int, dict[int, int]] = defaultdict(dict)
    for repository in repositories:
        if reference := references.get(repository.pk):
            times[repository.category_id][reference.directory] = reference.content_at
    offsets = {
        copy_id: behind_master(copy, times[category])
        for category, each in copies.items()
        for copy_id, copy in each.items()
    }
    rows = HostCategory.objects.only("id", "behind")
    changed = [row for row in rows if row.behind != offsets.get(row.pk)]
    for row in changed:
        row.behind = offsets.get(row.pk)
    HostCategory.objects.bulk_update(changed, ["behind"], ROWS_AT_ONCE)
