import pytest

from registry.logic.coverage import judge_copy, share_percent


@pytest.mark.parametrize(
    ("in_set", "always_up2date", "issue", "state"),
    [
        (True, False, None, "up2date"),
        (False, False, None, "unknown"),
        (False, False, ("stale", "It is older."), "stale"),
        (False, True, ("stale", "It is older."), "up2date"),
        (False, True, None, "up2date"),
    ],
)
def test_the_state_of_a_copy(
    *, in_set: bool, always_up2date: bool, issue: tuple[str, str] | None, state: str
) -> None:
    copy = judge_copy(in_set=in_set, always_up2date=always_up2date, issue=issue)
    assert copy.state == state
    assert copy.sentence.endswith(".")


@pytest.mark.parametrize(
    ("have", "total", "percent"),
    [
        (0, 0, None),
        (0, 10, 0),
        (1, 1000, 1),
        (999, 1000, 99),
        (1000, 1000, 100),
        (1001, 1000, 100),
    ],
)
def test_only_everything_is_a_hundred_percent(have: int, total: int, percent: int | None) -> None:
    assert share_percent(have, total) == percent
