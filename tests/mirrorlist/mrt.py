"""Write routing tables as routers dump them (RFC 6396), byte by byte."""

import struct
from collections.abc import Sequence
from ipaddress import ip_network

SEQUENCE, SET, CONFEDERATION = 2, 1, 3
UNICAST = {4: 2, 6: 4}
PEER_INDEX = 1


def record(subtype: int, body: bytes, *, kind: int = 13) -> bytes:
    return struct.pack(">IHHI", 1_795_000_000, kind, subtype, len(body)) + body


def segment(*asns: int, kind: int = SEQUENCE) -> bytes:
    return struct.pack(f">BB{len(asns)}I", kind, len(asns), *asns)


def attributes(*segments: bytes, wide: bool = False) -> bytes:
    """ORIGIN, AS_PATH and NEXT_HOP; `wide` writes lengths as two bytes, as some routers do."""
    path = b"".join(segments)
    length = struct.pack(">H" if wide else ">B", len(path))
    flags = 0x50 if wide else 0x40
    return b"\x40\x01\x01\x00" + bytes([flags, 2]) + length + path + b"\x40\x03\x04\xc0\x00\x02\x01"


def route(
    network: str, paths: Sequence[bytes], *, path_ids: bool = False, subtype: int = 0
) -> bytes:
    """One record of a network; each path is the attributes of one peer's entry."""
    net = ip_network(network)
    prefix = net.network_address.packed[: (net.prefixlen + 7) // 8]
    body = struct.pack(">IB", 7, net.prefixlen) + prefix + struct.pack(">H", len(paths))
    for number, path in enumerate(paths):
        body += struct.pack(">HI", number, 1_795_000_000)
        body += struct.pack(">I", number) if path_ids else b""
        body += struct.pack(">H", len(path)) + path
    return record(subtype or UNICAST[net.version] + (6 if path_ids else 0), body)


def rib(routes: dict[str, int], *, peers: int = 3) -> bytes:
    """A whole table in which all peers agree on who announces what."""
    index = record(PEER_INDEX, struct.pack(">4sHH", b"\xc0\x00\x02\x01", 0, 0))
    return index + b"".join(
        route(network, [attributes(segment(64500 + peer, asn)) for peer in range(peers)])
        for network, asn in routes.items()
    )
