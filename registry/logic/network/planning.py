"""What an import would change: the file's records against those of the database.

An import adds and changes. What the file does not name stays, field by field and object by
object, unless `replace` makes each list of the file the whole truth. Finds all problems that only
show when both are known. Writes nothing.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from pyroaring import BitMap

from registry.logic.network.checking import Checked, join_path
from registry.logic.network.records import Key, Problem, ProblemReason, Record, World
from registry.logic.network.schema import KIND, KINDS, Field, Gone, Kind
from registry.logic.network.up2date import Catalog, make_catalog, resolve
from registry.logic.network.values import Up2date, quote, show
from registry.logic.places import is_below

# Guessing what was meant compares with every name; among more than this it takes too long.
GUESSED_FROM = 2000


class Action(StrEnum):
    """What an import does to an object."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"
    KEEP = "keep"


class ChangeReason(StrEnum):
    """Why an import does it."""

    NEW = "new"
    DIFFERENT = "different"
    EQUAL = "equal"
    NOT_NAMED = "not_named"
    NOT_IN_FILE = "not_in_file"
    GOES_WITH = "goes_with"
    REFERENCE_REMOVED = "reference_removed"


@dataclass(frozen=True)
class Change:
    """What happens to one object: the object afterwards (or as it was), and before and after."""

    action: Action
    record: Record
    reason: ChangeReason
    sentence: str
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass
class Plan:
    """All changes in the order of writing, what was left out, and what forbids the import.

    `catalog` numbers the Directories in the up2date sets of the changes.
    """

    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    catalog: Catalog = field(default_factory=Catalog)

    def of(self, action: Action) -> list[Change]:
        """Return the changes of one action."""
        return [change for change in self.changes if change.action is action]

    def object_to(self, path: str, reason: ProblemReason, sentence: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(path, reason, sentence))


def draw_plan(checked: Checked, current: World, *, replace: bool) -> Plan:
    """Return the plan of an import. `current` holds the kinds that the file could touch.

    An unknown user cannot become a SiteAdmin: that is noted and left out, because accounts are
    no part of the file and may come later.
    """
    plan = Plan()
    final: dict[str, dict[Key, Record]] = {"user": dict(current.get("user", {}))}
    for kind in KINDS:
        final[kind.name] = {}
        for change in _changes_of(kind, checked, current, final, replace=replace, plan=plan):
            plan.changes.append(change)
            if change.action is not Action.REMOVE:
                final[kind.name][change.record.key] = change.record
        _check_unique(kind, final[kind.name], plan)
        if kind.name == "directory":
            _check_places(final, plan)
            plan.catalog = make_catalog(final["directory"].values())
    return plan


def _changes_of(
    kind: Kind, checked: Checked, current: World, final: World, *, replace: bool, plan: Plan
) -> Iterator[Change]:
    """Yield the changes of one kind: what the file names first, then what it does not."""
    wanted = checked.records.get(kind.name, {})
    existing = current.get(kind.name, {})
    for record in wanted.values():
        if _check_references(record, final, plan):
            yield _compare(_resolved(record, plan), existing.get(record.key), final, plan)
    for record in existing.values():
        if record.key not in wanted:
            listed = replace and kind.removable and (kind.name, record.parent_key) in checked.lists
            yield _leave(record, final, listed=listed, plan=plan)


def _check_references(record: Record, final: World, plan: Plan) -> bool:
    """Tell whether the record takes part; note what it refers to that will not exist."""
    for each in record.kind.fields:
        target = record.values.get(each.name)
        if not each.refers or target is None or target in final[each.refers]:
            continue
        if each.refers == "user":
            plan.notes.append(
                f"{record.path}: there is no user {quote(target[0])} yet, so the SiteAdmin is "
                "left out; import again once the account exists."
            )
            return False
        plan.object_to(*_no_such_object(record, each, target, final))
    return True


def _no_such_object(
    record: Record, each: Field, target: Key, final: World
) -> tuple[str, ProblemReason, str]:
    candidates = final[each.refers] if len(final[each.refers]) <= GUESSED_FROM else ()
    near = get_close_matches(str(target[-1]), [str(key[-1]) for key in candidates], n=1)
    hint = f" Did you mean {quote(near[0])}?" if near else ""
    path = record.path if record.kind.plain else join_path(record.path, each.name)
    noun = KIND[each.refers].noun
    return (
        path,
        ProblemReason.NO_SUCH_OBJECT,
        f"{quote(show_key(target))} is no {noun} of this file or of the database.{hint}",
    )


def show_key(key: Key) -> str:
    """Return a key, nested or not, as people read it."""
    parts = (show_key(part) if isinstance(part, tuple) else str(part) for part in key)
    return " / ".join(parts)


def _resolved(record: Record, plan: Plan) -> Record:
    """Return the record with its up2date set, if it has one, as numbers of Directories."""
    wanted = record.values.get("up2date")
    if not isinstance(wanted, Up2date):
        return record
    numbers, unknown = resolve(wanted, record.values["category"], catalog=plan.catalog)
    for path in unknown:
        plan.object_to(
            join_path(record.path, "up2date"),
            ProblemReason.NO_SUCH_OBJECT,
            f"{quote(path)} is no Directory of this file or of the database.",
        )
    return dataclasses.replace(record, values={**record.values, "up2date": numbers})


