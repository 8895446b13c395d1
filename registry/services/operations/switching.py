"""Disable Repositories with a reason, and enable them again."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from registry.logic.operations.steps import Plan
from registry.logic.operations.switching import (
    Switched,
    SwitchStep,
    plan_disabling,
    plan_enabling,
)
from registry.models import EventKind, Repository
from registry.querysets import RepositoryQuerySet
from registry.services.operations.base import ChangedError, Notes, Operation, OperationError


@dataclass(frozen=True)
class DisableRepositories(Operation[SwitchStep]):
    """Let clients that ask for these Repositories be told that they are disabled."""

    repositories: RepositoryQuerySet
    why: str

    def plan(self, *, now: datetime) -> Plan[SwitchStep]:
        if not self.why.strip():
            raise OperationError("Say in a sentence why; the timeline keeps it.")
        chosen = _switched(self.repositories)
        return plan_disabling(chosen, sharing=_sharing(chosen), why=self.why.strip())

    def write(self, plan: Plan[SwitchStep], note: Notes) -> None:
        _turn(plan, note, disabled=True, sentence=f"disabled “{{}}”: {self.why.strip()}")


@dataclass(frozen=True)
class EnableRepositories(Operation[SwitchStep]):
    """Answer clients that ask for these Repositories again."""

    repositories: RepositoryQuerySet

    def plan(self, *, now: datetime) -> Plan[SwitchStep]:
        chosen = _switched(self.repositories)
        return plan_enabling(chosen, sharing=_sharing(chosen))

    def write(self, plan: Plan[SwitchStep], note: Notes) -> None:
        _turn(plan, note, disabled=False, sentence="enabled “{}” again.")


def _turn(plan: Plan[SwitchStep], note: Notes, *, disabled: bool, sentence: str) -> None:
    for step in plan.writes:
        rows = Repository.objects.filter(pk=step.repository_id, disabled=not disabled)
        if not rows.update(disabled=disabled):
            raise ChangedError
        row = Repository.objects.select_related("arch", "directory").get(pk=step.repository_id)
        text = sentence.replace("{}", str(row), 1)
        note(row, EventKind.CHANGED, f"An operator {text}", disabled=[not disabled, disabled])


def _switched(repositories: RepositoryQuerySet) -> list[Switched]:
    rows = repositories.select_related("arch", "directory").only(
        "prefix", "disabled", "arch__name", "directory__path"
    )
    return [Switched(row.pk, str(row), row.prefix, row.disabled) for row in rows]


def _sharing(chosen: list[Switched]) -> dict[str, list[Switched]]:
    """Return all Repositories of the prefixes of some, by prefix."""
    found = defaultdict(list)
    prefixes = {row.prefix for row in chosen if row.prefix}
    for row in _switched(Repository.objects.addressable().filter(prefix__in=prefixes)):
        found[row.prefix].append(row)
    return dict(found)
