"""Who may keep a web worker waiting for the network."""

import pytest

from registry.logic.slots import SlotPolicy, SlotReason, judge_slot

BEN, CARA, DORA = 1, 2, 3


@pytest.mark.parametrize(
    ("holders", "reason", "words"),
    [
        ([], SlotReason.FREE, "It is checked now."),
        ([CARA], SlotReason.FREE, "It is checked now."),
        ([BEN], SlotReason.YOURS, "Another check of yours still waits"),
        ([BEN, CARA], SlotReason.YOURS, "Another check of yours still waits"),
        ([CARA, DORA], SlotReason.BUSY, "2 checks of other people wait"),
    ],
)
def test_few_wait_at_a_time_and_each_person_once(holders, reason, words) -> None:
    verdict = judge_slot(holders, person=BEN, policy=SlotPolicy(at_once=2))
    assert verdict.reason is reason
    assert verdict.sentence.startswith(words)
    assert verdict.granted is (reason is SlotReason.FREE)
