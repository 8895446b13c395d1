"""Bring a network file in, with each change as a step first."""

from dataclasses import dataclass
from datetime import datetime

from registry.logic.network.planning import Action, Change
from registry.logic.network.records import Problem
from registry.logic.network.wording import change_details
from registry.logic.operations.steps import Mark, Plan, Step, StepReason
from registry.services.network_file import Outcome, import_network
from registry.services.operations.base import ChangedError, Notes, Operation

MARKS = {Action.ADD: Mark.ADD, Action.CHANGE: Mark.CHANGE, Action.REMOVE: Mark.REMOVE}
SOURCE = "a file in the admin"


@dataclass(frozen=True)
class ImportNetwork(Operation[Step]):
    """Make the database say what the text of a network file says."""

    text: str
    replace: bool = False

    def plan(self, *, now: datetime) -> Plan[Step]:
        outcome = self._import(now, dry_run=True)
        if outcome.problems:
            return Plan(tuple(map(_problem, outcome.problems)), whole=True)
        changes = [each for each in outcome.plan.changes if each.action is not Action.KEEP]
        notes = [Step(Mark.KEEP, StepReason.STAYS, "left out", each) for each in outcome.plan.notes]
        return Plan((*map(_step, changes), *notes), whole=True)

    def write(self, plan: Plan[Step], note: Notes) -> None:
        if not self._import(note.now, note=note).written:
            raise ChangedError

    def _import(
        self, now: datetime, *, dry_run: bool = False, note: Notes | None = None
    ) -> Outcome:
        return import_network(
            self.text.encode(errors="replace"),
            source=SOURCE,
            now=now,
            replace=self.replace,
            dry_run=dry_run,
            actor=note.actor if note else None,
        )


def _problem(problem: Problem) -> Step:
    where = problem.path or "the file"
    return Step(Mark.REFUSED, StepReason.CONFLICT, where, problem.sentence)


def _step(change: Change) -> Step:
    details = change_details(change) or change.sentence
    return Step(MARKS[change.action], StepReason.ASKED, change.record.name, details)
