"""From bytes to plain data: JSON, and the part of YAML that needs no trust.

Plain YAML words mean what YAML 1.2 says, so that `NO` is Norway. Aliases, tags and repeated keys
are refused, since a small file with aliases can stand for a huge one. Knows no kinds.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

import yaml

from registry.logic.network.values import quote

# A YAML file is for people; state at scale is written as JSON, which is smaller and read faster.
GREATEST_YAML_BYTES = 50 * 1024 * 1024
GREATEST_JSON_BYTES = 512 * 1024 * 1024
# A network file is six levels deep.
GREATEST_DEPTH = 20
GREATEST_DIGITS = 19

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
INTEGER = re.compile(r"[-+]?[0-9]{1,19}")
FLOAT = re.compile(
    r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
)


class UnreadableError(ValueError):
    """The bytes are no document at all; the message is a sentence that says where and why."""


def read_document(data: bytes) -> Any:
    """Return the data of a JSON or YAML file; one that begins with `{` is JSON.

    Raises UnreadableError. A YAML file that begins with `---` must end with `...`, as every
    exported one does: that is how a file cut in half is noticed.
    """
    if len(data) > GREATEST_JSON_BYTES:
        raise UnreadableError(_too_large(data, GREATEST_JSON_BYTES))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"The file is not UTF-8 text (byte {error.start}).") from None
    if not text.strip():
        raise UnreadableError("The file is empty.")
    if text.lstrip().startswith("{"):
        return _read_json(text)
    if len(data) > GREATEST_YAML_BYTES:
        raise UnreadableError(_too_large(data, GREATEST_YAML_BYTES))
    if _begins_but_does_not_end(text):
        raise UnreadableError(
            "The file begins with “---” but does not end with “...”: it is cut short. "
            "If you wrote it by hand, add a last line with “...”."
        )
    return _read_yaml(text)


def ends_properly(data: bytes) -> bool:
    """Tell whether a file shows that it is whole: JSON closes itself, YAML ends with `...`."""
    text = data.strip()
    return text.startswith(b"{") or text.splitlines()[-1:] == [b"..."]


def _too_large(data: bytes, limit: int) -> str:
    return (
        f"The file has {len(data)} bytes; at most {limit} are read of its format "
        f"({GREATEST_YAML_BYTES} of YAML, {GREATEST_JSON_BYTES} of JSON)."
    )


def _begins_but_does_not_end(text: str) -> bool:
    lines = text.strip().splitlines()
    first = next((line for line in lines if not line.startswith("#")), "")
    return first.rstrip() == "---" and lines[-1].rstrip() != "..."


def _read_json(text: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_object_of,
            parse_constant=_refuse_constant,
            parse_int=_json_integer,
        )
    except json.JSONDecodeError as error:
        raise UnreadableError(
            f"Line {error.lineno}, column {error.colno}: this is not JSON ({error.msg}). "
            "The file may be cut short."
        ) from None
    except RecursionError:
        raise UnreadableError("The file is nested too deeply.") from None


def _object_of(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise UnreadableError(f"The key {quote(key)} stands twice in one object.")
        result[key] = value
    return result


def _refuse_constant(constant: str) -> NoReturn:
    raise UnreadableError(f"{constant} is not a number that a network file can hold.")


def _json_integer(digits: str) -> int:
    if len(digits.lstrip("-")) > GREATEST_DIGITS:
        raise UnreadableError(f"A number of {len(digits)} digits is too long.")
    return int(digits)


def _read_yaml(text: str) -> Any:
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise UnreadableError(f"This is not YAML: {_in_one_line(error)}.") from None
    return builder.document


def _in_one_line(error: yaml.YAMLError) -> str:
    return " ".join(str(error).split())


class _Builder:
    """Builds the document from parser events, without PyYAML's constructors."""

    def __init__(self) -> None:
        self.document: Any = None
        self.documents = 0
        self.open: list[Any] = []
        self.keys: list[Any] = []

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.AliasEvent():
                self._refuse(event, "aliases (*) are not read; write the value out")
            case yaml.NodeEvent() if event.anchor:
                self._refuse(event, "anchors (&) are not read; write the value out")
            case yaml.ScalarEvent():
                self._add(_scalar(event), event)
            case yaml.CollectionStartEvent():
                self._start({} if isinstance(event, yaml.MappingStartEvent) else [], event)
            case yaml.CollectionEndEvent():
                self.open.pop()
                self.keys.pop()
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self._refuse(event, "a second document begins; a network file is one")

    def _start(self, collection: Any, event: Any) -> None:
        if event.tag:
            self._refuse(event, f"the tag {event.tag} is not read")
        self._add(collection, event)
        self.open.append(collection)
        self.keys.append(None)
        if len(self.open) > GREATEST_DEPTH:
            self._refuse(event, "the file is nested too deeply")

    def _add(self, value: Any, event: Any) -> None:
        if not self.open:
            self.document = value
        elif isinstance(self.open[-1], list):
            self.open[-1].append(value)
        elif self.keys[-1] is None:
            self._take_key(value, event)
        else:
            self.open[-1][self.keys[-1]] = value
            self.keys[-1] = None

    def _take_key(self, value: Any, event: Any) -> None:
        if not isinstance(value, str) or not value:
            self._refuse(event, "a key must be a word")
        if value in self.open[-1]:
            self._refuse(event, f"the key {quote(value)} stands twice in one mapping")
        self.keys[-1] = value

    def _refuse(self, event: Any, why: str) -> NoReturn:
        mark = event.start_mark
        raise UnreadableError(f"Line {mark.line + 1}, column {mark.column + 1}: {why}.")


def _scalar(event: Any) -> Any:
    """Return the value of a scalar by the core schema of YAML 1.2."""
    text: str = event.value
    if event.tag:
        mark = event.start_mark
        raise UnreadableError(
            f"Line {mark.line + 1}, column {mark.column + 1}: the tag {event.tag} is not read."
        )
    if event.style:
        return text
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if FLOAT.fullmatch(text) else text
