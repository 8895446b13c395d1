"""Plan the same change for many Sites or Hosts: of a field, or of a Category that they carry.

Values are texts here, as people read them. Deliberately knows no field by name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.logic.operations.steps import Mark, Plan, Step, StepReason


@dataclass(frozen=True)
class Row:
    """One Site or Host as it is: its id, its name, and the values in question as texts."""

    id: int
    name: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class RowStep(Step):
    """What happens to the row with this id."""

    row_id: int = 0


def plan_fields(rows: Iterable[Row], after: Mapping[str, str]) -> Plan[RowStep]:
    """Return a step a row: changed where any value differs, else it stays as it is."""
    return Plan(tuple(_field_step(row, after) for row in rows))


def _field_step(row: Row, after: Mapping[str, str]) -> RowStep:
    different = {name: value for name, value in after.items() if row.values[name] != value}
    if not different:
        said = ", ".join(f"{name} is {value}" for name, value in after.items())
        return RowStep(Mark.KEEP, StepReason.ALREADY, row.name, f"{said} already.", row.id)
    said = ", ".join(f"{n}: {row.values[n]} → {value}" for n, value in different.items())
    return RowStep(Mark.CHANGE, StepReason.ASKED, row.name, f"{said}.", row.id)


@dataclass(frozen=True)
class Carrier:
    """One Host, and how many URLs it has for the Category; None if it does not carry it."""

    id: int
    name: str
    urls: int | None


def plan_adding(hosts: Iterable[Carrier], category: str) -> Plan[RowStep]:
    """Return a step a Host: those that do not carry the Category yet begin to."""
    steps = []
    for host in hosts:
        if host.urls is None:
            sentence = f"carries “{category}”; it needs a URL before clients are sent there."
            steps.append(RowStep(Mark.ADD, StepReason.ASKED, host.name, sentence, host.id))
        else:
            sentence = f"carries “{category}” already."
            steps.append(RowStep(Mark.KEEP, StepReason.ALREADY, host.name, sentence, host.id))
    return Plan(tuple(steps))


def plan_removing(hosts: Iterable[Carrier], category: str) -> Plan[RowStep]:
    """Return a step a Host: those that carry the Category end it, with the URLs it had."""
    steps = []
    for host in hosts:
        if host.urls is None:
            sentence = f"does not carry “{category}”."
            steps.append(RowStep(Mark.KEEP, StepReason.ALREADY, host.name, sentence, host.id))
        else:
            sentence = f"no longer carries “{category}”; URLs that go with it: {host.urls}."
            steps.append(RowStep(Mark.REMOVE, StepReason.ASKED, host.name, sentence, host.id))
    return Plan(tuple(steps))
