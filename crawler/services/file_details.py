"""The FileDetails of a Category: read metadata files of the master, keep their history."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from crawler.logic.file_history import (
    FileState,
    HistoryPolicy,
    Placement,
    Recorded,
    expired,
    place_state,
)
from crawler.logic.metadata_files import read_metadata_file
from crawler.master.base import MasterSource, Oddity, OddityReason
from crawler.services.master_tables import IDS_AT_ONCE, in_chunks
from registry.logic.listings import Entry
from registry.logic.places import join_path, printable, relative_to
from registry.logic.repository_kinds import RepositoryFormat
from registry.models import Category, FileDetail
from registry.querysets import FileDetailQuerySet

# The histories of files: Directory id and name → states, newest first.
Histories = dict[tuple[int, str], list[Recorded]]


class Reading(NamedTuple):
    """What came of reading one file of metadata: its state, or what is wrong."""

    path: str
    state: FileState | None
    oddity: Oddity | None = None


def load_histories(category: Category) -> Histories:
    """Return the recorded states of all files of a Category. Costs one query."""
    return histories_of(FileDetail.objects.filter(directory__category=category))


def histories_of(details: FileDetailQuerySet) -> Histories:
    """Return recorded states by Directory and file, newest first. Costs one query."""
    rows = details.newest_first().values_list(
        "directory_id",
        "id",
        "seen_at",
        "filename",
        "timestamp",
        "size_bytes",
        "md5",
        "sha1",
        "sha256",
        "sha512",
    )
    histories: Histories = {}
    for directory, record, seen_at, name, timestamp, size, md5, sha1, sha256, sha512 in rows:
        state = FileState(name, timestamp, size, md5, sha1, sha256, sha512)
        histories.setdefault((directory, name), []).append(Recorded(record, seen_at, state))
    return histories


def read_metadata(
    source: MasterSource,
    path: str,
    entry: Entry,
    format_: RepositoryFormat,
    *,
    top: str,
    limit: int,
) -> Reading:
    """Read a file of metadata in a Directory from the master; never raises for bad ones."""
    name = join_path(path, entry.name)
    if entry.size > limit:
        return _bad(path, entry, f"has {entry.size:,} bytes, more than the {limit:,} that we read")
    try:
        data = source.read_file(relative_to(name, top), limit=limit + 1)
    except OSError as error:
        return _bad(path, entry, f"cannot be read ({error.strerror or error})")
    if len(data) > limit:
        return _bad(path, entry, f"has grown beyond the {limit:,} bytes that we read")
    try:
        state = read_metadata_file(format_, entry.name, data, mtime=entry.mtime)
    except ValueError as error:
        return _bad(path, entry, str(error))
    return Reading(path, state)


def store_states(
    readings: Iterable[Reading], *, ids: Mapping[str, int], histories: Histories, now: datetime
) -> int:
    """Write the states that differ from the current ones; return how many did.

    An earlier state that is back becomes current again; any other is a new row.
    """
    new: list[FileDetail] = []
    returned: dict[datetime, list[int]] = {}
    for path, state, _ in readings:
        if state is None:
            continue
        placed = place_state(state, histories.get((ids[path], state.filename), []), now=now)
        if placed.placement is Placement.NEW:
            new.append(_row(ids[path], state, seen_at=placed.seen_at))
        elif placed.placement is Placement.RETURNED and placed.record_id is not None:
            returned.setdefault(placed.seen_at, []).append(placed.record_id)
    FileDetail.objects.bulk_create(new)
    for seen_at, records in returned.items():
        FileDetail.objects.filter(id__in=records).update(seen_at=seen_at)
    return len(new) + sum(map(len, returned.values()))


def count_new(
    readings: Iterable[Reading], *, ids: Mapping[str, int], histories: Histories, now: datetime
) -> int:
    """Return how many states `store_states` would write; Directories may have no id yet."""
    return sum(
        place_state(state, histories.get((ids.get(path, 0), state.filename), []), now=now).placement
        is not Placement.CURRENT
        for path, state, _ in readings
        if state is not None
    )


def age_out_file_details(category: Category, *, now: datetime, policy: HistoryPolicy) -> int:
    """Drop states of files that no Host needs anymore; return how many.

    The newest state of a file is never dropped.
    """
    rows = (
        FileDetail.objects.filter(directory__category=category)
        .newest_first()
        .values_list("directory_id", "filename", "id", "seen_at")
    )
    dropped: list[int] = []
    for _, history in groupby(rows.iterator(chunk_size=5000), key=itemgetter(0, 1)):
        records = [(record, seen_at) for _, _, record, seen_at in history]
        dropped.extend(expired(records, now=now, policy=policy))
    for chunk in in_chunks(dropped, IDS_AT_ONCE):
        FileDetail.objects.filter(id__in=chunk).delete()
    return len(dropped)


def _bad(path: str, entry: Entry, what: str) -> Reading:
    name = printable(join_path(path, entry.name))
    return Reading(
        path,
        None,
        Oddity(OddityReason.REPODATA, f"“{name}” {what}; the last good state of it stays."),
    )


def _row(directory_id: int, state: FileState, *, seen_at: datetime) -> FileDetail:
    return FileDetail(
        directory_id=directory_id,
        filename=state.filename,
        timestamp=state.timestamp,
        size_bytes=state.size_bytes,
        md5=state.md5,
        sha1=state.sha1,
        sha256=state.sha256,
        sha512=state.sha512,
        seen_at=seen_at,
    )
