"""The bar of a copy's states."""

from registry.logic.copy_bar import LEAST, WIDTH, lay_out_copy


def test_states_stand_side_by_side_and_fill_the_bar() -> None:
    parts = lay_out_copy(100, up2date=50, issues={"stale": 20, "missing": 30}, issue_count=50)
    assert [(part.state, part.number) for part in parts] == [
        ("up2date", 50),
        ("stale", 20),
        ("missing", 30),
    ]
    assert parts[-1].x + parts[-1].width == WIDTH
    assert parts[1].x == parts[0].width


def test_little_can_still_be_seen() -> None:
    _, stale = lay_out_copy(100_000, up2date=99_999, issues={"stale": 1}, issue_count=1)
    assert stale.width >= LEAST


def test_what_is_wrong_beyond_what_is_stored_is_wrong() -> None:
    parts = lay_out_copy(1000, up2date=0, issues={"missing": 500}, issue_count=900)
    assert {part.state: part.number for part in parts} == {
        "missing": 500,
        "wrong": 400,
        "unknown": 100,
    }


def test_nothing_on_the_master_is_no_bar() -> None:
    assert lay_out_copy(0, up2date=5, issues={}, issue_count=0) == ()


def test_one_state_fills_everything() -> None:
    [part] = lay_out_copy(7, up2date=9, issues={}, issue_count=0)
    assert (part.number, part.x, part.width) == (7, 0, WIDTH)
