"""What all operations share: a preview that writes nothing, and carrying out what was shown.

The plan is made again inside the transaction that writes it, so that nothing is done to rows as
they were a minute ago; if it is not the one that was shown, nothing is done at all.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, models, transaction
from django_q.tasks import async_task

from registry.logic.operations.steps import Plan, Step
from registry.models import EventKind
from registry.services.events import record_event

# Named in words: the registry may not import the mirrorlist.
SNAPSHOT_TASK = "mirrorlist.tasks.build_snapshot"

S = TypeVar("S", bound=Step)


class OperationError(ValueError):
    """The operation makes no sense as asked; the sentence says what to correct."""


class ChangedError(OperationError):
    """The database has changed since the preview; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            "The database has changed since the preview, and nothing was written. Look again."
        )


class Operation(ABC, Generic[S]):
    """One operation with its parameters. Planning reads, writing writes what was planned.

    `then` are tasks that are queued when something was written, by default a snapshot, because
    what clients are answered has changed. One whose task has parameters replaces `follow`.
    """

    then: ClassVar[tuple[str, ...]] = (SNAPSHOT_TASK,)

    @abstractmethod
    def plan(self, *, now: datetime) -> Plan[S]:
        """Return the steps. Raises OperationError for what does not exist."""

    @abstractmethod
    def write(self, plan: Plan[S], note: "Notes") -> None:
        """Write the steps of a plan, inside the caller's transaction; note every object."""

    def follow(self) -> None:
        """Queue what follows, after the steps were written."""
        for task in self.then:
            async_task(task)


@dataclass(frozen=True)
class Notes:
    """Writes the Events of one operation: all have the same actor and moment."""

    actor: AbstractBaseUser | None
    now: datetime

    def __call__(
        self, thing: models.Model, kind: EventKind, sentence: str, **facts: list[Any] | Any
    ) -> None:
        record_event(thing, kind, sentence, now=self.now, actor=self.actor, facts=facts)


@dataclass(frozen=True)
class Outcome:
    """A plan, and whether it was written."""

    plan: Plan[Any]
    written: bool

    @property
    def conclusion(self) -> str:
        """Say in one sentence whether anything was written."""
        if self.written:
            return "Written."
        return "Nothing was written." if self.plan.writes or self.plan.refused else "Nothing to do."


def preview(operation: Operation[Any], *, now: datetime) -> Outcome:
    """Return what an operation would do; write nothing."""
    return Outcome(operation.plan(now=now), written=False)


def carry_out(
    operation: Operation[Any],
    *,
    now: datetime,
    actor: AbstractBaseUser | None = None,
    shown: str | None = None,
) -> Outcome:
    """Plan and write an operation in one transaction, then queue what follows from it.

    `shown` is the fingerprint of the plan that somebody agreed to. Raises ChangedError if the plan
    is another now, or if somebody else wrote at the same time; then nothing was written.
    """
    try:
        with transaction.atomic():
            plan = operation.plan(now=now)
            if shown is not None and plan.fingerprint != shown:
                raise ChangedError
            if plan.writes:
                operation.write(plan, Notes(actor, now))
    except IntegrityError as error:
        raise ChangedError from error
    if plan.writes:
        operation.follow()
    return Outcome(plan, written=bool(plan.writes))
