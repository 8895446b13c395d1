from datetime import timedelta

from registry.logic.operations.expiry import State, plan_expiry
from registry.logic.operations.steps import Mark, StepReason
from tests.conftest import NOW

OS = "pub/42/os"


def history(path: str, *ids: int, filename: str = "repomd.xml") -> list[State]:
    return [State(id, path, filename, NOW - age * timedelta(days=1)) for age, id in enumerate(ids)]


def test_all_but_the_newest_state_of_each_file_go() -> None:
    states = [
        *history(f"{OS}/repodata", 9, 8, 7),
        *history(f"{OS}/images", 5, 4, filename="a.iso"),
        *history(f"{OS}/images", 3, filename="b.iso"),
    ]
    plan = plan_expiry(states, repositories={OS: "fedora-42 x86_64"})
    assert [step.ids for step in plan.steps if step.ids] == [(8, 7), (4,)]
    assert plan.steps[0].sentence == (
        "It loses 3 alternates; clients accept the newest metadata only."
    )
    assert plan.steps[1].sentence == (
        "2 earlier states of it, the oldest of 2026-11-18 12:00 UTC; the one of "
        "2026-11-20 12:00 UTC stays."
    )


def test_files_outside_the_repositories_stay_even_if_the_name_begins_alike() -> None:
    states = [*history(f"{OS}-debug/repodata", 9, 8), *history("pub/42", 5, 4)]
    plan = plan_expiry(states, repositories={OS: "fedora-42 x86_64"})
    assert [(step.mark, step.reason) for step in plan.steps] == [(Mark.KEEP, StepReason.ALREADY)]


def test_a_repository_inside_another_is_named_too() -> None:
    states = history(f"{OS}/addon/repodata", 9, 8)
    plan = plan_expiry(states, repositories={OS: "outer", f"{OS}/addon": "inner"})
    assert [step.subject for step in plan.writes] == [
        "Repository outer",
        "Repository inner",
        f"{OS}/addon/repodata/repomd.xml",
    ]
