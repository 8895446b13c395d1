"""Which part of a master tree belongs to a Category: its top directory without what is left out.

Every source of a scan asks here, so that all leave out the same. Deliberately touches no files.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from registry.logic.places import is_below, join_path, relative_to

# Snapshots of file servers, and what rsync --delay-updates has not finished yet.
NEVER = frozenset({".snapshot", ".~tmp~"})


@dataclass(frozen=True)
class ScanScope:
    """The top directory, patterns searched in whole paths, and trees of other Categories below.

    `foreign` are paths relative to the top directory.
    """

    top: str
    excludes: tuple[re.Pattern[str], ...] = ()
    foreign: frozenset[str] = frozenset()

    def fingerprint(self, *facts: str) -> int:
        """Return a number that changes with the scope and with further facts about a scan."""
        parts = (self.top, *(e.pattern for e in self.excludes), *sorted(self.foreign), *facts)
        digest = blake2b("\0".join(parts).encode(), digest_size=6).digest()
        return int.from_bytes(digest)

    def holds_directory(self, relative: str) -> bool:
        """Tell whether a directory belongs to the Category, if the one above it does."""
        return (
            relative.rpartition("/")[2] not in NEVER
            and relative not in self.foreign
            and not (self.excludes and self.is_excluded(relative))
        )

    def is_excluded(self, relative: str) -> bool:
        """Tell whether a pattern of the operator matches the whole path of a directory or file."""
        if not self.excludes:
            return False
        path = join_path(self.top, relative)
        return any(pattern.search(path) for pattern in self.excludes)


def compile_excludes(text: str) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of a Category's `excludes`, one a line.

    Raises ValueError with a sentence if one is not a regular expression: to leave it out could
    publish what it was meant to hide.
    """
    patterns: list[re.Pattern[str]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            patterns.append(re.compile(line))
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(
                f"The exclude “{line}” is not a regular expression ({error}); correct it on the "
                "page of the Category."
            ) from error
    return tuple(patterns)


def foreign_tops(top: str, others: Iterable[str]) -> frozenset[str]:
    """Return the top directories of other Categories below ours, relative to it."""
    return frozenset(
        relative_to(other, top) for other in others if other != top and is_below(other, top)
    )
