"""Bring the Repositories of a MirrorManager database in; those that differ here are made equal.

Their prefixes are what people decided there, so until the switch MirrorManager's count.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import transaction

from registry.logic.batches import in_batches
from registry.logic.mirrormanager.content import Place, Wanted, want_repositories
from registry.logic.mirrormanager.drafting import Draft
from registry.logic.mirrormanager.rows import RepositoryRow
from registry.logic.network.records import Key
from registry.models import Arch, Directory, Repository, Version

ROWS_AT_ONCE = 500


def plan_repositories(
    rows: Sequence[RepositoryRow], places: Mapping[int, Place], draft: Draft
) -> list[Wanted]:
    """Return the Repositories as they shall be, beside those here that stay."""
    arches = {id: str(key[0]) for (kind, id), key in draft.keys.items() if kind == "arch"}
    held: dict[tuple[str, str | None], str] = {
        (prefix, arch): path
        for prefix, arch, path in Repository.objects.addressable().values_list(
            "prefix", "arch__name", "directory__path"
        )
    }
    return want_repositories(rows, places, arches, held=held, ledger=draft.ledger)


def compare_repositories(wanted: Sequence[Wanted], draft: Draft) -> Counter[str]:
    """Return how many Repositories are to be added and changed."""
    existing = _existing_repositories()
    versions, arches = _ids_of_versions(draft), _ids_of_arches()
    counts: Counter[str] = Counter()
    for each in wanted:
        if each.path not in existing:
            counts["added"] += 1
        elif _differs(existing[each.path], each, versions, arches):
            counts["changed"] += 1
    return counts


def store_repositories(
    wanted: Sequence[Wanted], draft: Draft, directories: Mapping[str, int], *, reason: str
) -> None:
    """Write the Repositories that are new or different, in one transaction.

    Prefixes that move from one to another are taken from all before they are given to any.
    """
    versions, arches = _ids_of_versions(draft), _ids_of_arches()
    with transaction.atomic():
        existing = _existing_repositories()
        changed = [
            _fill(existing[each.path], each, versions, arches, reason)
            for each in wanted
            if each.path in existing and _differs(existing[each.path], each, versions, arches)
        ]
        ids = [row.pk for row in changed]
        for some in in_batches(ids, ROWS_AT_ONCE):
            Repository.objects.filter(pk__in=some).update(prefix="")
        fields = ["prefix", "version", "arch", "disabled", "reason"]
        Repository.objects.bulk_update(changed, fields, batch_size=ROWS_AT_ONCE)
        categories = dict(Directory.objects.order_by().values_list("id", "category"))
        new = []
        for each in wanted:
            if each.path not in existing:
                directory = directories[each.path]
                row = Repository(directory_id=directory, category_id=categories[directory])
                new.append(_fill(row, each, versions, arches, reason))
        Repository.objects.bulk_create(new, batch_size=ROWS_AT_ONCE)


def _existing_repositories() -> dict[str, Repository]:
    rows = Repository.objects.select_related("directory").only(
        "directory__path", "prefix", "version", "arch", "disabled", "reason"
    )
    return {row.directory.path: row for row in rows}


def _ids_of_versions(draft: Draft) -> dict[int, int]:
    ids: dict[Key, int] = {
        ((product,), name): id
        for id, product, name in Version.objects.order_by().values_list(
            "id", "product__name", "name"
        )
    }
    return {
        id: ids[key] for (kind, id), key in draft.keys.items() if kind == "version" and key in ids
    }


def _ids_of_arches() -> dict[str, int]:
    return dict(Arch.objects.order_by().values_list("name", "id"))


def _values(
    each: Wanted, versions: Mapping[int, int], arches: Mapping[str, int]
) -> tuple[str, int | None, int | None, bool]:
    version = versions.get(each.row.version_id) if each.row.version_id is not None else None
    arch = arches.get(each.arch) if each.arch is not None else None
    return each.prefix, version, arch, bool(each.row.disabled)


def _differs(
    row: Repository, each: Wanted, versions: Mapping[int, int], arches: Mapping[str, int]
) -> bool:
    now = (row.prefix, row.version_id, row.arch_id, row.disabled)
    return now != _values(each, versions, arches)


def _fill(
    row: Repository,
    each: Wanted,
    versions: Mapping[int, int],
    arches: Mapping[str, int],
    reason: str,
) -> Repository:
    values = _values(each, versions, arches)
    row.prefix, row.version_id, row.arch_id, row.disabled = values
    row.reason = reason
    return row
