"""What changed on the master since a moment, for rsync filters. Reads only."""

from collections.abc import Iterator
from hashlib import blake2b

from django.db.models import Count, Max

from registry.logic.rsync_filter import FilterError, FilterQuery, filter_lines
from registry.models import Category, Directory


def changed_paths(query: FilterQuery, *, public_only: bool) -> Iterator[str]:
    """Yield the paths of Directories that changed since, readable ones only.

    Raises FilterError for a Category that does not exist or is not public.
    """
    categories = _categories(query, public_only=public_only)
    rows = Directory.objects.crawlable().filter(category__in=categories, changed_at__gt=query.since)
    return rows.order_by().values_list("path", flat=True).iterator(chunk_size=5000)


def write_filter(query: FilterQuery, *, public_only: bool = True) -> Iterator[str]:
    """Yield the lines of the filter that a query asks for. Raises FilterError at once."""
    paths = changed_paths(query, public_only=public_only)
    return (f"{line}\n" for line in filter_lines(paths, strip=query.strip))


def filter_tag(query: FilterQuery, *, public_only: bool = True) -> str:
    """Return a tag that differs when the filter might: what was asked, and the last scans' work.

    Costs one query. Raises FilterError like `write_filter`.
    """
    categories = _categories(query, public_only=public_only)
    seen = Directory.objects.filter(category__in=categories).aggregate(
        Count("pk"), Max("scanned_at"), Max("changed_at")
    )
    facts = repr((query, sorted(seen.items()))).encode()
    return blake2b(facts, digest_size=12).hexdigest()


def _categories(query: FilterQuery, *, public_only: bool) -> list[int]:
    rows = Category.objects.filter(name__in=query.categories)
    found = dict((rows.filter(publiclist=True) if public_only else rows).values_list("name", "pk"))
    for name in query.categories:
        if name not in found:
            raise FilterError(f"There is no Category called “{name}”.")
    return list(found.values())
