"""A model field for sets of row ids, stored as one Roaring bitmap.

Knows how a set becomes bytes and back. Deliberately knows nothing about what the ids mean, and
offers no look-ups in SQL: "which Hosts carry this Directory" is a membership test in Python
(docs/adr/0008).
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from pyroaring import BitMap


def dump_bitmap(ids: BitMap) -> bytes:
    """Return the portable Roaring serialization, runs compressed; equal sets give equal bytes."""
    compact = BitMap(ids)
    compact.run_optimize()
    return bytes(compact.serialize())


def load_bitmap(data: bytes | memoryview | None) -> BitMap:
    """Read what `dump_bitmap` wrote; nothing at all is the empty set.

    Raises ValueError when the bytes are not a bitmap.
    """
    return BitMap.deserialize(bytes(data)) if data else BitMap()


class BitmapField(models.BinaryField):  # type: ignore[type-arg]
    """Hold a `pyroaring.BitMap` of ids below 2**32. Assign a new set, never change the old one."""

    description = "Set of ids (Roaring bitmap)"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", BitMap)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> BitMap | None:
        return None if value is None else load_bitmap(value)

    def get_prep_value(self, value: Any) -> bytes | None:
        return dump_bitmap(value) if isinstance(value, BitMap) else value

    def get_db_prep_value(
        self,
        value: Any,
        connection: BaseDatabaseWrapper,
        prepared: bool = False,  # noqa: FBT001, FBT002 -- the signature is Django's
    ) -> Any:
        value = value if prepared else self.get_prep_value(value)
        return super().get_db_prep_value(value, connection, prepared=True)

    def to_python(self, value: Any) -> BitMap | None:
        if value is None or isinstance(value, BitMap):
            return value
        try:
            return load_bitmap(value)
        except ValueError as error:
            raise ValidationError("This is not a stored set of ids.") from error

    def value_to_string(self, obj: models.Model) -> str:
        return ",".join(str(number) for number in self.value_from_object(obj) or ())
