"""What a CSV file would change of one table: a step a line, all of them or none.

Knows names of columns and values. What a value may be for the model, and who may write, are for
others to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from registry.logic.csv_cells import Kind, read_cell, read_rows, write_cell
from registry.logic.operations.steps import Mark, Plan, Step, StepReason

GREATEST_LINES = 20_000
Key = tuple[object, ...]


class Column(NamedTuple):
    """One column. `fixed` ones say which row is meant and change on no row that exists."""

    name: str
    kind: Kind = Kind.TEXT
    fixed: bool = False


@dataclass(frozen=True)
class Table:
    """One kind of file: its name, its columns after `id`, those that no two rows share."""

    name: str
    noun: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    required: tuple[str, ...]

    @property
    def header(self) -> tuple[str, ...]:
        return ("id", *(column.name for column in self.columns))


_PLACE = (Column("site", fixed=True), Column("host", fixed=True))

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(
            "sites",
            "Site",
            (
                Column("name"),
                Column("organization_url"),
                Column("private", Kind.YES_NO),
                Column("admin_active", Kind.YES_NO),
                Column("user_active", Kind.YES_NO),
                Column("all_sites_can_pull_from_me", Kind.YES_NO),
                Column("downstream_comments"),
            ),
            unique=("name",),
            required=("name",),
        ),
        Table(
            "hosts",
            "Host",
            (
                Column("site", fixed=True),
                Column("name"),
                Column("country"),
                Column("bandwidth_mbps", Kind.INTEGER),
                Column("max_connections", Kind.INTEGER),
                Column("asn", Kind.INTEGER),
                Column("asn_clients", Kind.YES_NO),
                Column("private", Kind.YES_NO),
                Column("admin_active", Kind.YES_NO),
                Column("user_active", Kind.YES_NO),
                Column("disable_reason"),
                Column("latitude", Kind.NUMBER),
                Column("longitude", Kind.NUMBER),
                Column("contact"),
                Column("comment"),
                Column("crawl_from", Kind.INTEGER),
                Column("crawl_until", Kind.INTEGER),
            ),
            unique=("site", "name"),
            required=("site", "name", "country"),
        ),
        Table(
            "netblocks",
            "netblock",
            (*_PLACE, Column("netblock"), Column("name")),
            unique=("site", "host", "netblock"),
            required=("site", "host", "netblock"),
        ),
        Table(
            "urls",
            "URL",
            (
                *_PLACE,
                Column("category", fixed=True),
                Column("url"),
                Column("private", Kind.YES_NO),
            ),
            unique=("url",),
            required=("site", "host", "category", "url"),
        ),
    )
}


@dataclass(frozen=True)
class Line:
    """One line of a file: the row that it names, and its values by column."""

    number: int
    row_id: int | None
    values: Mapping[str, object]


@dataclass(frozen=True)
class CsvStep(Step):
    """What one line does: `row_id` is None for a new row, `values` are those that differ."""

    number: int = 0
    row_id: int | None = None
    values: Mapping[str, object] = field(default_factory=dict)


def read_table(text: str, table: Table) -> tuple[list[Line], list[CsvStep]]:
    """Return the lines of a file, and a refused step for each that cannot be read.

    Columns may come in any order and may be left out. Raises ValueError with a sentence if the
    file as a whole is not what it should be.
    """
    rows = read_rows(text)
    if not rows:
        raise ValueError("The file is empty. Its first line names the columns.")
    if len(rows) > GREATEST_LINES:
        raise ValueError(f"A file has at most {GREATEST_LINES:,} lines.")
    header = [cell.strip().lower() for cell in rows[0][1]]
    _check_header(header, table)
    lines, refused = [], []
    for number, cells in rows[1:]:
        try:
            lines.append(_read_line(number, header, cells, table))
        except ValueError as error:
            refused.append(refuse(number, str(error)))
    return lines, refused


def _check_header(header: Sequence[str], table: Table) -> None:
    unknown = [name for name in header if name not in table.header]
    if unknown:
        known = ", ".join(table.header)
        raise ValueError(f"There is no column “{unknown[0][:60]}”. The columns are {known}.")
    double = [name for name in header if header.count(name) > 1]
    if double:
        raise ValueError(f"The column “{double[0]}” comes twice.")


def _read_line(number: int, header: Sequence[str], cells: Sequence[str], table: Table) -> Line:
    if len(cells) != len(header):
        raise ValueError(f"It has {len(cells)} cells; the first line has {len(header)}.")
    kinds = {column.name: column.kind for column in table.columns} | {"id": Kind.INTEGER}
    values: dict[str, object] = {}
    for name, cell in zip(header, cells, strict=True):
        try:
            values[name] = read_cell(cell, kinds[name])
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    row_id = values.pop("id", None)
    return Line(number, row_id if isinstance(row_id, int) else None, values)


def refuse(number: int, sentence: str) -> CsvStep:
    """Return the step of a line that cannot be carried out."""
    return CsvStep(Mark.REFUSED, StepReason.CONFLICT, f"line {number}", sentence, number)


def plan_import(
    table: Table,
    lines: Sequence[Line],
    *,
    existing: Mapping[int, Mapping[str, object]],
    problems: Mapping[int, str],
    refused: Sequence[CsvStep] = (),
) -> Plan[CsvStep]:
    """Return a step a line, in their order. If one is refused, nothing is written.

    `existing` are all rows of the table by id, with the values of all columns; `problems` say by
    line what the model or its relations object to. Rows that no line names stay as they are.
    """
    taken = {_key(table, values): row_id for row_id, values in existing.items()}
    named: dict[int, int] = {}
    steps = list(refused)
    for line in (_without_blanks(table, line) for line in lines):
        step = _step(table, line, existing, taken, problems.get(line.number))
        if line.row_id is not None and step.mark is not Mark.REFUSED:
            if line.row_id in named:
                first = named[line.row_id]
                step = refuse(line.number, f"Line {first} is about the same {table.noun}.")
            named.setdefault(line.row_id, line.number)
        if step.writes:
            taken[_key(table, {**existing.get(line.row_id or 0, {}), **line.values})] = (
                line.row_id or -line.number
            )
        steps.append(step)
    return Plan(tuple(sorted(steps, key=lambda step: step.number)), whole=True)


def _without_blanks(table: Table, line: Line) -> Line:
    """Leave out empty cells that would only say which row is meant, where the id says it."""
    if line.row_id is None:
        return line
    fixed = {column.name for column in table.columns if column.fixed}
    values = {name: value for name, value in line.values.items() if value or name not in fixed}
    return Line(line.number, line.row_id, values)


def _step(
    table: Table,
    line: Line,
    existing: Mapping[int, Mapping[str, object]],
    taken: Mapping[Key, int],
    problem: str | None,
) -> CsvStep:
    before = existing.get(line.row_id) if line.row_id is not None else None
    if line.row_id is not None and before is None:
        return refuse(line.number, f"There is no {table.noun} with the id {line.row_id}.")
    missing = [name for name in table.required if not {**(before or {}), **line.values}.get(name)]
    if missing:
        return refuse(line.number, f"{missing[0]} is missing.")
    if problem is not None:
        return refuse(line.number, problem)
    other = taken.get(_key(table, {**(before or {}), **line.values}))
    if other is not None and other != line.row_id:
        unique = " and ".join(table.unique)
        return refuse(line.number, f"Another {table.noun} has the same {unique} already.")
    return _add(table, line) if before is None else _change(table, line, before)


def _add(table: Table, line: Line) -> CsvStep:
    name = _name(table, line.values)
    said = ", ".join(f"{key} {write_cell(value)}" for key, value in line.values.items() if value)
    sentence = f"a new {table.noun}: {said}."
    return CsvStep(Mark.ADD, StepReason.ASKED, name, sentence, line.number, None, dict(line.values))


def _change(table: Table, line: Line, before: Mapping[str, object]) -> CsvStep:
    different = {n: value for n, value in line.values.items() if value != before[n]}
    name = _name(table, before)
    fixed = [column.name for column in table.columns if column.fixed and column.name in different]
    if fixed:
        return refuse(line.number, f"{fixed[0]} of “{name}” cannot be changed in a file.")
    if not different:
        return CsvStep(
            Mark.KEEP, StepReason.ALREADY, name, "stays as it is.", line.number, line.row_id
        )
    said = ", ".join(
        f"{n}: {write_cell(before[n]) or '–'} → {write_cell(value) or '–'}"
        for n, value in different.items()
    )
    return CsvStep(
        Mark.CHANGE, StepReason.ASKED, name, f"{said}.", line.number, line.row_id, different
    )


def _name(table: Table, values: Mapping[str, object]) -> str:
    return " / ".join(str(values.get(name, "")) for name in table.unique)


def _key(table: Table, values: Mapping[str, object]) -> Key:
    return tuple(str(values.get(name, "")).lower() for name in table.unique)
