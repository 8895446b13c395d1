from datetime import timedelta

import pytest

from registry.logic.wording import counted, span


@pytest.mark.parametrize(
    ("count", "plural", "text"),
    [
        (0, "", "0 Hosts"),
        (1, "", "1 Host"),
        (2, "", "2 Hosts"),
        (2, "Hosts and nodes", "2 Hosts and nodes"),
        (1234, "", "1,234 Hosts"),
    ],
)
def test_one_is_singular(count: int, plural: str, text: str) -> None:
    assert counted(count, "Host", plural) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        ({}, "nothing"),
        ({"seconds": 59}, "nothing"),
        ({"minutes": 1}, "1 minute"),
        ({"hours": 2}, "2 hours"),
        ({"hours": 2, "minutes": 5, "seconds": 3}, "2 hours, 5 minutes"),
        ({"days": 1, "hours": 4, "minutes": 9}, "1 day, 4 hours"),
        ({"days": 3, "minutes": 9}, "3 days"),
    ],
)
def test_a_length_of_time_is_said_in_two_units(length: dict[str, int], text: str) -> None:
    assert span(timedelta(**length)) == text
