from registry.logic.operations.steps import Mark, StepReason
from registry.logic.operations.switching import (
    Switched,
    plan_disabling,
    plan_enabling,
)

ON = Switched(1, "fedora-42 x86_64", "fedora-42", disabled=False)
OFF = Switched(2, "fedora-42 aarch64", "fedora-42", disabled=True)
ALSO_ON = Switched(3, "fedora-42 s390x", "fedora-42", disabled=False)
UNNAMED = Switched(4, "pub/x", "", disabled=False)


def test_disabling_says_what_clients_are_told() -> None:
    plan = plan_disabling([ON, UNNAMED], sharing={"fedora-42": [ON]}, why="Wrong keys.")
    assert [(step.mark, step.repository_id) for step in plan.steps] == [
        (Mark.CHANGE, 1),
        (Mark.CHANGE, 4),
    ]
    assert plan.steps[0].sentence == "Clients are told that it is disabled. Wrong keys."


def test_what_is_disabled_stays_so() -> None:
    plan = plan_disabling([OFF], sharing={}, why="Wrong keys.")
    assert (plan.steps[0].mark, plan.steps[0].reason) == (Mark.KEEP, StepReason.ALREADY)


def test_others_with_the_same_prefix_are_named_because_they_are_off_too() -> None:
    plan = plan_disabling([ON], sharing={"fedora-42": [ON, OFF, ALSO_ON]}, why="Wrong keys.")
    assert [(step.reason, step.repository_id) for step in plan.steps] == [
        (StepReason.ASKED, 1),
        (StepReason.SHARES_PREFIX, 3),
    ]


def test_enabling_says_whether_clients_notice() -> None:
    other = OFF._replace(id=5)
    alone = plan_enabling([OFF, ON], sharing={"fedora-42": [ON, OFF]})
    assert [step.reason for step in alone.steps] == [StepReason.ALREADY, StepReason.ASKED]
    kept_off = plan_enabling([OFF], sharing={"fedora-42": [OFF, other]})
    assert [(step.mark, step.reason) for step in kept_off.steps] == [
        (Mark.CHANGE, StepReason.SHARES_PREFIX)
    ]
