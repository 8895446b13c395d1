import pytest

from crawler.logic.moves import Move, below, find_moves

EMPTY, A, B, C = b"0" * 16, b"a" * 16, b"b" * 16, b"c" * 16
TREE = {"old": EMPTY, "old/os": A, "old/os/deep": B}


@pytest.mark.parametrize(
    ("gone", "added", "moves"),
    [
        # a subtree reappears as it was, under another name or deeper
        (TREE, {"new": EMPTY, "new/os": A, "new/os/deep": B}, [Move("old", "new", 3)]),
        (
            TREE,
            {"x": C, "x/y": EMPTY, "x/y/os": A, "x/y/os/deep": B},
            [Move("old", "x/y", 3)],
        ),
        # only a part of it does
        (TREE, {"new": A, "new/deep": B, "new2": C}, [Move("old/os", "new", 2)]),
        (TREE, {"new": B}, [Move("old/os/deep", "new", 1)]),
        # something changed, was added or has another name on the way
        (TREE, {"new": EMPTY, "new/os": A}, []),
        (TREE, {"new": EMPTY, "new/os": C, "new/os/deep": C}, []),
        (TREE, {"new": EMPTY, "new/sources": A, "new/sources/deep": C}, []),
        # two of the same: each place counts once, the first by path first
        ({"a": A, "b": A}, {"x": A}, [Move("a", "x", 1)]),
        ({"a": A, "b": A}, {"y": A, "x": A}, [Move("a", "x", 1), Move("b", "y", 1)]),
        # directories without files, or that could not be listed, are like no other
        ({"a": EMPTY, "a/b": EMPTY}, {"x": EMPTY, "x/b": EMPTY}, []),
        ({"a": b""}, {"x": b""}, []),
        ({"a": A, "a/b": b""}, {"x": A, "x/b": b""}, []),
        # names that are not UTF-8 are names
        ({"a": A, "a/\udcff": B}, {"x": A, "x/\udcff": B}, [Move("a", "x", 2)]),
        ({}, {"x": A}, []),
        ({"a": A}, {}, []),
    ],
)
def test_a_subtree_that_reappears_moved(
    gone: dict[str, bytes], added: dict[str, bytes], moves: list[Move]
) -> None:
    assert list(find_moves(gone, added, empty=EMPTY)) == moves


def test_what_is_below_a_move_moved() -> None:
    moves = [Move("a/b", "x", 2)]
    assert below(moves, ["a", "a/b", "a/b/c/d", "a/bc", "x"]) == {"a/b", "a/b/c/d"}
