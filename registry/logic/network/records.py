"""Objects as records with natural keys, the same whether a file or the database named them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from registry.logic.network.schema import KIND, Field, Kind, key_fields, width
from registry.logic.network.values import printable

# The key of the parent, if there is one, then one part per key field; a reference is a key itself.
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Record:
    """One object: its key, what is known of its fields, and where it comes from.

    `label` is the key for people. `path` is the place in the file; `row` is the id of the
    database's row, which only services understand.
    """

    kind: Kind
    key: Key
    label: str
    values: Mapping[str, Any]
    path: str = ""
    row: Any = field(default=None, compare=False)

    @property
    def name(self) -> str:
        return f"{self.kind.noun} {self.label}"

    @property
    def parent_key(self) -> Key | None:
        return self.key[0] if self.kind.parent else None


World = Mapping[str, Mapping[Key, Record]]


class ProblemReason(StrEnum):
    """Why a file cannot be imported."""

    UNREADABLE = "unreadable"
    WRONG_VERSION = "wrong_version"
    WRONG_SHAPE = "wrong_shape"
    UNKNOWN_KEY = "unknown_key"
    MISSING = "missing"
    WRONG_VALUE = "wrong_value"
    TWICE = "twice"
    NO_SUCH_OBJECT = "no_such_object"
    TAKEN = "taken"
    MISPLACED = "misplaced"
    STILL_NEEDED = "still_needed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file: where, why, and the sentence for people."""

    path: str
    reason: ProblemReason
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else self.sentence


def key_of(kind: Kind, parts: Sequence[Any]) -> Key:
    """Return the key of an object from its written parts, the parent's first.

    There must be `width(kind)` parts.
    """
    key: list[Any] = []
    taken = 0
    if kind.parent:
        taken = width(KIND[kind.parent])
        key.append(key_of(KIND[kind.parent], parts[:taken]))
    for each in key_fields(kind):
        count = width(KIND[each.refers]) if each.refers else 1
        key.append(_key_part(each, parts[taken : taken + count]))
        taken += count
    return tuple(key)


def _key_part(each: Field, parts: Sequence[Any]) -> Any:
    if not each.refers:
        return parts[0].lower() if each.fold else parts[0]
    return reference_of(each, parts)


def reference_of(each: Field, parts: Sequence[Any]) -> Key | None:
    """Return the key that a reference means, or None if it is empty."""
    return None if parts[0] is None else key_of(KIND[each.refers], parts)


def label_of(parts: Sequence[Any]) -> str:
    """Return a key as people read it."""
    return " / ".join(printable(str(part)) for part in parts if part not in (None, ""))
