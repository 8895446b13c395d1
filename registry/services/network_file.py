"""Bring a network file into the database: read, plan, write in one transaction, tell the timeline.

The plan comes from the logic. Here it is carried out with bulk queries, and nothing is written
if anything at all is wrong.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError, models, transaction
from pyroaring import BitMap

from registry.logic.network.checking import Checked, check_document
from registry.logic.network.planning import Action, Change, Plan, draw_plan
from registry.logic.network.reading import UnreadableError, ends_properly, read_document
from registry.logic.network.records import Key, Problem, ProblemReason, Record, World
from registry.logic.network.schema import KIND, KINDS, Kind
from registry.logic.network.wording import change_facts, event_sentence, summary
from registry.models import Event, EventKind, Host, Site
from registry.services.carriage import Findings, store_findings
from registry.services.events import record_event
from registry.services.network_tables import MODELS, fill, read_records, users_named

ROWS_AT_ONCE = 500
# An Event repeats this many changes; the file itself has the rest.
FACTS_KEPT = 50

Rows = dict[str, dict[Key, Any]]
Root = tuple[str, Key]


@dataclass(frozen=True)
class Outcome:
    """What became of a file: its plan, and whether it was written.

    With problems nothing was written. Without, a plan that changes nothing is not written either.
    """

    plan: Plan
    written: bool

    @property
    def problems(self) -> list[Problem]:
        return self.plan.problems


@dataclass(frozen=True)
class Occasion:
    """What is imported, when and by whom; `what` is the kind of source for people."""

    source: str
    now: datetime
    actor: AbstractBaseUser | None = None
    what: str = "network file"


def import_network(
    data: bytes,
    *,
    source: str,
    now: datetime,
    replace: bool = False,
    dry_run: bool = False,
    actor: AbstractBaseUser | None = None,
) -> Outcome:
    """Make the database say what a network file says; `source` is the file's name for people.

    Adds and changes; removes only with `replace`, and then only from lists that the file has. The
    same file twice changes nothing the second time. Writes one Event for the import and one per
    Site and Host that it changed.
    """
    try:
        checked = check_document(read_document(data))
    except UnreadableError as error:
        return _refused(Problem("", ProblemReason.UNREADABLE, str(error)))
    if replace and not ends_properly(data):
        return _refused(Problem("", ProblemReason.UNREADABLE, CUT_SHORT))
    if checked.problems:
        return Outcome(Plan(problems=checked.problems), written=False)
    occasion = Occasion(source, now, actor)
    return import_records(checked, occasion=occasion, replace=replace, dry_run=dry_run)


def import_records(
    checked: Checked,
    *,
    occasion: Occasion,
    replace: bool = False,
    dry_run: bool = False,
    coming_users: Iterable[str] = (),
) -> Outcome:
    """Make the database say what records say, whoever made them, in one transaction.

    `coming_users` are accounts that do not exist yet and will once the import is written: a dry run
    takes them for existing.
    """
    if dry_run:
        current = _current(checked, replace=replace, coming_users=coming_users)
        return Outcome(draw_plan(checked, current, replace=replace), written=False)
    try:
        with transaction.atomic():
            current = _current(checked, replace=replace)
            plan = draw_plan(checked, current, replace=replace)
            written = not plan.problems and len(plan.changes) > len(plan.of(Action.KEEP))
            if written:
                _carry_out(plan, current, occasion)
    except DatabaseError as error:
        return _refused(
            Problem("", ProblemReason.REFUSED, f"The database refused it: {_in_one_line(error)}")
        )
    return Outcome(plan, written)


CUT_SHORT = (
    "The file does not end with a line “...”, so it may be cut short; what it lacks would be "
    "removed. Add that line if the file is whole."
)


def _in_one_line(error: DatabaseError) -> str:
    return " ".join(str(error).split())


def _refused(problem: Problem) -> Outcome:
    return Outcome(Plan(problems=[problem]), written=False)


def _current(
    checked: Checked, *, replace: bool, coming_users: Iterable[str] = ()
) -> dict[str, dict[Key, Record]]:
    """Read what the file could touch: state only if the file has some, or objects may go."""
    state = _has_state(checked)
    current = {
        kind.name: read_records(kind, state=state)
        for kind in KINDS
        if state or replace or not kind.state
    }
    named = (record.key[1][0] for record in checked.records.get("site_admin", {}).values())
    coming = {(name,): Record(KIND["user"], (name,), name, {}) for name in coming_users}
    current["user"] = coming | users_named(named)
    return current


def _has_state(checked: Checked) -> bool:
    return any(KIND[name].state for name, _ in checked.lists) or any(
        "up2date" in record.values for record in checked.records.get("host_category", {}).values()
    )


def _carry_out(plan: Plan, current: World, occasion: Occasion) -> None:
    """Remove, then add and change, kind by kind; then the up2date sets; then the timeline."""
    rows: Rows = {
        name: {key: record.row for key, record in records.items()}
        for name, records in current.items()
    }
    by_kind: dict[str, list[Change]] = defaultdict(list)
    for change in plan.changes:
        by_kind[change.record.kind.name].append(change)
    told = _by_root(plan)
    _tell({root: told.pop(root) for root in _removed_roots(plan)}, rows, occasion)
    for kind in reversed(KINDS):
        _remove(kind, by_kind[kind.name])
    for kind in KINDS:
        _add(kind, by_kind[kind.name], rows, now=occasion.now)
        _change(kind, by_kind[kind.name], rows, now=occasion.now)
    _store_up2date(by_kind["host_category"], plan, rows, occasion)
    _tell(told, rows, occasion)
    _tell_whole(plan, occasion)


def _remove(kind: Kind, changes: Iterable[Change]) -> None:
    going = [change.record.row for change in changes if change.action is Action.REMOVE]
    for start in range(0, len(going), ROWS_AT_ONCE):
        some = going[start : start + ROWS_AT_ONCE]
        MODELS[kind.name]._default_manager.filter(pk__in=some).delete()


def _add(kind: Kind, changes: Iterable[Change], rows: Rows, *, now: datetime) -> None:
    """Insert the new objects of a kind, and remember their ids for those that refer to them."""
    new = [change.record for change in changes if change.action is Action.ADD]
    model = MODELS[kind.name]
    instances = []
    for record in new:
        instance = model()
        if kind.parent:
            setattr(instance, f"{kind.parent}_id", rows[kind.parent][record.key[0]])
        fill(instance, kind, record.values, rows=rows, now=now)
        instances.append(instance)
    model._default_manager.bulk_create(instances, batch_size=ROWS_AT_ONCE)
    known = rows.setdefault(kind.name, {})
    known |= {record.key: each.pk for record, each in zip(new, instances, strict=True)}


def _change(kind: Kind, changes: Iterable[Change], rows: Rows, *, now: datetime) -> None:
    """Update the changed objects of a kind, those with the same changed fields together."""
    groups: dict[frozenset[str], list[models.Model]] = defaultdict(list)
    for change in changes:
        if change.action is Action.CHANGE:
            instance = MODELS[kind.name](pk=change.record.row)
            after = {name: values[1] for name, values in change.fields.items()}
            names = fill(instance, kind, after, rows=rows, now=now)
            groups[frozenset(names)].append(instance)
    for columns, alike in groups.items():
        if columns:
            MODELS[kind.name]._default_manager.bulk_update(
                alike, sorted(columns), batch_size=ROWS_AT_ONCE
            )


def _store_up2date(changes: Iterable[Change], plan: Plan, rows: Rows, occasion: Occasion) -> None:
    """Write the up2date sets that differ, with the ids that new Directories got."""
    new = {number: rows["directory"][key] for number, key in plan.catalog.provisional.items()}
    for change in changes:
        if change.action is not Action.REMOVE and "up2date" in change.fields:
            wanted: BitMap = change.fields["up2date"][1]
            fresh = wanted - plan.catalog.known
            ids = (wanted & plan.catalog.known) | BitMap(map(new.__getitem__, fresh))
            store_findings(
                rows["host_category"][change.record.key],
                Findings(ids, {}, complete=True),
                reason=f"The {occasion.what} “{occasion.source}” says so.",
                now=occasion.now,
            )


def _root(record: Record) -> Root | None:
    """Return the Site or Host whose timeline a change belongs to."""
    kind, key = record.kind, record.key
    while kind.parent:
        kind, key = KIND[kind.parent], key[0]
    return (kind.name, key) if kind.name in {"site", "host"} else None


def _by_root(plan: Plan) -> dict[Root, list[Change]]:
    told: dict[Root, list[Change]] = defaultdict(list)
    for change in plan.changes:
        root = _root(change.record)
        if root and change.action is not Action.KEEP:
            told[root].append(change)
    return told


def _removed_roots(plan: Plan) -> list[Root]:
    """Return the Sites and Hosts that will be gone, which are told of while they are there."""
    return [
        (change.record.kind.name, change.record.key)
        for change in plan.of(Action.REMOVE)
        if change.record.kind.name in {"site", "host"}
    ]


def _tell(told: Mapping[Root, list[Change]], rows: Rows, occasion: Occasion) -> None:
    hosts = Host.objects.select_related("site").in_bulk(
        [rows["host"][key] for name, key in told if name == "host"]
    )
    sites = Site.objects.in_bulk([rows["site"][key] for name, key in told if name == "site"])
    for (name, key), changes in told.items():
        subject = hosts[rows["host"][key]] if name == "host" else sites[rows["site"][key]]
        record_event(
            subject,
            EventKind.IMPORTED,
            event_sentence(changes, source=occasion.source),
            now=occasion.now,
            actor=occasion.actor,
            facts={"changes": [change_facts(change) for change in changes[:FACTS_KEPT]]},
        )


def _tell_whole(plan: Plan, occasion: Occasion) -> None:
    """Note the import as a whole, so that changes of Categories and the like are told, too."""
    Event.objects.create(
        at=occasion.now,
        kind=EventKind.IMPORTED,
        sentence=f"Imported “{occasion.source}”: {summary(plan)}.",
        actor_id=occasion.actor.pk if occasion.actor is not None else None,
        subject=f"{occasion.what}: {occasion.source}"[:300],
        facts={
            "changes": [
                change_facts(change)
                for change in plan.changes
                if change.action is not Action.KEEP and _root(change.record) is None
            ][:FACTS_KEPT]
        },
    )
