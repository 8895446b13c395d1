"""The steps of an operation: what would be added, changed, removed, left alone, and why.

Every planner of this package returns a Plan of them. Deliberately knows no operation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from registry.logic.wording import counted


class Mark(Enum):
    """What a step does; the value stands at the beginning of its line."""

    ADD = "+"
    CHANGE = "~"
    REMOVE = "-"
    KEEP = "="
    REFUSED = "!"


class StepReason(Enum):
    """Why a step is as it is."""

    ASKED = "asked"
    ALREADY = "already"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"
    NO_PREFIX = "no_prefix"
    NO_TARGET = "no_target"
    TARGET_TAKEN = "target_taken"
    TARGET_FREED = "target_freed"
    ARCHIVED = "archived"
    STAYS = "stays"
    NOT_MOVED = "not_moved"
    SUPERSEDED = "superseded"
    LOSES_ALTERNATES = "loses_alternates"
    SHARES_PREFIX = "shares_prefix"
    CHAIN = "chain"
    HIDES = "hides"
    TEST = "test"


@dataclass(frozen=True)
class Step:
    """One thing that an operation does to `subject`, or does not, with the sentence why."""

    mark: Mark
    reason: StepReason
    subject: str
    sentence: str

    @property
    def writes(self) -> bool:
        return self.mark in {Mark.ADD, Mark.CHANGE, Mark.REMOVE}

    @property
    def line(self) -> str:
        return f"{self.mark.value} {self.subject}: {self.sentence}"


S = TypeVar("S", bound=Step)


@dataclass(frozen=True)
class Plan(Generic[S]):
    """The steps of one operation. If `whole`, it does nothing at all if any step is refused."""

    steps: tuple[S, ...]
    whole: bool = False

    @property
    def refused(self) -> tuple[S, ...]:
        return tuple(step for step in self.steps if step.mark is Mark.REFUSED)

    @property
    def writes(self) -> tuple[S, ...]:
        """Return the steps that will be carried out."""
        if self.whole and self.refused:
            return ()
        return tuple(step for step in self.steps if step.writes)

    @property
    def fingerprint(self) -> str:
        """Return what differs when the plan does, so that only what was shown is carried out."""
        text = "\n".join(step.line for step in self.steps)
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    @property
    def summary(self) -> str:
        """Say in one sentence what the plan comes to."""
        if self.whole and self.refused:
            return f"{counted(len(self.refused), 'step')} refused, so nothing can be done."
        counts = [
            f"{sum(step.mark is mark for step in self.steps):,} {word}"
            for mark, word in WORDS
            if any(step.mark is mark for step in self.steps)
        ]
        return f"{', '.join(counts) or 'Nothing to do'}."


WORDS = (
    (Mark.ADD, "to add"),
    (Mark.CHANGE, "to change"),
    (Mark.REMOVE, "to remove"),
    (Mark.KEEP, "already so"),
    (Mark.REFUSED, "refused"),
)


def steps_as_facts(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return steps as JSON has them."""
    names = {mark: mark.name.lower() for mark in Mark}
    return [
        {
            "step": names[step.mark],
            "reason": step.reason.value,
            "subject": step.subject,
            "sentence": step.sentence,
        }
        for step in steps
    ]
