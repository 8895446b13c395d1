from datetime import timedelta

import pytest

from crawler.logic.records import Record, RecordPolicy, outdated
from tests.conftest import NOW

POLICY = RecordPolicy(keep=timedelta(days=10), newest_of_each=2)


def forgotten(*visits: tuple[int, int]) -> list[int]:
    """Return which of visits (Host, days ago) may go, by their place."""
    records = [
        Record(number, host, NOW - timedelta(days=days))
        for number, (host, days) in enumerate(visits)
    ]
    return [record.id for record in outdated(records, now=NOW, policy=POLICY)]


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ([], []),
        ([(1, 0), (1, 1), (1, 10), (1, 11), (1, 99)], [3, 4]),
        ([(1, 50), (1, 60), (1, 70)], [2]),
        ([(1, 0), (1, 1), (2, 50), (2, 60), (2, 70)], [4]),
    ],
    ids=["nothing", "old ones go", "the newest stay however old", "each Host for itself"],
)
def test_which_visits_are_forgotten(visits, expected) -> None:
    assert forgotten(*visits) == expected
