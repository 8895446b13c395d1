"""Which files a build that was killed left behind.

Knows how builds name their files. Deliberately says nothing about any other file: whoever put it
there may want it.
"""

import re
from collections.abc import Collection
from datetime import timedelta

# A build takes minutes at most; a file this old is nobody's work any more.
OLD = timedelta(days=1)
_FINISHED = re.compile(r"snapshot-\d{8}T\d{6}Z-\d+\.sqlite", re.ASCII)
_PARTIAL = re.compile(r"\.snapshot-\d{8}T\d{6}Z-\d+\.sqlite\.part", re.ASCII)


def is_leftover(name: str, *, age: timedelta, known: Collection[str]) -> bool:
    """Tell whether a file of a build may go: it is old, and not among the files that are `known`.

    A file from the future is not old: a clock may have been set back.
    """
    if age <= OLD or name in known:
        return False
    return bool(_FINISHED.fullmatch(name) or _PARTIAL.fullmatch(name))
