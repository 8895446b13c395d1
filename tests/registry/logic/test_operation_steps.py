import pytest

from registry.logic.operations.steps import Mark, Plan, Step, StepReason, steps_as_facts


def step(mark: Mark, subject: str = "Thing") -> Step:
    return Step(mark, StepReason.ASKED, subject, "It is asked for.")


def test_a_step_is_one_line() -> None:
    assert step(Mark.REMOVE).line == "- Thing: It is asked for."


@pytest.mark.parametrize(
    ("marks", "summary"),
    [
        ([], "Nothing to do."),
        ([Mark.ADD, Mark.ADD, Mark.KEEP], "2 to add, 1 already so."),
        ([Mark.CHANGE, Mark.REMOVE, Mark.REFUSED], "1 to change, 1 to remove, 1 refused."),
    ],
)
def test_a_plan_is_summed_up_in_a_sentence(marks: list[Mark], summary: str) -> None:
    assert Plan(tuple(map(step, marks))).summary == summary


def test_what_is_refused_or_stays_is_not_written() -> None:
    plan = Plan(tuple(map(step, Mark)))
    assert [one.mark for one in plan.writes] == [Mark.ADD, Mark.CHANGE, Mark.REMOVE]
    assert [one.mark for one in plan.refused] == [Mark.REFUSED]


def test_a_whole_plan_writes_nothing_if_anything_is_refused() -> None:
    plan = Plan(tuple(map(step, (Mark.ADD, Mark.REFUSED))), whole=True)
    assert plan.writes == ()
    assert plan.summary == "1 step refused, so nothing can be done."
    assert Plan((step(Mark.ADD),), whole=True).writes == (step(Mark.ADD),)


def test_the_fingerprint_differs_with_any_step() -> None:
    one, other = Plan((step(Mark.ADD),)), Plan((step(Mark.ADD, "Other"),))
    assert one.fingerprint == Plan((step(Mark.ADD),)).fingerprint
    assert one.fingerprint != other.fingerprint


def test_steps_are_told_in_json() -> None:
    assert steps_as_facts([step(Mark.REFUSED)]) == [
        {
            "step": "refused",
            "reason": "asked",
            "subject": "Thing",
            "sentence": "It is asked for.",
        }
    ]
