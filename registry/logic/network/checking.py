"""From plain data to records: is this a network file, and is every value of its type?

Finds all problems, not only the first. Deliberately does not know the database; whether
something that is referred to exists is the question of `plan`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from registry.logic.network.records import (
    Key,
    Problem,
    ProblemReason,
    Record,
    key_of,
    label_of,
    reference_of,
)
from registry.logic.network.schema import (
    KIND,
    TOP_KINDS,
    VERSION,
    VERSION_KEY,
    Field,
    Kind,
    children_of,
    key_fields,
    width,
)
from registry.logic.network.values import explain, printable, quote


@dataclass
class Checked:
    """What a file says: its records, the lists that it gives, and what is wrong with it.

    `lists` holds the kind and the parent's key of every list, empty ones too: with `replace` such
    a list is the whole truth.
    """

    records: dict[str, dict[Key, Record]] = field(default_factory=dict)
    lists: set[tuple[str, Key | None]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def object_to(self, path: str, reason: ProblemReason, sentence: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(path, reason, sentence))


@dataclass(frozen=True)
class _Above:
    """The object that a nested list belongs to."""

    key: Key
    parts: tuple[Any, ...]
    path: str


def check_document(data: Any) -> Checked:
    """Return the records of a document and all its problems; ties and order are the file's."""
    checked = Checked()
    if not isinstance(data, Mapping):
        checked.object_to(
            "",
            ProblemReason.WRONG_SHAPE,
            f"A network file is a mapping that begins with {VERSION_KEY}: {VERSION}.",
        )
        return checked
    _check_version(data, checked)
    known = [VERSION_KEY, *(kind.list_name for kind in TOP_KINDS)]
    _check_keys(data, known, "", checked)
    for kind in TOP_KINDS:
        if kind.list_name in data:
            _check_list(kind, data[kind.list_name], None, checked)
    return checked


def _check_version(data: Mapping[str, Any], checked: Checked) -> None:
    version = data.get(VERSION_KEY)
    if VERSION_KEY not in data:
        sentence = f"The file has no {VERSION_KEY}: {VERSION}; it may not be a network file."
    elif type(version) is not int or version != VERSION:
        sentence = f"{quote(version)} is not a version that this program reads; it reads {VERSION}."
    else:
        return
    checked.object_to(VERSION_KEY, ProblemReason.WRONG_VERSION, sentence)


def _check_keys(data: Mapping[str, Any], known: list[str], path: str, checked: Checked) -> None:
    for key in data:
        if key not in known:
            near = get_close_matches(key[:100], known, n=1)
            hint = f"did you mean “{near[0]}”?" if near else f"known are {', '.join(known)}."
            checked.object_to(
                join_path(path, printable(key)),
                ProblemReason.UNKNOWN_KEY,
                f"There is no key {quote(key)} here; {hint}",
            )


def join_path(path: str, key: str) -> str:
    """Return the place of a key inside the object at `path`."""
    return f"{path}.{key}" if path else key


def _check_list(kind: Kind, items: Any, above: _Above | None, checked: Checked) -> None:
    path = join_path(above.path if above else "", kind.list_name)
    if not isinstance(items, list):
        checked.object_to(path, ProblemReason.WRONG_SHAPE, f"{quote(items)} is not a list.")
        return
    checked.lists.add((kind.name, above.key if above else None))
    for number, item in enumerate(items):
        _check_item(kind, item, f"{path}[{number}]", above, checked)


def _check_item(kind: Kind, item: Any, path: str, above: _Above | None, checked: Checked) -> None:
    if kind.plain:
        item = {key_fields(kind)[0].name: item}
    if not isinstance(item, Mapping):
        checked.object_to(path, ProblemReason.WRONG_SHAPE, f"{quote(item)} is not a mapping.")
        return
    children = children_of(kind)
    names = [each.name for each in kind.fields] + [child.list_name for child in children]
    _check_keys(item, names, path, checked)
    values: dict[str, Any] = {}
    parts: list[Any] = list(above.parts if above else ())
    complete = True
    for each, found in _check_fields(kind, item, path, checked):
        complete = complete and not (each.key and found is None)
        if found is not None:
            values[each.name] = found[0]
            parts += found[1] if each.key else ()
    if not complete:
        return
    key = key_of(kind, parts)
    _add_record(Record(kind, key, label_of(parts), values, path), checked)
    for child in children:
        if child.list_name in item:
            inner = _Above(key, tuple(parts), path)
            _check_list(child, item[child.list_name], inner, checked)


def _check_fields(
    kind: Kind, item: Mapping[str, Any], path: str, checked: Checked
) -> Iterator[tuple[Field, tuple[Any, list[Any]] | None]]:
    """Yield each field with its value and written parts, or with None if it has none."""
    for each in kind.fields:
        # A plain item has no keys of its own, so its path says enough.
        place = path if kind.plain else join_path(path, each.name)
        if each.name in item:
            yield each, _parse(each, item[each.name], place, checked)
            continue
        if each.key and each.nullable:
            yield each, (None, [None])
            continue
        if each.key:
            sentence = f"The {kind.noun} has no {each.name}, by which it is known."
            checked.object_to(place, ProblemReason.MISSING, sentence)
        yield each, None


def _parse(each: Field, value: Any, path: str, checked: Checked) -> tuple[Any, list[Any]] | None:
    if value is None and each.nullable:
        return None, [None]
    try:
        if not each.refers:
            parsed = each.type.parse(value)
            return parsed, [parsed]
        parts = _parse_reference(each, value)
        return reference_of(each, parts), parts
    except ValueError as error:
        checked.object_to(path, ProblemReason.WRONG_VALUE, explain(value, each.type, error))
        return None


def _parse_reference(each: Field, value: Any) -> list[Any]:
    """Return the written parts of a reference: one word, or a list of as many as its key has."""
    count = width(KIND[each.refers])
    if count == 1:
        return [_parse_part(each, value)]
    if not isinstance(value, list) or len(value) != count:
        raise ValueError(
            f"{quote(value)} is not a list of {count} names, which a {each.refers} needs."
        )
    return [_parse_part(each, part) for part in value]


def _parse_part(each: Field, value: Any) -> Any:
    try:
        return each.type.parse(value)
    except ValueError as error:
        raise ValueError(explain(value, each.type, error)) from None


def _add_record(record: Record, checked: Checked) -> None:
    records = checked.records.setdefault(record.kind.name, {})
    first = records.setdefault(record.key, record)
    if first is not record:
        checked.object_to(
            record.path,
            ProblemReason.TWICE,
            f"This is the same {record.kind.noun} as {first.path} ({first.label}).",
        )
