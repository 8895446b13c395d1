"""What routers dump of their routing tables: records of MRT TABLE_DUMP_V2 (RFC 6396, RFC 8050).

Knows how to find the prefix of a record and the autonomous system that most peers say announces
it. Deliberately reads no files: it is given one record after the other.
"""

from collections import Counter
from typing import NamedTuple

from mirrorlist.logic.asn_table import Prefix

HEADER_BYTES = 12
TABLE_DUMP = 12
TABLE_DUMP_V2 = 13
# No record of a real table is longer; a peer adds about a hundred bytes to it.
GREATEST_RECORD_BYTES = 1 << 24
AS_PATH = 2
AS_SET = 1
AS_SEQUENCE = 2
EXTENDED_LENGTH = 0x10


class Shape(NamedTuple):
    """How records of a subtype look: bits of an address, and bytes before an entry's attributes."""

    bits: int
    entry_bytes: int


# Unicast routes of both families, without and with path identifiers.
SHAPES = {2: Shape(32, 8), 4: Shape(128, 8), 8: Shape(32, 12), 10: Shape(128, 12)}


class DamagedRibError(ValueError):
    """A record cannot be read; the text is a sentence."""


class Header(NamedTuple):
    """The beginning of a record."""

    kind: int
    subtype: int
    size: int


def read_header(data: bytes) -> Header:
    """Read the twelve bytes before a record. Raises DamagedRibError if they cannot be that."""
    header = Header(
        int.from_bytes(data[4:6], "big"),
        int.from_bytes(data[6:8], "big"),
        int.from_bytes(data[8:12], "big"),
    )
    if len(data) < HEADER_BYTES or header.size > GREATEST_RECORD_BYTES:
        raise DamagedRibError("A record has no sensible length.")
    return header


def is_rib(beginning: bytes) -> bool:
    """Tell whether a file that begins so is a dump of a routing table, of whatever version."""
    try:
        header = read_header(beginning[:HEADER_BYTES])
    except DamagedRibError:
        return False
    return header.kind in {TABLE_DUMP, TABLE_DUMP_V2} and 1 <= header.subtype <= 12


def read_route(header: Header, body: bytes) -> tuple[Prefix, int] | None:
    """Return a record's prefix and the autonomous system that announces it.

    None for records that are no unicast route, and for routes without an origin. Of several
    origins the one that most entries name counts, of equals the lowest number. Raises
    DamagedRibError for a record that contradicts itself, and for the older TABLE_DUMP format.
    """
    if header.kind == TABLE_DUMP:
        raise DamagedRibError("It is in the old format TABLE_DUMP; only TABLE_DUMP_V2 is read.")
    shape = SHAPES.get(header.subtype)
    if header.kind != TABLE_DUMP_V2 or shape is None:
        return None
    try:
        prefix, at = _read_prefix(body, shape.bits)
        origin = _most_named(body, at, shape.entry_bytes)
    except IndexError:
        raise DamagedRibError("A record ends before it is complete.") from None
    return None if origin is None else (prefix, origin)


def _read_prefix(body: bytes, bits: int) -> tuple[Prefix, int]:
    """Return the prefix after the sequence number, and where the number of entries is."""
    length = body[4]
    if length > bits:
        raise DamagedRibError(f"A prefix has {length} of {bits} bits.")
    end = 5 + (length + 7) // 8
    if end > len(body):
        raise IndexError
    number = int.from_bytes(body[5:end], "big") << (bits - 8 * (end - 5))
    rest = bits - length
    return Prefix(number >> rest << rest, length, bits), end


def _most_named(body: bytes, at: int, entry_bytes: int) -> int | None:
    entries = body[at] << 8 | body[at + 1]
    at += 2
    votes: Counter[bytes] = Counter()
    for _ in range(entries):
        at += entry_bytes
        end = at + (body[at - 2] << 8 | body[at - 1])
        if end > len(body):
            raise IndexError
        origin = _origin_of_attributes(body, at, end)
        if origin:
            votes[origin] += 1
            # Nobody can overtake an absolute majority: most records end here after half of them.
            if votes[origin] * 2 > entries:
                return int.from_bytes(origin, "big")
        at = end
    if not votes:
        return None
    return min((-count, int.from_bytes(origin, "big")) for origin, count in votes.items())[1]


def _origin_of_attributes(body: bytes, at: int, end: int) -> bytes:
    while at < end:
        if body[at] & EXTENDED_LENGTH:
            size, value = body[at + 2] << 8 | body[at + 3], at + 4
        else:
            size, value = body[at + 2], at + 3
        if value + size > end:
            raise IndexError
        if body[at + 1] == AS_PATH:
            # Nearly always the path is one sequence.
            if size > 2 and body[value] == AS_SEQUENCE and size == 2 + 4 * body[value + 1]:
                return body[value + size - 4 : value + size]
            return _origin_of_path(body[value : value + size])
        at = value + size
    return b""


def _origin_of_path(path: bytes) -> bytes:
    """Return the last number of a path of several segments; empty if there is none.

    A set of several at its end says who is behind an aggregate: the one before the set announces
    it. Segments of confederations are nobody's business outside (RFC 5065).
    """
    origin, at = b"", 0
    while at < len(path):
        kind, count = path[at], path[at + 1]
        numbers = path[at + 2 : at + 2 + 4 * count]
        if len(numbers) < 4 * count:
            raise IndexError
        if count and (kind == AS_SEQUENCE or (kind == AS_SET and (count == 1 or not origin))):
            origin = numbers[-4:] if kind == AS_SEQUENCE else numbers[:4]
        at += 2 + 4 * count
    return origin
