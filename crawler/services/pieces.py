"""Record the digests of the pieces of large files, and forget those of files that are gone."""

from datetime import datetime

from crawler.hashing import Hashed
from registry.logic.batches import in_batches
from registry.logic.listings import unpack_listing
from registry.models import Category, Directory, FilePieces

IDS_AT_ONCE = 500


def known_pieces(category: Category) -> set[tuple[int, str, int, int]]:
    """Return Directory, name, size and time of the files whose pieces are known; one query."""
    rows = FilePieces.objects.filter(directory__category=category)
    return set(rows.values_list("directory_id", "filename", "size_bytes", "mtime"))


def write_pieces(directory_id: int, filename: str, found: Hashed, *, hashed_at: datetime) -> None:
    """Record the pieces of a file as it was read, in place of what was known of it."""
    FilePieces.objects.update_or_create(
        directory_id=directory_id,
        filename=filename,
        defaults={
            "size_bytes": found.size,
            "mtime": found.mtime,
            "piece_bytes": found.piece_bytes,
            "digests": found.pieces,
            "hashed_at": hashed_at,
        },
    )


def forget_pieces(category: Category) -> None:
    """Delete the pieces of files that are no longer in the listings."""
    rows = FilePieces.objects.filter(directory__category=category)
    known: dict[int, dict[str, int]] = {}
    for pk, directory_id, filename in rows.values_list("pk", "directory_id", "filename"):
        known.setdefault(directory_id, {})[filename] = pk
    gone: list[int] = []
    listings = Directory.objects.filter(pk__in=rows.values("directory")).order_by("pk")
    for directory_id, listing in listings.values_list("pk", "listing").iterator(chunk_size=500):
        there = {entry.name for entry in unpack_listing(listing)}
        gone += [pk for name, pk in known.get(directory_id, {}).items() if name not in there]
    for some in in_batches(gone, IDS_AT_ONCE):
        FilePieces.objects.filter(pk__in=some).delete()
