"""Write small MaxMind DB files, as tests need them (format 2.0, 24-bit records, IPv4 tree)."""

from ipaddress import ip_network
from pathlib import Path
from typing import NamedTuple

MARKER = b"\xab\xcd\xefMaxMind.com"


class Number(NamedTuple):
    """An integer and its type: 5, 6 and 9 have 16, 32 and 64 bits."""

    number: int
    kind: int = 6

    @property
    def size(self) -> int:
        return {5: 2, 6: 4, 9: 8}[self.kind]


def encode(value: object) -> bytes:
    if isinstance(value, str):
        return _control(2, len(value.encode())) + value.encode()
    if isinstance(value, dict):
        pairs = b"".join(encode(key) + encode(item) for key, item in value.items())
        return _control(7, len(value)) + pairs
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(encode, value))
    assert isinstance(value, Number)
    return _control(value.kind, value.size) + value.number.to_bytes(value.size, "big")


def _control(kind: int, size: int) -> bytes:
    assert size < 29
    return bytes([size, kind - 7]) if kind > 7 else bytes([kind << 5 | size])


def write_mmdb(path: Path, records: dict[str, dict[str, object]]) -> Path:
    """Write a tree of the given IPv4 networks, which must not overlap."""
    nodes: list[list[int | None]] = [[None, None]]
    data, found = b"", []
    for network, record in records.items():
        address, length = ip_network(network).network_address, ip_network(network).prefixlen
        node = 0
        for bit in range(length - 1):
            side = int(address) >> (31 - bit) & 1
            if nodes[node][side] is None:
                nodes[node][side] = len(nodes)
                nodes.append([None, None])
            node = nodes[node][side] or 0
        found.append((node, int(address) >> (32 - length) & 1, len(data)))
        data += encode(record)
    for node, side, offset in found:
        nodes[node][side] = len(nodes) + 16 + offset
    tree = b"".join(
        (len(nodes) if value is None else value).to_bytes(3, "big")
        for pair in nodes
        for value in pair
    )
    metadata = {
        "binary_format_major_version": Number(2, 5),
        "binary_format_minor_version": Number(0, 5),
        "build_epoch": Number(1_750_000_000, 9),
        "database_type": "Test",
        "description": {},
        "ip_version": Number(4, 5),
        "languages": [],
        "node_count": Number(len(nodes)),
        "record_size": Number(24, 5),
    }
    path.write_bytes(tree + b"\0" * 16 + data + MARKER + encode(metadata))
    return path
