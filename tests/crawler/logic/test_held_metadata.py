import zlib

import pytest

from crawler.logic.held_metadata import Held, merge_held, pack_held, unpack_held

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
