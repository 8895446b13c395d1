"""Change a field of many Sites or Hosts at once, or let many Hosts carry a Category or stop it.

A few statements, however many rows; each row's timeline says what happened to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, F

from registry.logic.operations.bulk_changes import (
    Carrier,
    Row,
    RowStep,
    plan_adding,
    plan_fields,
    plan_removing,
)
from registry.logic.operations.steps import Plan
from registry.models import Category, Event, EventKind, Host, HostCategory, Site
from registry.services.edits import forget_copies
from registry.services.events import compose_event
from registry.services.operations.base import ChangedError, Notes, Operation, OperationError

EVENTS_AT_ONCE = 500


@dataclass(frozen=True)
class SetFields(Operation[RowStep]):
    """Give fields of some Sites or Hosts the same values."""

    rows: models.QuerySet[Any]
    values: Mapping[str, Any]

    def plan(self, *, now: datetime) -> Plan[RowStep]:
        found = [_row(row, self.values) for row in self.rows.order_by("pk")]
        if not found:
            raise OperationError("Select some rows on the list first.")
        return plan_fields(found, {name: _said(value) for name, value in self.values.items()})

    def write(self, plan: Plan[RowStep], note: Notes) -> None:
        things = _chosen(self.rows.model, plan)
        before = {
            thing.pk: {name: getattr(thing, name) for name in self.values} for thing in things
        }
        rows = self.rows.model._default_manager.filter(pk__in=before)
        if rows.update(**self.values, revision=F("revision") + 1) != len(things):
            raise ChangedError
        self._note(things, before, note)
        if "private" in self.values:
            owned = Host.objects.filter(pk__in=before)
            hosts = owned if self.rows.model is Host else Host.objects.filter(site__in=before)
            forget_copies(hosts, private=self.values["private"])

    def _note(
        self, things: Sequence[Any], before: Mapping[int, Mapping[str, Any]], note: Notes
    ) -> None:
        names = ", ".join(name.replace("_", " ") for name in self.values)
        _note_all(
            things,
            note,
            EventKind.CHANGED,
            lambda thing: f"An operator changed {names} of “{thing}”.",
            lambda thing: {
                name: [_plain(before[thing.pk][name]), _plain(value)]
                for name, value in self.values.items()
                if before[thing.pk][name] != value
            },
        )


@dataclass(frozen=True)
class AddCategory(Operation[RowStep]):
    """Let Hosts carry a Category; their URLs come one by one."""

    hosts: models.QuerySet[Any]
    category: Category

    def plan(self, *, now: datetime) -> Plan[RowStep]:
        return plan_adding(_carriers(self.hosts, self.category), self.category.name)

    def write(self, plan: Plan[RowStep], note: Notes) -> None:
        hosts = _chosen(Host, plan)
        HostCategory.objects.bulk_create(
            HostCategory(host=host, category=self.category) for host in hosts
        )
        name = self.category.name
        _note_all(
            hosts, note, EventKind.CHANGED, lambda host: f"An operator let “{host}” carry “{name}”."
        )


@dataclass(frozen=True)
class RemoveCategory(Operation[RowStep]):
    """Let Hosts no longer carry a Category: their URLs of it, and what is known of it, go."""

    hosts: models.QuerySet[Any]
    category: Category

    def plan(self, *, now: datetime) -> Plan[RowStep]:
        return plan_removing(_carriers(self.hosts, self.category), self.category.name)

    def write(self, plan: Plan[RowStep], note: Notes) -> None:
        hosts, name = _chosen(Host, plan), self.category.name
        _note_all(
            hosts, note, EventKind.CHANGED, lambda host: f"An operator took “{name}” from “{host}”."
        )
        HostCategory.objects.filter(host__in=hosts, category=self.category).delete()


def _row(thing: Site | Host, values: Mapping[str, Any]) -> Row:
    return Row(thing.pk, str(thing), {name: _said(getattr(thing, name)) for name in values})


def _carriers(hosts: models.QuerySet[Any], category: Category) -> list[Carrier]:
    found = dict(
        HostCategory.objects.filter(category=category, host__in=hosts)
        .order_by()
        .values_list("host")
        .annotate(Count("urls"))
    )
    rows = [Carrier(host.pk, host.name, found.get(host.pk)) for host in hosts.order_by("pk")]
    if not rows:
        raise OperationError("Select some Hosts on their list first.")
    return rows


def _chosen(model: type[models.Model], plan: Plan[RowStep]) -> list[Any]:
    """Return the rows that a plan writes, with the Sites that their Events name."""
    rows = model._default_manager.filter(pk__in=[step.row_id for step in plan.writes])
    return list(rows.select_related("site") if model is Host else rows)


def _note_all(
    things: Sequence[Any], note: Notes, kind: EventKind, sentence: Any, facts: Any = None
) -> None:
    events = [
        compose_event(
            thing,
            kind,
            sentence(thing),
            now=note.now,
            actor=note.actor,
            facts=facts(thing) if facts else None,
        )
        for thing in things
    ]
    Event.objects.bulk_create(events, batch_size=EVENTS_AT_ONCE)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str | None) else str(value)
