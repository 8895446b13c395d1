"""Who may keep a web worker waiting for the network: few at a time, each person once.

A worker that waits answers nobody else, so pages stay quick only if some never wait. Deliberately
knows neither workers nor what they wait for.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from registry.logic.wording import counted


class SlotPolicy(NamedTuple):
    """How many workers of a machine may wait at the same time, and how many for one person."""

    at_once: int = 2
    per_person: int = 1


class SlotReason(Enum):
    """Why somebody gets a slot or not."""

    FREE = "free"
    YOURS = "yours"
    BUSY = "busy"


class SlotVerdict(NamedTuple):
    """The decision, with the sentence for whoever asked."""

    reason: SlotReason
    sentence: str

    @property
    def granted(self) -> bool:
        """Tell whether the network may be waited for."""
        return self.reason is SlotReason.FREE


def judge_slot(holders: Sequence[int], *, person: int, policy: SlotPolicy) -> SlotVerdict:
    """Say whether a person gets a slot while the holders have theirs."""
    if holders.count(person) >= policy.per_person:
        sentence = "Another check of yours still waits for an answer. This one follows in seconds."
        return SlotVerdict(SlotReason.YOURS, sentence)
    if len(holders) >= policy.at_once:
        others = counted(len(holders), "check")
        sentence = f"{others} of other people wait for answers. Yours follows in some seconds."
        return SlotVerdict(SlotReason.BUSY, sentence)
    return SlotVerdict(SlotReason.FREE, "It is checked now.")
