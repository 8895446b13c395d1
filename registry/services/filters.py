"""Keep the filters of admin lists under names: one's own, and those that operators share."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from registry.models import SavedFilter
from registry.querysets import is_operator

FILTERS_PER_LIST = 50
# What an address of a list may have that is no filter.
NOT_KEPT = frozenset({"p", "e", "all", "_popup", "_to_field"})


class FilterError(ValueError):
    """A filter cannot be saved; the sentence says why."""


def save_filter(
    table: str, name: str, query: str, *, user: User, shared: bool = False
) -> SavedFilter:
    """Keep the filters of a list under a name; the user's own of the same name is replaced.

    Raises FilterError without a name, with too many, or if somebody who is no operator shares it.
    """
    name = " ".join(name.split())
    if not name or len(name) > 60 or "\0" in name:
        raise FilterError("A filter needs a name of at most 60 characters.")
    if shared and not is_operator(user):
        raise FilterError("Only operators share filters. Save it for yourself.")
    kept = kept_query(query)
    if not kept:
        raise FilterError("Nothing is filtered on this list yet. Choose filters first.")
    if len(kept) > 1000:
        raise FilterError("These filters are too long to be kept.")
    own = SavedFilter.objects.filter(user=user, table=table)
    if own.exclude(name=name).count() >= FILTERS_PER_LIST:
        raise FilterError(f"You have {FILTERS_PER_LIST} filters of this list. Delete one first.")
    row, _ = SavedFilter.objects.update_or_create(
        user=user, table=table, name=name, defaults={"query": kept, "shared": shared}
    )
    return row


def delete_filter(row: SavedFilter, *, user: User) -> None:
    """Forget a filter. Raises FilterError unless it is the user's own, or a shared operator's."""
    if row.user_id != user.pk and not (row.shared and is_operator(user)):
        raise FilterError("This filter is somebody else's.")
    row.delete()


def filters_of(table: str, *, user: User) -> QuerySet[SavedFilter]:
    """Return the filters of a list that a user sees: their own, and shared ones."""
    seen = SavedFilter.objects.filter(Q(user=user) | Q(shared=True), table=table)
    return seen.select_related("user").order_by("name", "id")


def kept_query(query: str) -> str:
    """Return what of a list's address is kept, in a form that can be compared."""
    pairs: Sequence[tuple[str, str]] = parse_qsl(query.replace("\0", ""))
    return urlencode([(key, value) for key, value in pairs if key not in NOT_KEPT])