def _compare(wanted: Record, existing: Record | None, final: World, plan: Plan) -> Change:
    if existing is None:
        _check_complete(wanted, plan)
        fields = {each: (None, value) for each, value in wanted.values.items()}
        sentence = "The file names it and the database does not have it."
        return Change(Action.ADD, wanted, ChangeReason.NEW, sentence, fields)
    fields = {
        name: (before, after)
        for name, after in wanted.values.items()
        if (before := _masked(existing.values.get(name), plan)) != after
    }
    merged = dataclasses.replace(
        wanted, values={**existing.values, **wanted.values}, row=existing.row
    )
    merged, cleared = _cleared(merged, final, wanted.values, plan)
    fields |= cleared
    if fields:
        sentence = f"The file has another {', '.join(fields)}."
        return Change(Action.CHANGE, merged, ChangeReason.DIFFERENT, sentence, fields)
    return Change(Action.KEEP, merged, ChangeReason.EQUAL, "The file says the same.")


def _masked(value: Any, plan: Plan) -> Any:
    """Return a value to compare: a set without the ids of Directories that are gone."""
    return value & plan.catalog.known if isinstance(value, BitMap) else value


def _check_complete(record: Record, plan: Plan) -> None:
    for each in record.kind.fields:
        if each.required and each.name not in record.values:
            plan.object_to(
                join_path(record.path, each.name),
                ProblemReason.MISSING,
                f"The {record.kind.noun} is new and has no {each.name}.",
            )


def _leave(record: Record, final: World, *, listed: bool, plan: Plan) -> Change:
    """Decide about an object that the file does not name; `listed` if its list is the whole."""
    if listed:
        sentence = "The file has this list, and it is not in it."
        return Change(Action.REMOVE, record, ChangeReason.NOT_IN_FILE, sentence)
    lost = _lost_with(record, final)
    if lost is not None:
        sentence = f"It cannot stay without the {lost}, which is removed."
        return Change(Action.REMOVE, record, ChangeReason.GOES_WITH, sentence)
    record, cleared = _cleared(record, final, {}, plan)
    if cleared:
        sentence = f"What its {', '.join(cleared)} named is removed."
        return Change(Action.CHANGE, record, ChangeReason.REFERENCE_REMOVED, sentence, cleared)
    return Change(Action.KEEP, record, ChangeReason.NOT_NAMED, "The file does not name it.")


def _lost_with(record: Record, final: World) -> str | None:
    """Return the noun of the removed object that takes this one along, if there is one."""
    if record.kind.parent and record.parent_key not in final[record.kind.parent]:
        return KIND[record.kind.parent].noun
    for each in _lost_references(record, final):
        if each.gone is Gone.GOES_TOO:
            return KIND[each.refers].noun
    return None


def _lost_references(record: Record, final: World) -> Iterator[Field]:
    for each in record.kind.fields:
        target = record.values.get(each.name)
        if each.refers and target is not None and target not in final[each.refers]:
            yield each


def _cleared(
    record: Record, final: World, given: Mapping[str, Any], plan: Plan
) -> tuple[Record, dict[str, tuple[Any, Any]]]:
    """Empty the references to removed objects that the file did not give itself."""
    cleared: dict[str, tuple[Any, Any]] = {}
    for each in _lost_references(record, final):
        target = record.values[each.name]
        if each.name in given:
            continue
        if each.gone is Gone.IS_CLEARED:
            cleared[each.name] = (target, None)
            continue
        noun = KIND[each.refers].noun
        plan.object_to(
            record.path,
            ProblemReason.STILL_NEEDED,
            f"The {noun} {quote(show_key(target))} would be removed, but {record.name} needs it.",
        )
    values = {**record.values, **dict.fromkeys(cleared)}
    return dataclasses.replace(record, values=values), cleared


def _check_unique(kind: Kind, records: Mapping[Key, Record], plan: Plan) -> None:
    """Find values that two objects would share although the database allows only one."""
    for names in kind.unique:
        holders: dict[tuple[Any, ...], Record] = {}
        for record in records.values():
            value = tuple(record.values.get(name) for name in names)
            if len(names) > 1 and not all(value):
                continue
            other = holders.setdefault(value, record)
            if other is not record:
                _object_to_sharing(record, other, names, plan)


def _object_to_sharing(record: Record, other: Record, names: tuple[str, ...], plan: Plan) -> None:
    ours, theirs = (record, other) if record.path else (other, record)
    shown = show(tuple(ours.values[name] for name in names))
    plan.object_to(
        join_path(ours.path, names[0]),
        ProblemReason.TAKEN,
        f"{shown} belongs to {theirs.name} already; only one {ours.kind.noun} may have it.",
    )


def _check_places(final: World, plan: Plan) -> None:
    """Find Directories of the file that are not below the top directory of their Category."""
    for record in final["directory"].values():
        category = final["category"].get(record.values.get("category", ()))
        if not record.path or category is None:
            continue
        top = category.values.get("top_directory", "")
        if not is_below(record.key[0], top):
            plan.object_to(
                join_path(record.path, "path"),
                ProblemReason.MISPLACED,
                f"{quote(record.key[0])} is not below {quote(top)}, the top directory of "
                f"{category.name}.",
            )
