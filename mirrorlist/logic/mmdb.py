"""Write the MaxMind DB format (2.0), as far as a table of autonomous systems needs it.

One tree for both families with IPv4 at ::/96, and one record `{"asn": number}` per autonomous
system. Deliberately writes no files: it returns bytes.
"""

import struct
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

MARKER = b"\xab\xcd\xefMaxMind.com"
SEPARATOR = bytes(16)
ADDRESS_BITS = 128
STRING, MAP, ARRAY = 2, 7, 11
NODES_AT_ONCE = 1 << 16


class Number(NamedTuple):
    """An unsigned integer of the format; kinds 5, 6 and 9 have up to 16, 32 and 64 bits."""

    value: int
    kind: int


class Tree(NamedTuple):
    """Nodes by number: positive is another node, negative a value, 0 nothing."""

    left: "array[int]"
    right: "array[int]"


def grow_tree(prefixes: Iterable[tuple[int, int, int]]) -> Tree:
    """Return the tree of prefixes: address of 128 bits, length of at least 1, value from 1.

    They come sorted by address, wider ones first: each leaves the way of the last one where nobody
    has been yet. A longer prefix with the value of the one around it adds nothing.
    """
    left, right = array("i", [0]), array("i", [0])
    path = [0] * ADDRESS_BITS
    deepest, previous = 0, 0
    for address, length, value in prefixes:
        shared = ADDRESS_BITS - (address ^ previous).bit_length()
        depth = min(deepest, shared, length - 1)
        node = path[depth]
        while True:
            side = right if address >> (ADDRESS_BITS - 1 - depth) & 1 else left
            around = side[node]
            if around == -value:
                break
            if depth == length - 1:
                side[node] = -value
                break
            # The value of the wider prefix counts for everything else below.
            new = len(left)
            side[node] = new
            left.append(around)
            right.append(around)
            node = new
            depth += 1
            path[depth] = node
        deepest, previous = depth, address
    return Tree(left, right)


def encode_database(
    tree: Tree, asns: Sequence[int], *, built_at: int, description: str
) -> Iterator[bytes]:
    """Yield the pieces of a file. Value 1 of the tree is the first of the autonomous systems."""
    data, offsets = bytearray(), []
    for asn in asns:
        offsets.append(len(data))
        data += encode({"asn": Number(asn, 6)})
    nodes = len(tree.left)
    size = record_size(nodes, len(data))
    yield from pack_tree(tree, offsets, size=size)
    yield SEPARATOR
    yield bytes(data)
    yield MARKER + encode(
        {
            "binary_format_major_version": Number(2, 5),
            "binary_format_minor_version": Number(0, 5),
            "build_epoch": Number(built_at, 9),
            "database_type": "Mirrorsite-ASN",
            "description": {"en": description},
            "ip_version": Number(6, 5),
            "languages": [],
            "node_count": Number(nodes, 6),
            "record_size": Number(size, 5),
        }
    )


def encode(value: str | Number | Mapping[str, object] | Sequence[object] | object) -> bytes:
    """Return a value in the format: text, Number, mapping or list. Raises TypeError for others."""
    if isinstance(value, str):
        text = value.encode()
        return _control(STRING, len(text)) + text
    if isinstance(value, Number):
        number = value.value.to_bytes((value.value.bit_length() + 7) // 8, "big")
        return _control(value.kind, len(number)) + number
    if isinstance(value, Mapping):
        pairs = b"".join(encode(key) + encode(item) for key, item in value.items())
        return _control(MAP, len(value)) + pairs
    if isinstance(value, list):
        return _control(ARRAY, len(value)) + b"".join(map(encode, value))
    raise TypeError(f"{value!r} has no place in this format.")


def _control(kind: int, size: int) -> bytes:
    """Return the bytes before a value; kinds above 7 need a second one, sizes from 29 a third."""
    extra = b""
    if size >= 29:
        size, extra = 29, bytes([size - 29])
    return (bytes([size, kind - 7]) if kind > 7 else bytes([kind << 5 | size])) + extra


def record_size(nodes: int, data_bytes: int) -> int:
    """Return how many bits a record needs so that it can point at everything: 24 or 32."""
    return 24 if nodes + len(SEPARATOR) + data_bytes < 1 << 24 else 32


def pack_tree(tree: Tree, offsets: Sequence[int], *, size: int) -> Iterator[bytes]:
    """Yield the nodes in pieces, two records of 24 or 32 bits each."""
    nodes = len(tree.left)
    first = nodes + len(SEPARATOR)
    # What a record says that is no node: nothing, or where a value is.
    values = [nodes, *(first + offset for offset in offsets)]
    for start in range(0, nodes, NODES_AT_ONCE):
        records = [
            child if child > 0 else values[-child]
            for pair in zip(*(side[start : start + NODES_AT_ONCE] for side in tree), strict=True)
            for child in pair
        ]
        wide = struct.pack(f">{len(records)}I", *records)
        if size == 32:
            yield wide
            continue
        narrow = bytearray(3 * len(records))
        for place in range(3):
            narrow[place::3] = wide[place + 1 :: 4]
        yield bytes(narrow)
