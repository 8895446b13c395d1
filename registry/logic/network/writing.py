"""From plain data to text: the one spelling of a network file, in YAML and in JSON.

Written by hand rather than by a library, so that the bytes depend on the data alone and a large
file can be written while it is still being read from the database. Knows no kinds.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from registry.logic.network.schema import VERSION, VERSION_KEY

# What needs no quotes in YAML 1.1 or 1.2: letters first, nothing that has a meaning there.
PLAIN = re.compile(r"[A-Za-z][\w./+-]*(?:(?::(?=/)| )[\w./+-]+)*", re.ASCII)
RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
HEADING = (
    "# A network of Mirrorsite (docs/reference/network-file.md). Holds no secrets.\n"
    "# It is whole if its last line is “...”.\n---\n"
)


class Format(StrEnum):
    """How a network file is spelled."""

    YAML = "yaml"
    JSON = "json"


Section = tuple[str, Iterable[Mapping[str, Any]]]


def write_document(sections: Iterable[Section], *, form: Format) -> Iterator[str]:
    """Yield the text of a network file, an object at a time; equal data gives equal text."""
    return _write_json(sections) if form is Format.JSON else _write_yaml(sections)


def _write_json(sections: Iterable[Section]) -> Iterator[str]:
    """Write one object a line, so that files can be compared and read by line."""
    yield f'{{"{VERSION_KEY}": {VERSION}'
    for name, items in sections:
        yield f',\n"{name}": ['
        separator = "\n"
        for item in items:
            yield separator + _json(item)
            separator = ",\n"
        yield "]" if separator == "\n" else "\n]"
    yield "}\n"


def _write_yaml(sections: Iterable[Section]) -> Iterator[str]:
    yield f"{HEADING}{VERSION_KEY}: {VERSION}\n"
    for name, items in sections:
        lines = (line for item in items for line in _list_item(item, "  "))
        first = next(lines, None)
        yield f"{name}: []\n" if first is None else f"{name}:\n{first}\n"
        for line in lines:
            yield f"{line}\n"
    yield "...\n"


def _list_item(value: Any, indent: str) -> Iterator[str]:
    """Yield the lines of one item of a list; a mapping begins on the line of its dash."""
    if not isinstance(value, Mapping):
        yield f"{indent}- {_inline(value)}"
        return
    lead = f"{indent}- "
    for key, item in value.items():
        yield from _entry(key, item, lead, f"{indent}  ")
        lead = f"{indent}  "


def _entry(key: str, value: Any, lead: str, indent: str) -> Iterator[str]:
    """Yield the lines of one entry of a mapping."""
    if isinstance(value, Mapping):
        yield f"{lead}{key}:"
        for inner, item in value.items():
            yield from _entry(inner, item, f"{indent}  ", f"{indent}  ")
    elif isinstance(value, list) and value:
        yield f"{lead}{key}:"
        for item in value:
            yield from _list_item(item, f"{indent}  ")
    else:
        yield f"{lead}{key}: {_inline(value)}"


def _inline(value: Any) -> str:
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in RESERVED:
        return value
    return _json(value)


def _json(value: Any) -> str:
    """Return a value as JSON that is YAML, too: every unprintable character is escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
