"""The kinds of source that a Category can have, by the name that its `source_kind` stores."""

from collections.abc import Callable

from crawler.logic.scope import ScanScope
from crawler.master.base import MasterSource, SourceError, SourcePlace, SourcePolicy
from crawler.master.file_list import StoredList
from crawler.master.rsync import RsyncListing
from crawler.master.tree import LocalTree

# A new kind is one file beside this one, one row here and one choice in registry.SourceKind.
SOURCES: dict[str, Callable[[SourcePlace, ScanScope, SourcePolicy], MasterSource]] = {
    "local": lambda place, scope, policy: LocalTree(place.location, scope),
    "file_list": StoredList,
    "rsync": RsyncListing,
    "listing": StoredList,
}


def open_source(place: SourcePlace, scope: ScanScope, policy: SourcePolicy) -> MasterSource:
    """Return the source of a Category.

    Raises SourceError if it has no location, or its kind is not one we know.
    """
    if not place.location:
        raise SourceError("The Category has no source; say on its page where the master tree is.")
    if place.kind not in SOURCES:
        raise SourceError(f"There is no kind of source called “{place.kind}”; choose another.")
    return SOURCES[place.kind](place, scope, policy)
