"""Turn values of foreign rows into records of the network file's kinds, one row at a time.

A value that is not of its field's type never stops an import: the row goes without it, or is left
out where it cannot, and the ledger says so.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from registry.logic.mirrormanager.choices import ChoiceReason, Ledger, conceal
from registry.logic.mirrormanager.rows import TABLES, Row
from registry.logic.netblocks import NetblockPolicy
from registry.logic.network.records import Key, Record
from registry.logic.network.schema import KIND, Field, Kind, key_fields
from registry.logic.network.values import explain, quote

# Codes that people write although ISO 3166-1 has others.
COUNTRY_ALIASES = {"UK": "GB", "EL": "GR"}


@dataclass(frozen=True)
class Tables:
    """The rows of all tables that are small enough to be held at once."""

    rows: Mapping[type[NamedTuple], Sequence[NamedTuple]]

    def of(self, kind: type[Row]) -> Sequence[Row]:
        """Return the rows of a table in the order of their ids."""
        return cast("Sequence[Row]", self.rows.get(kind, ()))


@dataclass(frozen=True)
class Surroundings:
    """What the import has to fit in: countries and URLs that are here, and the policy.

    `urls` are those here with the names of Site, Host and Category, in lower case, that have them.
    """

    countries: Collection[str]
    policy: NetblockPolicy = field(default_factory=NetblockPolicy)
    urls: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)


@dataclass
class Draft:
    """The records so far, and where the rows that others refer to have gone."""

    around: Surroundings
    ledger: Ledger = field(default_factory=Ledger)
    records: dict[str, dict[Key, Record]] = field(default_factory=dict)
    keys: dict[tuple[str, int], Key] = field(default_factory=dict)

    def refer(self, kind: str, id: int | None) -> Key | None:
        """Return the key of the object that a row of the kind became, if it became one."""
        return None if id is None else self.keys.get((kind, id))

    def remember(self, kind: str, id: int, key: Key | None) -> None:
        """Note what a row became, if it became anything."""
        if key is not None:
            self.keys[kind, id] = key

    def choose(self, reason: ChoiceReason, row: str, sentence: str) -> None:
        """Note a choice."""
        self.ledger.choose(reason, row, sentence)

    def country(self, code: str | None) -> Key | None:
        """Return the key of a country as people write it, if there is such a country here."""
        known = (code or "").strip().upper()
        known = COUNTRY_ALIASES.get(known, known)
        return (known,) if known in self.around.countries else None


def name_row(row: NamedTuple) -> str:
    """Return a row as an operator finds it: its table and its id."""
    return f"{TABLES[type(row)]} {row[0]}"


def count(draft: Draft, kind: type[Row], tables: Tables) -> Iterable[Row]:
    """Return the rows of a table, noting how many were read."""
    rows = tables.of(kind)
    draft.ledger.read[TABLES[kind]] += len(rows)
    return rows


def clean(text: str | None) -> str | None:
    """Return a text without blanks around it; None if nothing is left."""
    return (text or "").strip() or None


def admit(
    draft: Draft,
    kind_name: str,
    row: NamedTuple,
    values: Mapping[str, Any],
    *,
    parent: Key | None = None,
) -> Key | None:
    """Add the record of a row and return its key, or None if the row is left out.

    Of two rows with one key the first stays. Values of referring fields are keys; other values are
    parsed. None is left out, or left empty where the field may be.
    """
    kind = KIND[kind_name]
    parsed: dict[str, Any] = {}
    for each in kind.fields:
        if each.name in values and not _admit_value(draft, kind, each, row, values, parsed):
            return None
    key = _key(kind, parent, parsed)
    record = Record(kind, key, _label(draft, kind, parent, parsed), parsed, name_row(row))
    first = draft.records.setdefault(kind.name, {}).setdefault(key, record)
    if first is not record:
        draft.choose(
            ChoiceReason.TWICE,
            name_row(row),
            f"{record.name} is there already, from {first.path}; that one is taken.",
        )
        return key
    draft.ledger.taken[TABLES[type(row)]] += 1
    return key


def _admit_value(
    draft: Draft,
    kind: Kind,
    each: Field,
    row: NamedTuple,
    values: Mapping[str, Any],
    parsed: dict[str, Any],
) -> bool:
    """Parse one value into `parsed`; return whether the row can still be taken."""
    value, needed = values[each.name], each.key or each.required
    if value is None:
        if each.nullable:
            parsed[each.name] = None
        elif needed:
            sentence = f"The {kind.noun} has no {each.name}, so it is left out."
            draft.choose(ChoiceReason.NO_NAME, name_row(row), sentence)
        return not needed
    try:
        parsed[each.name] = value if each.refers else each.type.parse(value)
    except ValueError as error:
        shown = conceal(value) if isinstance(value, str) else value
        why = conceal(explain(shown, each.type, error))
        named = why if quote(shown) in why else f"{quote(shown)}: {why}"
        outcome = f"The {kind.noun} is left out." if needed else f"It has no {each.name} then."
        draft.choose(ChoiceReason.INVALID, name_row(row), f"{named} {outcome}")
        return not needed
    return True


def _key(kind: Kind, parent: Key | None, values: Mapping[str, Any]) -> Key:
    own = (
        values[each.name].lower() if each.fold else values[each.name] for each in key_fields(kind)
    )
    return (parent, *own) if kind.parent else tuple(own)


def _label(draft: Draft, kind: Kind, parent: Key | None, values: Mapping[str, Any]) -> str:
    parts = [draft.records[kind.parent][parent].label] if parent is not None else []
    for each in key_fields(kind):
        value = values[each.name]
        known = draft.records.get(each.refers, {}).get(value) if each.refers else None
        parts.append(known.label if known else value[-1] if each.refers else str(value))
    return " / ".join(parts)


def miss_parent(draft: Draft, row: NamedTuple, what: str) -> None:
    """Note a row whose parent is missing or was left out."""
    sentence = f"Its {what} is missing or left out, so it is left out, too."
    draft.choose(ChoiceReason.NO_PARENT, name_row(row), sentence)


def miss_country(draft: Draft, row: NamedTuple, code: str | None, *, consequence: str) -> None:
    """Note a row whose country does not exist here."""
    sentence = f"{quote(code)} is no country. {consequence}"
    draft.choose(ChoiceReason.UNKNOWN_COUNTRY, name_row(row), sentence)
