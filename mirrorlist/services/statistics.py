"""Take in what edges and log files counted, and forget what is too old.

Every batch counts once, whoever delivers it and however often: it is claimed by a unique name in
the transaction that adds its counts. Each count goes to its day and to its month.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet

from mirrorlist.logic.counters import OTHER, Counts, Dimension
from mirrorlist.logic.statistics_batch import (
    Batch,
    BatchError,
    BatchReason,
    day_window,
    fold_countries,
    split_days,
)
from mirrorlist.models import AccessStat, FileStat, LogImport, Span, StatisticsBatch
from registry.logic.batches import in_batches
from registry.models import EmbargoedCountry

ROWS_AT_ONCE = 500
LOG = "log"
# Systems by age, added up over all Repositories: the last word of a `countme` key.
AGE = "age"
# Downloads of all files together, so that nobody need add them up.
DOWNLOADS = "downloads"
# A batch is remembered until all its days are too old to be accepted again.
MEMORY_MARGIN = timedelta(days=3)


class StatisticsPolicy(NamedTuple):
    """What operators decide about statistics."""

    keep_days: int
    keep_months: int
    late_days: int
    keys_per_day: int


def statistics_policy() -> StatisticsPolicy:
    """Return the policy of the settings."""
    return StatisticsPolicy(
        keep_days=settings.STATISTICS_KEEP_DAYS,
        keep_months=settings.STATISTICS_KEEP_MONTHS,
        late_days=settings.STATISTICS_LATE_DAYS,
        keys_per_day=settings.STATISTICS_KEYS_PER_DAY,
    )


class Taken(NamedTuple):
    """What became of one batch."""

    name: str
    requests: int
    sentence: str


def take_batch(batch: Batch, *, now: datetime, policy: StatisticsPolicy) -> Taken:
    """Add what a batch counted.

    A batch that was taken before changes nothing. Days that are not believed are left out and
    named in the sentence. Raises BatchError if none is left; the refusal is remembered.
    """
    window = day_window(now.date(), late_days=policy.late_days)
    believed, remark = split_days(batch, window)
    if not believed:
        remember_refusal(batch.name, batch.edge, remark, now=now)
        raise BatchError(BatchReason.NO_DAY, remark)
    taken = add_counts(
        batch.name, believed, source=batch.edge, remark=remark, now=now, policy=policy
    )
    if taken is None:
        return Taken(batch.name, 0, "This batch was counted before; it changes nothing.")
    return Taken(batch.name, taken, f"{taken} requests were counted. {remark}".strip())


def remember_refusal(name: str, source: str, sentence: str, *, now: datetime) -> None:
    """Show operators which batch was refused, and why; the first reason stays."""
    StatisticsBatch.objects.get_or_create(
        name=name[:200],
        defaults={
            "source": source,
            "state": StatisticsBatch.State.REFUSED,
            "reason": sentence,
            "received_at": now,
        },
    )


def add_counts(
    name: str,
    days: Mapping[date, Counts],
    *,
    source: str,
    now: datetime,
    policy: StatisticsPolicy,
    remark: str = "",
) -> int | None:
    """Add counts under a name that counts once; return the requests, or None if it did before.

    A batch that was refused may count later, for example after its edge's clock was set right
    here. Countries under embargo are counted as unknown ones.
    """
    requests = sum(sum(counts.get(Dimension.KIND, {}).values()) for counts in days.values())
    embargoed = frozenset(EmbargoedCountry.objects.values_list("country_id", flat=True))
    try:
        with transaction.atomic():
            StatisticsBatch.objects.filter(name=name, state=StatisticsBatch.State.REFUSED).delete()
            StatisticsBatch.objects.create(
                name=name,
                source=source,
                state=StatisticsBatch.State.COUNTED,
                reason=remark,
                requests=requests,
                received_at=now,
            )
            for group in _groups(days, embargoed):
                _add(group, most=policy.keys_per_day)
    except IntegrityError:
        if not StatisticsBatch.objects.filter(name=name).exists():
            raise
        return None
    return requests


class Group(NamedTuple):
    """Counts that differ in one column only: the table, the fixed columns, and that column."""

    model: Any  # AccessStat or FileStat
    fixed: Mapping[str, object]
    column: str
    counts: Mapping[str, int]


def _groups(days: Mapping[date, Counts], embargoed: frozenset[str]) -> Iterable[Group]:
    """Return the groups in an order that all importers share, so that none waits in a circle."""
    sums: dict[tuple[str, date, str], dict[str, int]] = defaultdict(dict)
    for day, dimensions in days.items():
        for dimension, counts in _dimensions(dimensions, embargoed):
            for span, first in ((Span.DAY, day), (Span.MONTH, day.replace(day=1))):
                mine = sums[span.value, first, dimension]
                for key, count in counts.items():
                    mine[key] = mine.get(key, 0) + count
    for (span_, first, dimension), counts in sorted(sums.items(), key=lambda each: each[0]):
        fixed: dict[str, object] = {"span": span_, "day": first}
        if dimension == Dimension.FILE:
            yield Group(FileStat, fixed, "path", counts)
        else:
            yield Group(AccessStat, fixed | {"dimension": dimension}, "key", counts)


def _dimensions(
    counts: Counts, embargoed: frozenset[str]
) -> Iterable[tuple[str, Mapping[str, int]]]:
    """Return counts as they are stored."""
    for dimension, keys in counts.items():
        if dimension is Dimension.COUNTRY:
            yield dimension.value, fold_countries(keys, embargoed)
            continue
        yield dimension.value, keys
        if dimension is Dimension.FILE:
            yield DOWNLOADS, {OTHER: sum(keys.values())}
        if dimension is Dimension.COUNTME:
            ages: Counter[str] = Counter()
            for key, count in keys.items():
                ages[key.rpartition(" ")[2]] += count
            yield AGE, ages


def _add(group: Group, *, most: int) -> None:
    """Add the counts of a group: insert missing rows with zero, lock all in order, then add.

    Rows are inserted in the order of their keys and locked in that of their ids, by everybody.
    Beyond `most` rows, new keys count for the row without key; the greatest get the last rows.
    """
    counts = {key: count for key, count in group.counts.items() if count}
    rows = group.model._default_manager.filter(**group.fixed)
    ids = _ids(rows, group.column, counts)
    missing = sorted(counts.keys() - ids.keys(), key=lambda key: (-counts[key], key))
    if missing:
        room = max(most - rows.count(), 0)
        for key in [key for key in missing[room:] if key != OTHER]:
            counts[OTHER] = counts.get(OTHER, 0) + counts.pop(key)
        new = sorted(counts.keys() - ids.keys())
        group.model._default_manager.bulk_create(
            [group.model(**group.fixed, **{group.column: key}) for key in new],
            ROWS_AT_ONCE,
            ignore_conflicts=True,
        )
        ids |= _ids(rows, group.column, new)
    by_id = {ids[key]: count for key, count in counts.items()}
    for some in in_batches(sorted(by_id), ROWS_AT_ONCE):
        locked = list(rows.filter(pk__in=some).order_by("pk").select_for_update())
        for row in locked:
            row.count += by_id[row.pk]
        # The rows exist and are locked, so this only ever updates; it is much faster than
        # bulk_update, which asks for each row in a CASE of its own.
        group.model._default_manager.bulk_create(
            locked, update_conflicts=True, update_fields=["count"], unique_fields=["id"]
        )


def _ids(rows: models.QuerySet[Any], column: str, keys: Iterable[str]) -> dict[str, int]:
    """Return the ids of those rows that exist, by key."""
    found: dict[str, int] = {}
    for some in in_batches(sorted(keys), ROWS_AT_ONCE):
        found.update(rows.filter(**{f"{column}__in": some}).values_list(column, "pk"))
    return found


def expire_statistics(*, now: datetime, policy: StatisticsPolicy) -> int:
    """Delete the numbers of days and months that are too old; return how many rows went."""
    old = outdated(now=now, policy=policy)
    return sum(rows.delete()[0] for rows in old.values())


def outdated(*, now: datetime, policy: StatisticsPolicy) -> dict[str, QuerySet[Any]]:
    """Return the rows that are too old, by what they are.

    Names of batches go once none of their days would be accepted again; those of log files stay,
    because logs of any age may be imported.
    """
    today = now.date()
    month = today.replace(day=1)
    oldest = _months_before(month, policy.keep_months)
    forgotten_at = now - timedelta(days=policy.late_days) - MEMORY_MARGIN
    old: dict[str, QuerySet[Any]] = {}
    for noun, model in (("requests", AccessStat), ("downloads", FileStat)):
        rows = model._default_manager
        days = today - timedelta(days=policy.keep_days)
        old[f"{noun} of days"] = rows.filter(span=Span.DAY, day__lt=days)
        old[f"{noun} of months"] = rows.filter(span=Span.MONTH, day__lt=oldest)
    read_before = now - timedelta(days=policy.keep_days)
    old["logs that were read"] = LogImport.objects.filter(asked_at__lt=read_before)
    batches = StatisticsBatch.objects.filter(received_at__lt=forgotten_at)
    return old | {"names of batches": batches.exclude(source=LOG)}


def _months_before(month: date, count: int) -> date:
    number = month.year * 12 + month.month - 1 - count
    return date(max(number // 12, 1), number % 12 + 1, 1)
