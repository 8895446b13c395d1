"""Background tasks of the crawler; each calls the one service it is named after."""

from django.db.models import QuerySet
from django.utils import timezone

from crawler.services.umdl import policy_from_settings, scan_categories, scanned_categories
from registry.models import Category


def umdl() -> str:
    """Scan the master tree of every Category that has a source; say how it went."""
    return _scan(scanned_categories())


def umdl_category(category_id: int) -> str:
    """Scan the master tree of one Category; say how it went."""
    return _scan(Category.objects.filter(pk=category_id))


def _scan(categories: QuerySet[Category]) -> str:
    scans = scan_categories(categories, clock=timezone.now, policy=policy_from_settings())
    return "\n".join(f"{scan.category}: {scan.reason}" for scan in scans)
