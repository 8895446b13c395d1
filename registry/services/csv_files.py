"""Sites, Hosts, netblocks and URLs as CSV files: out of the database, and back into it.

An import is an operation like any other: its steps are shown first, and it does all or none.
Everything is written by the services that the pages use, so the timeline has it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models

from registry.logic.csv_cells import write_lines
from registry.logic.csv_import import TABLES, CsvStep, Line, Table, plan_import, read_table
from registry.logic.netblocks import parse_netblock
from registry.logic.operations.steps import Plan
from registry.logic.urls import normalize_url
from registry.models import (
    Country,
    Host,
    HostCategory,
    HostCategoryUrl,
    HostNetblock,
    Site,
)
from registry.services.changes import record_change, record_creation
from registry.services.edits import EditRefusedError, edit
from registry.services.hosts import add_host, add_url, change_url
from registry.services.netblocks import add_netblock
from registry.services.operations.base import Notes, Operation, OperationError

ROWS_AT_ONCE = 1000
MODELS: Mapping[str, type[models.Model]] = {
    "sites": Site,
    "hosts": Host,
    "netblocks": HostNetblock,
    "urls": HostCategoryUrl,
}


def all_rows(table: str) -> models.QuerySet[Any]:
    """Return the rows of a table that its files have, with what their names need."""
    if table == "sites":
        return Site.objects.order_by("pk")
    if table == "hosts":
        return Host.objects.select_related("site").order_by("pk")
    if table == "netblocks":
        return HostNetblock.objects.written_by_people().select_related("host__site").order_by("pk")
    rows = HostCategoryUrl.objects.select_related("host_category__host__site")
    return (
        rows.select_related("host_category__category")
        .defer("host_category__up2date")
        .order_by("pk")
    )


def export_lines(table: str, rows: models.QuerySet[Any] | None = None) -> Iterator[str]:
    """Return a table, or some rows of it, as the lines of a CSV file; never all in memory."""
    shape = TABLES[table]
    chosen = all_rows(table)
    if rows is not None:
        chosen = chosen.filter(pk__in=rows.order_by().values("pk"))
    values = (
        (row.pk, *values_of(table, row).values())
        for row in chosen.iterator(chunk_size=ROWS_AT_ONCE)
    )
    return write_lines(shape.header, values)


def values_of(table: str, row: Any) -> dict[str, object]:
    """Return the values of a row by column, in the order of the file."""
    return {column.name: _value(row, column.name) for column in TABLES[table].columns}


def _value(row: Any, name: str) -> object:
    if isinstance(row, HostCategoryUrl) and name in {"site", "host", "category"}:
        copy = row.host_category
        names = {"site": copy.host.site.name, "host": copy.host.name}
        return names.get(name, copy.category.name)
    if isinstance(row, HostNetblock) and name in {"site", "host"}:
        return row.host.site.name if name == "site" else row.host.name
    if isinstance(row, Host) and name in {"site", "country"}:
        return row.site.name if name == "site" else row.country_id
    return getattr(row, name)


@dataclass(frozen=True)
class ImportCsv(Operation[CsvStep]):
    """Change and add rows of one table as a CSV file says."""

    table: str
    text: str

    def plan(self, *, now: datetime) -> Plan[CsvStep]:
        shape = TABLES[self.table]
        try:
            lines, refused = read_table(self.text, shape)
        except ValueError as error:
            raise OperationError(str(error)) from error
        rows = {row.pk: row for row in all_rows(self.table)}
        checker = Checker(shape, rows)
        lines = [checker.normalized(line) for line in lines]
        return plan_import(
            shape,
            lines,
            existing={key: values_of(self.table, row) for key, row in rows.items()},
            problems={line.number: said for line in lines if (said := checker.problem(line))},
            refused=refused,
        )

    def write(self, plan: Plan[CsvStep], note: Notes) -> None:
        actor = note.actor
        if not isinstance(actor, User):
            raise OperationError("Say who imports it; the timeline names them.")
        rows = all_rows(self.table).in_bulk([step.row_id for step in plan.writes if step.row_id])
        names = Names.load(self.table)
        for step in plan.writes:
            row = rows[step.row_id] if step.row_id else None
            try:
                WRITERS[self.table](row, dict(step.values), names, actor, note.now)
            except (EditRefusedError, ValidationError, ValueError) as error:
                said = " ".join(getattr(error, "messages", [str(error)]))
                raise OperationError(f"Line {step.number}: {said} Nothing was written.") from error


@dataclass(frozen=True)
class Names:
    """Other rows by the names that files call them."""

    sites: Mapping[str, Site]
    hosts: Mapping[tuple[str, str], Host]
    countries: Mapping[str, Country]
    copies: Mapping[tuple[int, str], HostCategory]

    @classmethod
    def load(cls, table: str) -> "Names":
        """Load what lines of a table can name."""
        hosts = Host.objects.select_related("site")
        copies = HostCategory.objects.select_related("category", "host__site").defer("up2date")
        wanted = copies if table == "urls" else copies.none()
        return cls(
            {site.name: site for site in Site.objects.all()},
            {(host.site.name, host.name): host for host in hosts},
            {country.code: country for country in Country.objects.all()},
            {(copy.host_id, copy.category.name): copy for copy in wanted},
        )

    def host(self, values: Mapping[str, Any]) -> Host | None:
        return self.hosts.get((str(values.get("site")), str(values.get("host"))))


class Checker:
    """Says what a model or its relations object to, a line at a time, without writing."""

    related: ClassVar[frozenset[str]] = frozenset({"site", "host", "category", "country"})

    def __init__(self, table: Table, rows: Mapping[int, Any]) -> None:
        self.table, self.rows, self.names = table, rows, Names.load(table.name)
        self.model = MODELS[table.name]

    def normalized(self, line: Line) -> Line:
        """Return a line with netblocks, URLs and countries as they are stored."""
        values = dict(line.values)
        for name, normal in NORMAL.items():
            if name in values and name in {column.name for column in self.table.columns}:
                try:
                    values[name] = normal(str(values[name]))
                except ValueError:
                    continue  # said by `problem`, in the words of the model
        return Line(line.number, line.row_id, values)

    def problem(self, line: Line) -> str | None:
        """Return what is wrong with a line, or None."""
        row = self.rows.get(line.row_id) if line.row_id is not None else None
        if line.row_id is None and (said := self._missing(line.values)):
            return said
        code = line.values.get("country")
        if code is not None and code not in self.names.countries:
            return f"There is no country “{code}”. Write two letters, for example DE."
        return self._objection(row, line.values)

    def _missing(self, values: Mapping[str, Any]) -> str | None:
        """Say which row that a new one belongs to does not exist."""
        if self.table.name == "sites":
            return None
        if values.get("site") not in self.names.sites:
            return f"There is no Site “{values.get('site')}”."
        if self.table.name == "hosts":
            return None
        host = self.names.host(values)
        if host is None:
            return f"“{values.get('site')}” has no Host “{values.get('host')}”."
        if self.table.name == "urls" and (host.pk, values.get("category")) not in self.names.copies:
            return f"“{host}” does not carry “{values.get('category')}”."
        return None

    def _objection(self, row: Any, values: Mapping[str, Any]) -> str | None:
        """Return what the fields of the model say about values, the first objection only."""
        own = {name: value for name, value in values.items() if name not in self.related}
        trial = self.model()
        for field in self.model._meta.concrete_fields if row is not None else ():
            if field.attname in row.__dict__:
                setattr(trial, field.attname, row.__dict__[field.attname])
        for name, value in own.items():
            setattr(trial, name, value)
        try:
            trial.clean_fields(
                exclude={field.name for field in self.model._meta.concrete_fields} - set(own)
            )
        except ValidationError as error:
            name, said = next(iter(error.message_dict.items()))
            return f"{name}: {said[0]}"
        return None


NORMAL: Mapping[str, Callable[[str], str]] = {
    "netblock": lambda text: str(parse_netblock(text)),
    "url": normalize_url,
    "country": str.upper,
}

Values = dict[str, Any]


def _write_site(row: Any, values: Values, names: Names, actor: User, now: datetime) -> None:
    if row is not None:
        edit(row, values, actor=actor, now=now)
        return
    site = Site(**values, created_by=actor)
    site.full_clean()
    site.save(force_insert=True)
    record_creation(site, actor=actor, now=now)


def _write_host(row: Any, values: Values, names: Names, actor: User, now: datetime) -> None:
    site = values.pop("site", None)
    if "country" in values:
        values["country"] = names.countries[values["country"]]
    if row is not None:
        edit(row, values, actor=actor, now=now)
        return
    # Nothing in a cell of a new row means what the model begins with.
    given = {name: value for name, value in values.items() if value is not None}
    add_host(names.sites[site], given, actor=actor, now=now)


def _write_netblock(row: Any, values: Values, names: Names, actor: User, now: datetime) -> None:
    if row is None:
        host, name = names.hosts[values["site"], values["host"]], str(values.get("name", ""))
        add_netblock(host, values["netblock"], actor=actor, now=now, name=name)
        return
    before = {name: getattr(row, name) for name in values}
    HostNetblock.objects.filter(pk=row.pk).update(**values)
    record_change(row, before, values, actor=actor, now=now)


def _write_url(row: Any, values: Values, names: Names, actor: User, now: datetime) -> None:
    if row is None:
        host = names.hosts[values["site"], values["host"]]
        copy = names.copies[host.pk, values["category"]]
        private = bool(values.get("private"))
        add_url(copy, values["url"], private=private, actor=actor, now=now)
        return
    if "private" in values:
        before = {"private": row.private}
        row.private = values["private"]
        HostCategoryUrl.objects.filter(pk=row.pk).update(private=row.private)
        record_change(row, before, {"private": row.private}, actor=actor, now=now)
    if "url" in values:
        change_url(row, values["url"], actor=actor, now=now)


WRITERS: Mapping[str, Callable[[Any, Values, Names, User, datetime], None]] = {
    "sites": _write_site,
    "hosts": _write_host,
    "netblocks": _write_netblock,
    "urls": _write_url,
}
