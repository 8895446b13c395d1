import pytest

from registry.logic.operations.redirects import (
    plan_creation,
    plan_removal,
    release_day_pairs,
)
from registry.logic.operations.steps import Mark, StepReason

EXISTING = {"fedora-44": "rawhide"}
PREFIXES = frozenset({"rawhide", "fedora-43", "fedora-42"})


def test_a_release_day_leads_all_prefixes_of_a_version_to_rawhide() -> None:
    pairs = release_day_pairs("44", "rawhide")
    assert len(pairs) == 9
    assert pairs[0] == ("fedora-44", "rawhide")
    assert ("updates-released-debug-f44", "rawhide-debug") in pairs
    assert ("updates-testing-source-f44", "rawhide-source") in pairs


def test_a_release_day_leads_all_prefixes_to_those_of_another_version() -> None:
    assert ("updates-released-f44", "updates-released-f43") in release_day_pairs("44", "43")


@pytest.mark.parametrize(
    ("pair", "mark", "reason", "sentence"),
    [
        (("fedora-45", "rawhide"), Mark.ADD, StepReason.ASKED, "It is new."),
        (
            ("fedora-45", "fedora-99"),
            Mark.ADD,
            StepReason.ASKED,
            "It is new. No Repository has the prefix “fedora-99” yet.",
        ),
        (
            ("fedora-42", "fedora-43"),
            Mark.ADD,
            StepReason.HIDES,
            "It is new. The Repository “fedora-42” is hidden by it.",
        ),
        (("fedora-44", "rawhide"), Mark.KEEP, StepReason.ALREADY, "It exists."),
        (
            ("fedora-44", "fedora-43"),
            Mark.CHANGE,
            StepReason.ASKED,
            "It led to “rawhide”.",
        ),
        (("a", "a"), Mark.REFUSED, StepReason.CONFLICT, "It would lead to itself."),
        (
            ("fedora-45", "fedora-44"),
            Mark.REFUSED,
            StepReason.CHAIN,
            "“fedora-44” is redirected to “rawhide” itself, and redirects are not chained. Lead "
            "there instead, or remove that one first.",
        ),
        (
            ("rawhide", "fedora-43"),
            Mark.REFUSED,
            StepReason.CHAIN,
            "“fedora-44” is redirected to “rawhide”, and redirects are not chained. Remove that "
            "one first, or lead it elsewhere.",
        ),
    ],
)
def test_a_redirect_is_created_unless_it_makes_no_sense(
    pair: tuple[str, str], mark: Mark, reason: StepReason, sentence: str
) -> None:
    (step,) = plan_creation([pair], existing=EXISTING, prefixes=PREFIXES).steps
    assert (step.mark, step.reason, step.sentence) == (mark, reason, sentence)


def test_if_one_redirect_is_refused_none_is_written() -> None:
    plan = plan_creation([("a", "rawhide"), ("b", "b")], existing={}, prefixes=PREFIXES)
    assert plan.writes == ()


@pytest.mark.parametrize(
    ("name", "existing", "mark", "sentence"),
    [
        ("fedora-45", EXISTING, Mark.KEEP, "There is none."),
        (
            "fedora-44",
            EXISTING,
            Mark.REMOVE,
            "It goes; clients that ask for it get an error, since no Repository has that prefix.",
        ),
        (
            "fedora-43",
            {"fedora-43": "rawhide"},
            Mark.REMOVE,
            "It goes; clients get the Repository of that name again.",
        ),
    ],
)
def test_a_redirect_is_removed_if_there_is_one(
    name: str, existing: dict[str, str], mark: Mark, sentence: str
) -> None:
    (step,) = plan_removal([name, name], existing=existing, prefixes=PREFIXES).steps
    assert (step.mark, step.sentence) == (mark, sentence)
