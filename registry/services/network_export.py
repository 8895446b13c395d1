"""Write the network as one document. Reads each table once, changes nothing.

Knows how rows are put inside each other. The spelling is the business of the logic.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from registry.logic.listings import unpack_listing
from registry.logic.network.records import Key, key_of
from registry.logic.network.schema import KIND, TOP_KINDS, Kind, children_of
from registry.logic.network.up2date import Catalog, describe, make_catalog
from registry.logic.network.values import Listing
from registry.logic.network.writing import Format, Section, write_document
from registry.models import Directory
from registry.reference import CountryRow, countries
from registry.services.network_tables import ORDER, Row, read_records, read_rows

# Listings are read this many at a time, so that a large tree need not fit in memory.
DIRECTORIES_AT_ONCE = 500

Nested = dict[str, dict[Key | None, list[Row]]]


def export_network(*, with_state: bool = False, form: Format = Format.YAML) -> Iterator[str]:
    """Yield the text of the network file, an object at a time.

    With state: Directories with their files, Repositories, FileDetails and up2date sets, too.
    Costs one query per kind, and with state one more per 500 Directories. What is added while the
    export runs may be in it or not, but nothing is half in it.
    """
    return write_document(_sections(with_state=with_state), form=form)


def _sections(*, with_state: bool) -> Iterator[Section]:
    describer = _Describer() if with_state else None
    for kind in TOP_KINDS:
        if with_state or not kind.state:
            yield kind.list_name, _items_at_top(kind, describer)


def _items_at_top(kind: Kind, describer: "_Describer | None") -> Iterator[dict[str, Any]]:
    if kind.name == "directory":
        yield from _directories()
        return
    nested = _rows_below(kind, state=describer is not None)
    for row in _sorted_rows(kind, state=describer is not None):
        if not _is_built_in(kind, row):
            yield _item(kind, row, nested, describer)


class _Describer:
    """Puts up2date sets into words; reads the Directories once, when it is made."""

    def __init__(self) -> None:
        records = read_records(KIND["directory"], state=True)
        self.catalog: Catalog = make_catalog(records.values())
        self.paths = {number: path for path, number in self.catalog.numbers.items()}

    def words(self, row: Row) -> Any:
        category = key_of(KIND["category"], row.values["category"])
        return describe(row.values["up2date"], category, catalog=self.catalog, paths=self.paths)


def _rows_below(kind: Kind, *, state: bool) -> Nested:
    """Return all rows of the kinds inside this one, by kind and by the key of their parent."""
    nested: Nested = {}
    for child in children_of(kind):
        rows = nested[child.name] = defaultdict(list)
        for row in _sorted_rows(child, state=state):
            rows[key_of(child, row.parts)[0]].append(row)
        nested |= _rows_below(child, state=state)
    return nested


def _sorted_rows(kind: Kind, *, state: bool) -> list[Row]:
    """Return rows in an order that does not depend on the database's collation."""
    rows = list(read_rows(kind, state=state))
    if kind.name == "file_detail":
        rows.sort(key=lambda row: row.parts[:2])
    elif kind.name not in ORDER:
        rows.sort(key=lambda row: ([_folded(part) for part in row.parts], row.parts))
    return rows


def _folded(part: Any) -> Any:
    return part.lower() if isinstance(part, str) else part


def _is_built_in(kind: Kind, row: Row) -> bool:
    """Tell whether every installation has this row: only changed and added countries are told."""
    return kind.name == "country" and (CountryRow(**row.values) in _BUILT_IN)


_BUILT_IN = frozenset(countries())


def _item(kind: Kind, row: Row, nested: Nested, describer: _Describer | None) -> Any:
    """Return one object as it is written, with what belongs inside it."""
    item: dict[str, Any] = {}
    for each in kind.fields:
        if each.name not in row.values:
            continue
        value = row.values[each.name]
        if each.refers:
            item[each.name] = _reference(value)
        elif each.name == "up2date" and describer is not None:
            item[each.name] = each.type.dump(describer.words(row))
        else:
            item[each.name] = None if value is None else each.type.dump(value)
    if kind.plain:
        return next(iter(item.values()))
    key = key_of(kind, row.parts)
    for child in children_of(kind):
        rows = nested[child.name].get(key, [])
        item[child.list_name] = [_item(child, inner, nested, describer) for inner in rows]
    return item


def _reference(parts: tuple[Any, ...]) -> Any:
    if parts[0] is None:
        return None
    return parts[0] if len(parts) == 1 else list(parts)


def _directories() -> Iterator[dict[str, Any]]:
    """Yield Directories with their files, a bounded number of listings in memory."""
    kind = KIND["directory"]
    rows = _sorted_rows(kind, state=True)
    for start in range(0, len(rows), DIRECTORIES_AT_ONCE):
        some = rows[start : start + DIRECTORIES_AT_ONCE]
        listings = dict(
            Directory.objects.filter(pk__in=[row.pk for row in some]).values_list("pk", "listing")
        )
        for row in some:
            if row.pk in listings:
                listing = Listing.of(unpack_listing(listings[row.pk]))
                whole = Row(row.pk, row.parts, {**row.values, "files": listing})
                yield _item(kind, whole, {}, None)
