"""The Directories of one Category: read what is known, write what a scan found.

Every function is a few bulk queries. The caller owns the transaction and decides what to write.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple, TypeVar

from django.db.models import Q

from crawler.logic.master_diff import Change, Known, Seen
from registry.logic.listings import pack_listing
from registry.logic.places import is_below, owning_top
from registry.models import Category, Directory, Repository

T = TypeVar("T")

FACTS = (
    "path",
    "id",
    "digest",
    "readable",
    "changed_at",
    "file_count",
    "size_bytes",
    "vanished_at",
)
# Few enough for the number of parameters that SQLite takes in one statement.
IDS_AT_ONCE = 500
# psycopg takes longer for each parameter the more a statement has; beyond 100 rows it shows.
ROWS_AT_ONCE = 100


class Listing(NamedTuple):
    """The files of a Directory as they are stored: compressed, with their number and size."""

    packed: bytes
    file_count: int
    size_bytes: int


NO_FILES = Listing(pack_listing(()), 0, 0)
OF_FILES = ("file_count", "size_bytes", "digest", "listing")
ON_EVERY_WRITE = ("category", "readable", "changed_at", "scanned_at", "vanished_at")


class KnownTree(NamedTuple):
    """What the database has of a Category; `adopted` are those rows that still name another."""

    directories: dict[str, Known]
    adopted: dict[str, Known]


def load_known(category: Category, *, tops: Collection[str]) -> KnownTree:
    """Return the Directories that belong to a Category, without their listings.

    A Directory belongs to the Category with the longest matching top directory. That can have
    changed with the table of Categories, so rows of others are looked at, too; rows of this
    Category that now belong to another are left to the other's next scan. Costs two queries.
    """
    top = category.top_directory
    narrower = [other for other in tops if other != top and is_below(other, top)]
    own = Directory.objects.filter(category=category).order_by()
    others = Directory.objects.exclude(category=category).order_by()
    if top:
        others = others.filter(Q(path=top) | Q(path__startswith=f"{top}/"))
    known = {
        row[0]: Known._make(row[1:])
        for row in own.values_list(*FACTS).iterator(chunk_size=5000)
        if not narrower or owning_top(row[0], tops) == top
    }
    strangers = {
        row[0]: Known._make(row[1:])
        for row in others.values_list(*FACTS).iterator(chunk_size=5000)
        if owning_top(row[0], tops) == top
    }
    return KnownTree(known | strangers, strangers)


def adopt(ids: Sequence[int], category: Category) -> None:
    """Give Directories of other Categories, and the Repositories there, to this one."""
    Directory.objects.filter(id__in=ids).update(category=category)
    Repository.objects.filter(directory__in=ids).update(category=category)


def store_changes(
    category: Category,
    changes: Iterable[Change],
    *,
    seen: Mapping[str, Seen],
    listings: Mapping[str, Listing],
    known: Mapping[str, Known],
    now: datetime,
) -> dict[str, int]:
    """Write new and changed Directories; return the ids of those that were written.

    A change without a listing leaves the files as they are, unless the Directory is new: then it
    could not be listed, and its digest stays empty.
    """
    rows, touched = [], []
    flips: dict[bool, list[int]] = {True: [], False: []}
    for change in changes:
        row, facts = known.get(change.path), seen.get(change.path)
        if facts is not None and (row is None or change.path in listings):
            digest, listing = facts.digest or b"", listings.get(change.path, NO_FILES)
            rows.append(_row(category, change, facts, digest=digest, listing=listing, now=now))
        elif facts is not None and facts.digest is not None:
            # If somebody has deleted it meanwhile, it is inserted as one that was never listed.
            touched.append(_row(category, change, facts, digest=b"", listing=NO_FILES, now=now))
        elif row is not None:
            flips[change.readable].append(row.id)
    for readable, ids in flips.items():
        if ids:
            Directory.objects.filter(id__in=ids).update(readable=readable, vanished_at=None)
    _upsert(rows, (*ON_EVERY_WRITE, *OF_FILES))
    _upsert(touched, ON_EVERY_WRITE)
    return {row.path: row.pk for row in (*rows, *touched)}


def _row(
    category: Category,
    change: Change,
    facts: Seen,
    *,
    digest: bytes,
    listing: Listing,
    now: datetime,
) -> Directory:
    return Directory(
        category=category,
        path=change.path,
        readable=change.readable,
        changed_at=facts.changed_at,
        scanned_at=now,
        file_count=listing.file_count,
        size_bytes=listing.size_bytes,
        digest=digest,
        listing=listing.packed,
    )


def mark_vanished(ids: Sequence[int], *, now: datetime) -> None:
    """Note that Directories are gone; they are neither crawled nor offered meanwhile."""
    Directory.objects.filter(id__in=ids).update(vanished_at=now)


def delete_directories(ids: Sequence[int]) -> None:
    """Delete Directories with their FileDetails, Repositories and DirectoryIssues."""
    # Only ids, because a deletion that cascades loads the rows, and listings are large.
    Directory.objects.filter(id__in=ids).only("id").delete()


def in_chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    """Yield a sequence in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _upsert(rows: Sequence[Directory], fields: Sequence[str]) -> None:
    """Write rows by their path, because a row may have appeared or gone since it was read."""
    if rows:
        Directory.objects.bulk_create(
            rows,
            batch_size=ROWS_AT_ONCE,
            update_conflicts=True,
            unique_fields=["path"],
            update_fields=fields,
        )
