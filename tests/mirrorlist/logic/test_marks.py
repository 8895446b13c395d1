"""What is remembered of downloads, and what is forgotten early."""

import pytest

from mirrorlist.logic.marks import PLACES, Marks


class Thing:
    """Something with a known hash."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __hash__(self) -> int:
        return self._number


@pytest.mark.parametrize("number", [0, 1, -2, PLACES, 2**61 - 2])
def test_a_thing_is_new_once(number: int) -> None:
    marks = Marks()
    assert [marks.is_new(Thing(number)) for _ in range(3)] == [True, False, False]


def test_a_thing_is_new_again_after_two_ages() -> None:
    marks = Marks()
    seen = []
    for _ in range(4):
        seen.append(marks.is_new("a"))
        marks.age()
    assert seen == [True, False, True, False]


def test_the_later_of_two_takes_their_place() -> None:
    marks = Marks()
    one, other = Thing(5), Thing(5 + 2 * PLACES)
    assert [marks.is_new(each) for each in (one, other, other, one)] == [True, True, False, True]


def test_most_of_many_are_remembered() -> None:
    marks = Marks()
    many = [f"192.0.2.{number} pub/a.iso" for number in range(20_000)]
    assert all(marks.is_new(each) for each in many)
    assert sum(marks.is_new(each) for each in many) < 4_000
