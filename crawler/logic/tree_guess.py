"""Where a tree may be, if it is not where somebody says: other paths on the same server.

Knows paths only and asks nobody. Also which few Directories stand for a whole Category.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Sequence


T = TypeVar("T")


class Sample(NamedTuple):
    """One file that stands for its Directory; the path is below the top directory."""

    path: str
    name: str
    size: int


def spread(items: Sequence[T], *, most: int) -> list[T]:
    """Return at most so many of the items, evenly from the first to near the last."""
    if len(items) <= most:
        return list(items)
    return [items[number * len(items) // most] for number in range(most)]


def guess_bases(url: str, *, top_directory: str, most: int = 12) -> list[str]:
    """Return other URLs on the same server at which the tree may be, the likeliest first.

    What people get wrong is how much of the path belongs to the Category: every ending of the top
    directory's path is tried below the URL's own path, then below each path above it.
    """
    parts = urlsplit(url)
    own = [segment for segment in parts.path.split("/") if segment]
    top = [segment for segment in top_directory.split("/") if segment]
    endings = [top[start:] for start in range(len(top) + 1)]
    found: dict[tuple[str, ...], None] = {}
    for kept in range(len(own), -1, -1):
        for ending in reversed(endings):
            found.setdefault((*own[:kept], *ending))
    found.pop(tuple(own), None)
    return [
        urlunsplit((parts.scheme, parts.netloc, "".join(f"/{each}" for each in path), "", ""))
        for path in list(found)[:most]
    ]
