"""Remember for a while what was seen already, in a fixed amount of memory.

Every mark has one place in a table, and one that comes later may take it. So something may be
forgotten early, the likelier the more there is to remember. That something new passes for seen is
a matter of one in four thousand million.
"""

from array import array
from collections.abc import Hashable

# One table is 512 KiB. Of 20,000 marks about 1,500 lose their place to another.
PLACES = 1 << 17
_WORD = 1 << 32


class Marks:
    """What was seen since the last but one `age`. Holds hashes, salted by the process."""

    __slots__ = ("_before", "_recent")

    def __init__(self) -> None:
        self._recent = _table()
        self._before = _table()

    def is_new(self, thing: Hashable) -> bool:
        """Tell whether a thing was not seen lately, and mark it."""
        found = hash(thing)
        place, mark = found % PLACES, (found >> 17) % _WORD or 1  # 0 is an empty place
        if mark in (self._recent[place], self._before[place]):
            return False
        self._recent[place] = mark
        return True

    def age(self) -> None:
        """Let what was seen before the last `age` be new again."""
        self._before, self._recent = self._recent, _table()


def _table() -> "array[int]":
    return array("I", bytes(4 * PLACES))
