import zlib

import pytest

from crawler.logic.held_metadata import (
    Held,
    content_by_listing,
    is_worth_writing,
    merge_held,
    pack_held,
    unpack_held,
)
from crawler.logic.verdicts import KnownState

BEFORE = {1: Held(100, 1000), 2: Held(200, 1000), 3: Held(0, 1000)}


@pytest.mark.parametrize(
    ("seen", "wrong", "after"),
    [
        ({}, set(), BEFORE),
        ({1: 150}, set(), {**BEFORE, 1: Held(150, 2000)}),
        ({4: 400}, set(), {**BEFORE, 4: Held(400, 2000)}),
        ({}, {2}, {1: Held(100, 1000), 3: Held(0, 1000)}),
        ({2: 190}, {2, 3}, {1: Held(100, 1000), 2: Held(190, 2000)}),
    ],
)
def test_what_was_read_counts_and_what_is_wrong_goes(seen, wrong, after) -> None:
    assert merge_held(BEFORE, seen, wrong=wrong, seen_at=2000) == after


@pytest.mark.parametrize("held", [{}, BEFORE, {2**40: Held(1_795_089_600, 1_795_089_601)}])
def test_what_is_packed_comes_back(held) -> None:
    assert unpack_held(pack_held(held)) == held
    assert unpack_held(memoryview(pack_held(held))) == held


def test_three_thousand_repositories_are_small() -> None:
    held = {number * 7: Held(1_795_000_000 + number % 50, 1_795_089_600) for number in range(3000)}
    assert len(pack_held(held)) < 24_000


@pytest.mark.parametrize(
    "data", [b"", b"nonsense", pack_held(BEFORE)[:-3], zlib.compress(b"x" * 25)]
)
def test_anything_else_is_refused(data) -> None:
    with pytest.raises(ValueError, match="This is not held metadata"):
        unpack_held(data)


DAY = 24 * 3600


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({1: Held(100, DAY)}, False),
        ({1: Held(100, DAY + 1)}, True),
        ({1: Held(200, 0)}, True),
        ({}, True),
        ({1: Held(100, 0), 2: Held(100, 0)}, True),
    ],
    ids=["confirmed", "confirmed after long", "other content", "gone", "new"],
)
def test_what_is_worth_writing(after, expected) -> None:
    assert is_worth_writing({1: Held(100, 0)}, after) is expected


STATES = {
    "Release": (KnownState(300, (), 30),),
    "repomd.xml": (KnownState(500, (), 50), KnownState(400, (), 40), KnownState(200, (), 40)),
}
REPOMD = {"repomd.xml": STATES["repomd.xml"]}


@pytest.mark.parametrize(
    ("states", "listed", "good", "expected"),
    [
        (REPOMD, {}, True, 500),
        (STATES, {}, True, 300),
        (REPOMD, {"repomd.xml": (50, 7)}, False, 500),
        (REPOMD, {"repomd.xml": (40, 201)}, False, 200),
        (REPOMD, {"repomd.xml": (40, 7)}, False, None),
        (REPOMD, {"repomd.xml": (60, 500)}, False, None),
        (REPOMD, {}, False, None),
        (STATES, {"Release": (1, 1), "repomd.xml": (40, 400)}, False, 400),
    ],
    ids=[
        "as the master's",
        "as the master's, the first file",
        "one state has the size",
        "two states have the size, one the time",
        "two states have the size, none the time",
        "no state has the size",
        "not there",
        "another file tells",
    ],
)
def test_which_state_a_listing_shows(states, listed, good, expected) -> None:
    assert content_by_listing(states, listed, good=good) == expected
