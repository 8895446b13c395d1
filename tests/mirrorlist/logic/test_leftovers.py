from datetime import timedelta

import pytest

from mirrorlist.logic.leftovers import is_leftover

FINISHED = "snapshot-20260101T000000Z-3.sqlite"
PARTIAL = f".{FINISHED}.part"
OLD = timedelta(days=2)


@pytest.mark.parametrize(
    ("name", "age", "expected"),
    [
        (FINISHED, OLD, True),
        (PARTIAL, OLD, True),
        (FINISHED, timedelta(days=1), False),
        (PARTIAL, timedelta(hours=1), False),
        (FINISHED, timedelta(days=-9), False),
        ("snapshot-20260101T000000Z-4.sqlite", OLD, False),
        ("current.sqlite", OLD, False),
        (f".{FINISHED}", OLD, False),
        (f"{FINISHED}.part", OLD, False),
        (f"{FINISHED}.bak", OLD, False),
        (f"{FINISHED}\n", OLD, False),
        ("snapshot-before-the-upgrade.sqlite", OLD, False),
        ("notes.txt", OLD, False),
    ],
)
def test_only_old_files_of_builds_that_nothing_names_are_left_over(
    name: str, age: timedelta, expected: bool
) -> None:
    assert is_leftover(name, age=age, known={"snapshot-20260101T000000Z-4.sqlite"}) is expected
