"""Bring Directories and FileDetails of a MirrorManager database in, in chunks.

Every chunk is a transaction of its own, and what is here already is left as it is, so an import
that was killed goes on where it was. Directories that exist keep their files: UMDL knows all of
them, MirrorManager only the newest few.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pyroaring import BitMap

from registry.logic.batches import in_batches
from registry.logic.listings import digest_listing, pack_listing
from registry.logic.mirrormanager.choices import Ledger
from registry.logic.mirrormanager.content import (
    Detail,
    Place,
    moment_of,
    read_detail,
    read_files,
)
from registry.logic.mirrormanager.rows import DirectoryRow, FileDetailRow, Source
from registry.models import Category, Directory, FileDetail

ROWS_AT_ONCE = 500
COLUMNS = ("directory_id", *Detail._fields)


@dataclass(frozen=True)
class Directories:
    """The Directories here: ids by path, and by Category; those in `new` have no row yet."""

    by_path: dict[str, int] = field(default_factory=dict)
    by_category: dict[str, BitMap] = field(default_factory=lambda: defaultdict(BitMap))
    new: set[str] = field(default_factory=set)


def known_directories(
    places: Mapping[int, Place] | None = None, names: Mapping[str, str] | None = None
) -> Directories:
    """Return the Directories here, and as if they were here those at `places`.

    `names` are the Categories' names by top directory.
    """
    known = Directories()
    last = 0
    rows = Directory.objects.order_by().values_list("id", "path", "category__name")
    for id, path, category in rows.iterator(chunk_size=10_000):
        known.by_path[path] = id
        known.by_category[category].add(id)
        last = max(last, id)
    for place in (places or {}).values():
        if place.path not in known.by_path:
            last += 1
            known.by_path[place.path] = last
            known.by_category[(names or {})[place.top]].add(last)
            known.new.add(place.path)
    return known


def create_directories(
    source: Source, places: Mapping[int, Place], names: Mapping[str, str], ledger: Ledger
) -> int:
    """Create the Directories that are not here yet, and return how many.

    `scanned_at` is the change time, so that UMDL does not believe the short listing. One whose
    files are not legible has an empty digest: its files were never seen.
    """
    here = set(Directory.objects.order_by().values_list("path", flat=True))
    wanted = {id for id, place in places.items() if place.path not in here}
    if not wanted:
        return 0
    categories = dict(Category.objects.values_list("name", "id"))
    created = 0
    rows = (row for row in source.rows(DirectoryRow) if row.id in wanted)
    for batch in in_batches(rows, ROWS_AT_ONCE):
        made: dict[str, Directory] = {}
        for row in batch:
            place = places[row.id]
            made.setdefault(place.path, _make(row, place, categories[names[place.top]], ledger))
        fresh = [each for path, each in made.items() if path not in here]
        Directory.objects.bulk_create(fresh)
        here.update(made)
        created += len(fresh)
    return created


def check_files(source: Source, places: Mapping[int, Place], new: set[str], ledger: Ledger) -> None:
    """Read the files of Directories that are to be created only for what is wrong with them."""
    for row in source.rows(DirectoryRow) if new else ():
        if row.id in places and places[row.id].path in new:
            read_files(row, ledger)


def _make(row: DirectoryRow, place: Place, category: int, ledger: Ledger) -> Directory:
    entries = read_files(row, ledger)
    changed_at = moment_of(row.ctime)
    return Directory(
        category_id=category,
        path=place.path,
        readable=row.readable is not False,
        changed_at=changed_at,
        scanned_at=changed_at,
        file_count=len(entries or ()),
        size_bytes=sum(entry.size for entry in entries or ()),
        digest=b"" if entries is None else digest_listing(entries),
        listing=pack_listing(entries or ()),
    )


def read_details(
    source: Source, places: Mapping[int, Place], ledger: Ledger
) -> Iterator[tuple[str, Detail]]:
    """Yield path and state of every FileDetail whose Directory is imported."""
    for row in source.rows(FileDetailRow):
        ledger.read["file_detail"] += 1
        place = places.get(row.directory_id) if row.directory_id is not None else None
        detail = read_detail(row, ledger) if place is not None else None
        if place is not None and detail is not None:
            ledger.taken["file_detail"] += 1
            yield place.path, detail


def new_details(
    details: Iterable[tuple[str, Detail]], directories: Mapping[str, int]
) -> Iterator[list[tuple[int, Detail]]]:
    """Yield the states of files that are not here yet, each once, in batches."""
    for batch in in_batches(details, ROWS_AT_ONCE):
        wanted = {(directories[path], detail) for path, detail in batch}
        rows = FileDetail.objects.filter(directory__in={id for id, _ in wanted}).order_by()
        here = {(id, Detail(*state)) for id, *state in rows.values_list(*COLUMNS)}
        yield sorted(wanted - here)


def create_details(
    details: Iterable[tuple[str, Detail]], directories: Mapping[str, int], *, now: datetime
) -> int:
    """Create the states of files that are not here yet, and return how many.

    MirrorManager does not say when it saw a state; the time that the content gives itself stands
    for it, so that the newest content is current.
    """
    created = 0
    for fresh in new_details(details, directories):
        FileDetail.objects.bulk_create(
            [
                FileDetail(
                    directory_id=id,
                    seen_at=min(moment_of(detail.timestamp), now),
                    **detail._asdict(),
                )
                for id, detail in fresh
            ]
        )
        created += len(fresh)
    return created
