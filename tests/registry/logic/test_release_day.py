import pytest

from registry.logic.operations.release_day import Shown, plan_release_day
from registry.logic.operations.steps import Mark, StepReason

REDIRECTS = {
    "fedora-44": "rawhide",
    "updates-testing-debug-f44": "rawhide-debug",
    "fedora-source-44": "elsewhere",
    "fedora-45": "rawhide",
}


def shown(name: str, *, display: bool = True, is_test: bool = False) -> Shown:
    return Shown(int(name), f"Fedora {name}", display, is_test)


@pytest.mark.parametrize(
    ("display", "is_test", "mark", "sentence"),
    [
        (False, False, Mark.CHANGE, "It is shown on public pages."),
        (True, True, Mark.CHANGE, "It is no test release anymore."),
        (
            False,
            True,
            Mark.CHANGE,
            "It is shown on public pages and it is no test release anymore.",
        ),
        (True, False, Mark.KEEP, "It is shown on public pages, and no test release."),
    ],
)
def test_the_released_version_is_shown(
    display: bool, is_test: bool, mark: Mark, sentence: str
) -> None:
    released = shown("44", display=display, is_test=is_test)
    plan = plan_release_day(released, [], version="44", redirects={}, prefixes=frozenset())
    (step,) = plan.steps
    assert (step.mark, step.sentence) == (mark, sentence)


def test_test_versions_are_hidden_and_others_stay() -> None:
    others = [
        shown("46", is_test=True),
        shown("45", display=False, is_test=True),
        shown("43"),
        shown("42", display=False),
    ]
    plan = plan_release_day(shown("44"), others, version="44", redirects={}, prefixes=frozenset())
    assert [(step.mark, step.reason, step.subject) for step in plan.steps[1:]] == [
        (Mark.KEEP, StepReason.ALREADY, "Version Fedora 45"),
        (Mark.CHANGE, StepReason.TEST, "Version Fedora 46"),
    ]


def test_only_its_own_redirects_to_rawhide_go() -> None:
    plan = plan_release_day(
        shown("44"), [], version="44", redirects=REDIRECTS, prefixes=frozenset({"fedora-44"})
    )
    assert [(step.mark, step.subject) for step in plan.steps[1:]] == [
        (Mark.REMOVE, "Redirect fedora-44 → rawhide"),
        (Mark.REMOVE, "Redirect updates-testing-debug-f44 → rawhide-debug"),
    ]
