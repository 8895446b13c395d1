"""Bring MirrorManager's rows of host_category_dir in as up2date sets, one HostCategory at a time.

The rows stream by; no more than one HostCategory's are held. Each set is stored in a transaction
of its own, and only if it differs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pyroaring import BitMap

from registry.logic.mirrormanager.choices import ChoiceReason, Ledger
from registry.logic.mirrormanager.hosts import HostFacts
from registry.logic.mirrormanager.rows import Carried, Source
from registry.logic.mirrormanager.up2date import Seen, seen_better, translate
from registry.logic.network.records import Key
from registry.models import HostCategory
from registry.services.carriage import Findings, store_findings
from registry.services.mirrormanager_content import Directories


@dataclass
class Sets:
    """How many up2date sets were read, differ and are kept, and what is in them."""

    read: int = 0
    changed: int = 0
    kept: int = 0
    resumed: int = 0
    up2date: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Pass:
    """What one pass over the rows needs: where HostCategories and Directories have gone.

    `keys` leads from MirrorManager's HostCategories to ours, `ids` from its Directories to
    numbers of `directories`. `reason` marks the sets that this import stored.
    """

    keys: Mapping[int, Key]
    ids: Mapping[int, int]
    directories: Directories
    hosts: Mapping[Key, HostFacts]
    tops: Mapping[str, str]
    reason: str
    now: datetime
    dry_run: bool


def import_up2date(source: Source, run: Pass, ledger: Ledger, *, resume: bool) -> Iterator[Sets]:
    """Store the sets that differ; yield the counts so far after each HostCategory.

    With `resume`, sets that an earlier import from the same database stored are not read again. A
    HostCategory without any row has nothing up2date. Sets that this system found itself are kept.
    """
    sets, rows = Sets(), _rows_by_key()
    done = {
        id for id, key in run.keys.items() if resume and key in rows and _is_ours(rows[key], run)
    }
    sets.resumed = len(done)
    waiting = dict.fromkeys(id for id in run.keys if id not in done)
    for carried in source.up2date(leaving_out=sorted(done)):
        id = carried.host_category_id
        if id is None or id not in run.keys:
            sets.lost += len(carried.directory_ids) + len(carried.paths)
            continue
        waiting.pop(id, None)
        _import_one(carried, run.keys[id], rows, run, sets, ledger)
        yield sets
    for id in waiting:
        _import_one(Carried(id, [], []), run.keys[id], rows, run, sets, ledger)
        yield sets


def _rows_by_key() -> dict[Key, HostCategory]:
    rows = HostCategory.objects.select_related("host__site", "category").only(
        "host__name",
        "host__last_checked_in_at",
        "host__site__name",
        "category__name",
        "last_crawled_at",
        "up2date",
        "reason",
    )
    return {
        (((row.host.site.name.lower(),), row.host.name.lower()), (row.category.name,)): row
        for row in rows.order_by()
    }


def _is_ours(row: HostCategory, run: Pass) -> bool:
    return row.reason == run.reason


def _import_one(
    carried: Carried,
    key: Key,
    rows: Mapping[Key, HostCategory],
    run: Pass,
    sets: Sets,
    ledger: Ledger,
) -> None:
    row, (host, (category,)) = rows.get(key), key
    translated = translate(
        carried,
        top=run.tops[category],
        ids=run.ids,
        by_path=run.directories.by_path,
        category=run.directories.by_category[category],
    )
    sets.read += 1
    sets.up2date += len(translated.ids)
    sets.lost += translated.lost
    before = BitMap() if row is None else row.up2date
    if before == translated.ids:
        return
    better = seen_better(_seen(row), run.hosts[host].checked_in_at) if row is not None else None
    if better is not None:
        sets.kept += 1
        name = f"host_category {carried.host_category_id}"
        ledger.choose(ChoiceReason.KNOWN_BETTER, name, f"{row}: {better}")
        return
    sets.changed += 1
    if row is not None and not run.dry_run:
        findings = Findings(translated.ids, {}, complete=True)
        store_findings(row.pk, findings, reason=run.reason, now=run.now)


def _seen(row: HostCategory) -> Seen:
    return Seen(row.last_crawled_at, row.host.last_checked_in_at)
