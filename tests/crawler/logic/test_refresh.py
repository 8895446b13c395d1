import pytest

from crawler.logic.file_history import FileState, Placed, Placement
from crawler.logic.refresh import OnePath, plan_refresh
from registry.logic.listings import Entry
from registry.logic.operations.steps import Mark
from tests.conftest import NOW

STATE = FileState("a.iso", 1, 100, sha256="ab" * 32)
A, B, C = Entry("a.iso", 100, 1), Entry("b.iso", 100, 1), Entry("c.iso", 100, 1)


def lines(
    after: list[Entry], placement: Placement | None = None, state: FileState | None = None
) -> list[str]:
    placed = None if placement is None else Placed(placement, None, NOW)
    plan = plan_refresh("pub/iso", "a.iso", before=[A, B], after=after, placed=placed, state=state)
    return [step.line for step in plan.steps]


@pytest.mark.parametrize(
    ("placement", "line"),
    [
        (Placement.CURRENT, "= pub/iso/a.iso: UNCHANGED, 100 bytes, sha256 abab"),
        (Placement.NEW, "+ pub/iso/a.iso: A new state of it, 100 bytes"),
        (Placement.RETURNED, "~ pub/iso/a.iso: An earlier state of it is current again"),
    ],
)
def test_a_file_is_unchanged_new_or_back(placement: Placement, line: str) -> None:
    first, second = lines([A, B], placement, STATE)
    assert first == "= Listing of pub/iso: UNCHANGED, 2 files."
    assert second.startswith(line)


def test_a_file_that_is_gone_is_refused_but_the_listing_is_not() -> None:
    first, second = lines([B])
    assert first == "~ Listing of pub/iso: 1 file gone."
    assert second.startswith("! pub/iso/a.iso: The master has no such file.")


def test_a_listing_counts_what_differs() -> None:
    changed = [A._replace(size=99), C]
    assert lines(changed)[0] == ("~ Listing of pub/iso: 1 file new, 1 file changed, 1 file gone.")


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("a", True),
        ("a/b", True),
        ("a/b/file", True),
        ("a/b/c/d", False),
        ("x", False),
        ("a/x", False),
        (".snapshot", False),
    ],
)
def test_one_path_is_held_with_the_way_there_and_what_lies_in_it(name: str, held: bool) -> None:
    assert OnePath("pub", only="a/b").holds_directory(name) is held


def test_what_is_left_out_everywhere_is_left_out_here() -> None:
    scope = OnePath("pub", foreign=frozenset({"a/b"}), only="a/b")
    assert not scope.holds_directory("a/b")


def test_plans_of_refreshes_write_what_differs() -> None:
    plan = plan_refresh(
        "pub/iso",
        "a.iso",
        before=[A],
        after=[A],
        placed=Placed(Placement.NEW, None, NOW),
        state=STATE,
    )
    assert [step.mark for step in plan.writes] == [Mark.ADD]
