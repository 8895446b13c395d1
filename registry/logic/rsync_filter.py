"""The rsync filter of what changed since a moment, for mirrors that copy only that.

Knows the text that MirrorManager's /rsyncFilter answers and rsync's rules for patterns. Ends in
`- *`, so that whatever is not included is left out; MirrorManager's own `+ *` excluded nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

# Characters that make rsync take a pattern for one with wildcards; only then is \ an escape.
WILDCARDS = "*?["
ESCAPED = WILDCARDS + "\\"
HEAD = "# rsync --exclude-from=(this file)"
TAIL = ("# excludes", "- *", "# end of list")


class FilterError(ValueError):
    """The question makes no sense; the sentence says what is missing."""


@dataclass(frozen=True)
class FilterQuery:
    """What changed in these Categories since a moment; `strip` leading components are cut off."""

    categories: tuple[str, ...]
    since: datetime
    strip: int


def read_query(values: Mapping[str, str]) -> FilterQuery:
    """Read `categories` (with commas), `since` (Unix time) and `stripprefix` (a path).

    Raises FilterError. An empty `stripprefix` cuts nothing off.
    """
    missing = [name for name in ("categories", "since", "stripprefix") if name not in values]
    if missing:
        raise FilterError(f"Missing: {', '.join(missing)}.")
    names = tuple(name.strip() for name in values["categories"].split(",") if name.strip())
    if not names:
        raise FilterError("categories names no Category.")
    return FilterQuery(names, _moment(values["since"]), count_components(values["stripprefix"]))


def count_components(prefix: str) -> int:
    """Return how many components a path has."""
    return sum(bool(part) for part in prefix.split("/"))


def filter_lines(paths: Iterable[str], *, strip: int) -> Iterator[str]:
    """Yield the filter that includes these Directories, what lies directly in them, and the way.

    Paths are cut before anything else; those that are not longer become the top. A path with a
    line break cannot stand in a filter and is left out, with a remark.
    """
    yield HEAD
    yield "# includes"
    included: set[str] = set()
    for path in paths:
        below = "/".join(path.split("/")[strip:])
        if any(character in below for character in "\r\n\0"):
            yield f"# left out, since its name has a line break: {below!r}"
            continue
        included.add(below)
        while "/" in below:
            below = below.rpartition("/")[0]
            if below in included:
                break
            included.add(below)
    for directory in sorted(included):
        yield f"+ {_plain(directory)}/"
        yield f"+ {_escaped(directory)}/*"
    yield from TAIL


def refusal_lines(sentence: str) -> Iterator[str]:
    """Yield the filter that includes nothing and says why."""
    yield HEAD
    yield f"# {' '.join(sentence.split())}"
    yield from TAIL


def _moment(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise FilterError("since is not a Unix time in whole seconds.") from error


def _plain(path: str) -> str:
    """Return a path as a pattern of its own, in which a lone backslash is literal."""
    return _escaped(path) if any(character in path for character in WILDCARDS) else path


def _escaped(path: str) -> str:
    return "".join(f"\\{character}" if character in ESCAPED else character for character in path)
