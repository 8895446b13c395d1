"""Bounds on what is remembered, in one table and in many together.

What was made first is dropped first, one entry for each new one: to drop all at once would keep
whoever asks next waiting. Knows nothing of what the tables hold.
"""

from collections import OrderedDict, deque
from collections.abc import Hashable, MutableMapping
from threading import Lock
from typing import Any, TypeVar

Table = MutableMapping[Any, Any]
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def keep_newest(table: OrderedDict[Key, Value], key: Key, value: Value, *, most: int) -> Value:
    """Put an entry into a table, and drop its oldest if there are too many; return the value."""
    if len(table) >= most:
        table.popitem(last=False)
    table[key] = value
    return value


class Bound:
    """Keeps at most so many entries in all tables that it is told of, by any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        # Side by side, since a pair for each entry would take four times the memory.
        self._tables: deque[Table] = deque()
        self._keys: deque[Hashable] = deque()
        self._lock = Lock()

    def __len__(self) -> int:
        """How many entries were noted and not dropped."""
        return len(self._keys)

    def keep(self, table: Table, key: Hashable, value: object) -> None:
        """Put an entry into a table, and drop the oldest of all if there are too many."""
        with self._lock:
            if len(self._keys) >= self._most:
                self._drop(1)
            table[key] = value
            self._tables.append(table)
            self._keys.append(key)

    def drop(self, most: int) -> bool:
        """Drop some of the oldest entries; tell whether there are more."""
        with self._lock:
            self._drop(min(most, len(self._keys)))
            return bool(self._keys)

    def _drop(self, number: int) -> None:
        for _ in range(number):
            self._tables.popleft().pop(self._keys.popleft(), None)
