"""Work of the mirrorlist that operators start out of turn, as operations with a preview.

The preview says what there is to do; a worker does it, since it takes long or needs the network.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django_q.tasks import async_task

from mirrorlist.services.netblocks import last_counts, netblocks_policy
from mirrorlist.services.statistics import outdated, statistics_policy
from registry.logic.operations.steps import Mark, Plan, Step, StepReason
from registry.logic.wording import counted
from registry.services.operations.base import Notes, Operation, OperationError


class _Chore(Operation[Step]):
    """What is left to a worker: nothing is written here, `then` names the task."""

    def write(self, plan: Plan[Step], note: Notes) -> None:
        """Write nothing: what was planned is the task's."""


@dataclass(frozen=True)
class BuildNetblocks(_Chore):
    """Make the table of networks and autonomous systems from its sources.

    With `force` it takes the place of the last one even if much of that is lost.
    """

    force: bool = False

    def plan(self, *, now: datetime) -> Plan[Step]:
        policy = netblocks_policy()
        if not policy.sources:
            raise OperationError("It has no sources: set MIRRORLIST_NETBLOCKS_SOURCES.")
        sentence = "is read from its beginning to its end by a worker of the crawl cluster."
        steps = [Step(Mark.KEEP, StepReason.ASKED, each, sentence) for each in policy.sources]
        last, lost = last_counts(policy.path), policy.greatest_loss_percent
        has = f"has {last.ipv4:,} IPv4 and {last.ipv6:,} IPv6 prefixes; " if last else ""
        unless = (
            "however much is lost" if self.force else f"unless more than {lost} % would be lost"
        )
        what = f"{has}is replaced once the new one was tried, {unless}."
        return Plan((*steps, Step(Mark.CHANGE, StepReason.ASKED, str(policy.path), what)))

    def follow(self) -> None:
        options = {"cluster": "crawl"}  # reading the whole Internet takes longer than others wait
        async_task("mirrorlist.tasks.build_netblocks", force=self.force, q_options=options)


@dataclass(frozen=True)
class ExpireStatistics(_Chore):
    """Delete the numbers of days and months that are too old."""

    then: ClassVar[tuple[str, ...]] = ("mirrorlist.tasks.expire_statistics",)

    def plan(self, *, now: datetime) -> Plan[Step]:
        steps = []
        for name, rows in outdated(now=now, policy=statistics_policy()).items():
            count = rows.count()
            mark = Mark.REMOVE if count else Mark.KEEP
            reason = StepReason.ASKED if count else StepReason.ALREADY
            steps.append(Step(mark, reason, name, f"too old: {counted(count, 'row')}."))
        return Plan(tuple(steps))
