import pytest

from mirrorlist.logic.mmdb import (
    Number,
    Tree,
    encode,
    encode_database,
    grow_tree,
    pack_tree,
    record_size,
)
from tests.mirrorlist.mmdb import Number as TheirNumber
from tests.mirrorlist.mmdb import encode as encode_otherwise

TOP = 1 << 127


def children(tree: Tree) -> list[tuple[int, int]]:
    return list(zip(tree.left, tree.right, strict=True))


def test_a_prefix_hangs_at_the_node_of_its_length() -> None:
    assert children(grow_tree([(TOP, 1, 1)])) == [(0, -1)]
    assert children(grow_tree([(0, 2, 1), (TOP >> 1, 2, 2)])) == [(1, 0), (-1, -2)]


def test_around_a_longer_prefix_the_wider_one_still_counts() -> None:
    assert children(grow_tree([(0, 1, 1), (0, 2, 2)])) == [(1, 0), (-2, -1)]


def test_a_longer_prefix_that_says_the_same_adds_nothing() -> None:
    assert children(grow_tree([(0, 1, 1), (0, 2, 1), (0, 9, 1)])) == [(-1, 0)]


def test_values_are_encoded_as_another_writer_does() -> None:
    value = {"a": "text", "list": ["x", "y"]}
    assert encode(value) == encode_otherwise(value)
    assert encode(Number(0x1FFFF, 6)) == b"\xc3\x01\xff\xff"
    assert encode(Number(0x1234, 5)) == encode_otherwise(TheirNumber(0x1234, 5))
    assert encode("x" * 30) == b"\x5d\x01" + b"x" * 30
    with pytest.raises(TypeError, match="has no place"):
        encode(1.5)


def test_records_are_as_wide_as_the_file_needs() -> None:
    assert record_size(1 << 20, (1 << 24) - (1 << 20) - 17) == 24
    assert record_size(1 << 20, (1 << 24) - (1 << 20) - 16) == 32


@pytest.mark.parametrize("size", [24, 32])
def test_records_say_node_nothing_or_value(size: int) -> None:
    tree = grow_tree([(0, 2, 1), (TOP >> 1, 2, 2)])
    packed = b"".join(pack_tree(tree, [0, 9], size=size))
    width = size // 8
    records = [
        int.from_bytes(packed[at : at + width], "big") for at in range(0, len(packed), width)
    ]
    assert records == [1, 2, 2 + 16 + 0, 2 + 16 + 9]


def test_a_database_is_tree_values_and_what_it_says_of_itself() -> None:
    tree = grow_tree([(TOP, 1, 2)])
    nodes, gap, data, rest = encode_database(tree, [64496, 64497], built_at=7, description="Of us")
    first, second = encode({"asn": Number(64496, 6)}), encode({"asn": Number(64497, 6)})
    assert data == first + second
    assert gap == bytes(16)
    assert nodes == (1).to_bytes(3, "big") + (1 + 16 + len(first)).to_bytes(3, "big")
    assert rest.startswith(b"\xab\xcd\xefMaxMind.com")
    assert encode({"en": "Of us"}) in rest
