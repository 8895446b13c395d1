"""Make the netblocks of Hosts inside clouds as their providers publish them, with a preview.

The lists are fetched before the operation is planned, never inside its transaction, and only for
as long as somebody may wait in front of a page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from registry.logic.operations.steps import Mark, Plan, Step, StepReason
from registry.models import HostNetblockSource, SourceState
from registry.services.cloud_ranges import (
    Found,
    Outcome,
    RangesPolicy,
    judge_source,
    look_at_sources,
    ranges_policy,
    write_outcome,
)
from registry.services.operations.base import Notes, Operation, OperationError
from registry.services.slots import network_slot

# For all lists together. Those that do not come in time are left to the schedule.
SECONDS = 15
REASONS = {SourceState.FAILED: StepReason.UNKNOWN, SourceState.REFUSED: StepReason.CONFLICT}


@dataclass(frozen=True)
class UpdateRanges(Operation[Step]):
    """Write what some lists said a moment ago; with `force` also what lost much."""

    looked: tuple[tuple[HostNetblockSource, Found], ...]
    policy: RangesPolicy
    force: bool = False

    def plan(self, *, now: datetime) -> Plan[Step]:
        return Plan(tuple(step for each in self._outcomes() for step in _steps(each)))

    def write(self, plan: Plan[Step], note: Notes) -> None:
        for outcome in self._outcomes():
            write_outcome(outcome, now=note.now, actor=note.actor)

    def _outcomes(self) -> Iterator[Outcome]:
        for source, found in self.looked:
            yield judge_source(source, found, policy=self.policy, force=self.force)


def fetch_ranges(
    sources: QuerySet[HostNetblockSource], *, force: bool, person: int
) -> UpdateRanges:
    """Fetch some lists and return the operation that writes what they say.

    Raises OperationError if there is no list, or if too many web workers wait for the network.
    """
    policy = ranges_policy()
    with network_slot(person) as slot:
        if not slot.granted:
            raise OperationError(slot.sentence)
        looked = tuple(look_at_sources(sources, policy=policy, seconds=SECONDS))
    if not looked:
        raise OperationError("No such Host has a list of ranges; add one on its page.")
    return UpdateRanges(looked, policy, force)


def _steps(outcome: Outcome) -> Iterator[Step]:
    """Yield what becomes of a list, then each netblock that comes or goes."""
    name = str(outcome.source)
    if reason := REASONS.get(outcome.state):
        yield Step(Mark.REFUSED, reason, name, outcome.reason)
        return
    yield Step(Mark.KEEP, StepReason.ASKED, name, outcome.reason)
    if outcome.plan is None:
        return
    host = outcome.source.host
    for netblock in outcome.plan.add:
        yield Step(Mark.ADD, StepReason.ASKED, netblock, f"clients in it are sent to {host} first.")
    for netblock in outcome.plan.remove:
        yield Step(Mark.REMOVE, StepReason.ASKED, netblock, f"{host} loses it: it left the list.")
