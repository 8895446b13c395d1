from datetime import UTC, datetime, timedelta

import pytest

from crawler.logic.held_metadata import Held
from crawler.logic.propagation import (
    LABELS,
    Age,
    Copy,
    PropagationPolicy,
    age_of,
    behind_master,
    count_ages,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
POLICY = PropagationPolicy(believed=timedelta(days=8))
MASTER = int(datetime(2026, 11, 20, 6, 0, tzinfo=UTC).timestamp())
DAY = 86_400
SEEN = int(NOW.timestamp())


def age(held: Held | None, visited_at: datetime | None = None) -> Age:
    return age_of(held, MASTER, visited_at=visited_at, now=NOW, policy=POLICY)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, Age.SAME_DAY),
        (DAY, Age.SAME_DAY),
        (DAY + 1, Age.ONE_DAY),
        (2 * DAY, Age.ONE_DAY),
        (2 * DAY + 1, Age.TWO_DAY),
        (3 * DAY, Age.TWO_DAY),
        (3 * DAY + 1, Age.OLDER),
        (-DAY, Age.SAME_DAY),
        (-4 * DAY, Age.OLDER),
    ],
)
def test_the_difference_to_the_master_decides(seconds, expected) -> None:
    assert age(Held(MASTER - seconds, SEEN)) is expected


def test_a_copy_in_no_known_state_is_older_and_one_without_is_no_information() -> None:
    assert age(Held(0, SEEN)) is Age.OLDER
    assert age(None, NOW) is Age.NO_INFO


def test_what_was_seen_long_ago_counts_while_visits_confirm_it() -> None:
    long_ago = Held(MASTER, SEEN - 9 * DAY)
    assert age(long_ago) is Age.NO_INFO
    assert age(long_ago, NOW - timedelta(days=9)) is Age.NO_INFO
    assert age(long_ago, NOW - timedelta(days=1)) is Age.SAME_DAY


def test_every_age_is_counted_zeros_included() -> None:
    copies = [
        Copy({7: Held(MASTER, SEEN)}),
        Copy({7: Held(MASTER - DAY * 2, SEEN)}),
        Copy({8: Held(MASTER, SEEN)}),
        Copy({}),
    ]
    assert count_ages(7, MASTER, copies, now=NOW, policy=POLICY) == {
        Age.SAME_DAY: 1,
        Age.ONE_DAY: 1,
        Age.TWO_DAY: 0,
        Age.OLDER: 0,
        Age.NO_INFO: 2,
    }


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({}, None),
        ({1: Held(0, SEEN)}, None),
        ({9: Held(MASTER, SEEN)}, None),
        ({1: Held(MASTER, SEEN)}, timedelta()),
        ({1: Held(MASTER - 5 * DAY, SEEN), 2: Held(MASTER - DAY, SEEN)}, timedelta(days=1)),
        ({1: Held(MASTER + DAY, SEEN)}, timedelta()),
    ],
)
def test_a_copy_is_as_far_behind_as_its_newest_metadata(held, expected) -> None:
    references = {1: MASTER, 2: MASTER - 3 * DAY}
    assert behind_master(Copy(held), references) == expected


def test_every_age_has_a_label() -> None:
    assert set(LABELS) == set(Age)
