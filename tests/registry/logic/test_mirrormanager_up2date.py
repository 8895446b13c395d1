from datetime import UTC, datetime

import pytest
from pyroaring import BitMap

from registry.logic.mirrormanager.rows import Carried
from registry.logic.mirrormanager.up2date import Seen, Translated, seen_better, translate

IDS = {1: 101, 2: 102, 3: 103, 4: 103}
BY_PATH = {"pub/fedora": 101, "pub/fedora/42": 102}
CATEGORY = BitMap([101, 102, 103])
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("directories", "paths", "expected", "lost"),
    [
        ([1, 2], [], {101, 102}, 0),
        ([1, 1, 2], [], {101, 102}, 0),  # with and without the leading slash
        ([3, 4], [], {103}, 0),  # two of its Directories are one here
        ([1, 9], [], {101}, 1),  # left out
        ([], ["/42", "42", "/", ""], {101, 102}, 0),
        ([], ["/gone", "../x"], set(), 2),
        ([], [], set(), 0),
    ],
)
def test_rows_become_a_set_of_our_ids(directories, paths, expected, lost) -> None:
    found = translate(
        Carried(1, directories, paths), top="pub/fedora", ids=IDS, by_path=BY_PATH,
        category=CATEGORY,
    )  # fmt: skip
    assert found == Translated(BitMap(expected), lost)


def test_directories_of_another_category_do_not_count() -> None:
    found = translate(
        Carried(1, [1, 2], []), top="pub/fedora", ids=IDS, by_path=BY_PATH, category=BitMap([102])
    )
    assert found == Translated(BitMap([102]), 1)


@pytest.mark.parametrize(
    ("seen", "checked_in_at", "kept"),
    [
        (Seen(None, None), None, False),
        (Seen(EARLY, None), LATE, True),
        (Seen(None, EARLY), EARLY, False),
        (Seen(None, EARLY), LATE, False),
        (Seen(None, LATE), EARLY, True),
        (Seen(None, LATE), None, True),
    ],
)
def test_what_this_system_saw_itself_is_kept_unless_a_later_check_in(
    seen, checked_in_at, kept
) -> None:
    assert (seen_better(seen, checked_in_at) is not None) is kept
