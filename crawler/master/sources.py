"""The kinds of source that a Category can have, by the name that its `source_kind` stores."""

from collections.abc import Callable

from crawler.logic.scope import ScanScope
from crawler.master.base import MasterSource, SourceError
from crawler.master.tree import LocalTree

# A new kind is one file beside this one, one row here and one choice in registry.SourceKind.
SOURCES: dict[str, Callable[[str, ScanScope], MasterSource]] = {
    "local": LocalTree,
}


def open_source(kind: str, location: str, scope: ScanScope) -> MasterSource:
    """Return the source of a Category.

    Raises SourceError if it has no location, or its kind is not one we know.
    """
    if not location:
        raise SourceError("The Category has no source; say on its page where the master tree is.")
    if kind not in SOURCES:
        raise SourceError(f"There is no kind of source called “{kind}”; choose another.")
    return SOURCES[kind](location, scope)
