"""Lines that say which network belongs to which autonomous system.

Knows the files in use: `CIDR ASN` of mirrorlist-server, CSV of GeoLite2 and of ip-location-db, and
tab-separated ranges. Deliberately reads no files.
"""

from collections.abc import Iterator
from ipaddress import ip_address

from mirrorlist.logic.asn_table import Prefix

GREATEST_ASN = 2**32 - 1


def parse_line(line: str) -> tuple[list[Prefix], int]:
    """Return the prefixes of a line and their autonomous system.

    A line is a network and a number, or the first and the last address of a range and a number;
    what follows is a name. Raises ValueError with a sentence that quotes the line.
    """
    parts = line.split(",", 3) if "," in line else line.split(None, 3)
    fields = [part.strip().strip('"') for part in parts]
    try:
        if "/" in fields[0]:
            return [_network(fields[0])], parse_asn(fields[1])
        first, last = ip_address(fields[0]), ip_address(fields[1])
        asn = parse_asn(fields[2])
    except (IndexError, ValueError):
        raise ValueError(f"“{line.strip()[:80]}” is no network with an ASN.") from None
    if first.version != last.version or int(first) > int(last):
        raise ValueError(f"“{line.strip()[:80]}” is no range of addresses.")
    return list(split_range(int(first), int(last), bits=first.max_prefixlen)), asn


def parse_asn(text: str) -> int:
    """Read the number of an autonomous system, also written as AS64496. Raises ValueError."""
    digits = text.upper().removeprefix("AS")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 10):
        raise ValueError(f"“{text[:80]}” is no number of an autonomous system.")
    if int(digits) > GREATEST_ASN:
        raise ValueError(f"{digits} is greater than any number of an autonomous system.")
    return int(digits)


def split_range(first: int, last: int, *, bits: int) -> Iterator[Prefix]:
    """Yield the fewest prefixes that together are the addresses from first to last."""
    while first <= last:
        # As wide as the alignment of the first address allows and the rest of the range fills.
        aligned = (first & -first).bit_length() - 1 if first else bits
        host_bits = min(aligned, (last - first + 1).bit_length() - 1)
        yield Prefix(first, bits - host_bits, bits)
        first += 1 << host_bits


def _network(text: str) -> Prefix:
    address, _, length = text.partition("/")
    found = ip_address(address)
    bits = found.max_prefixlen
    if not (length.isascii() and length.isdecimal() and int(length) <= bits):
        raise ValueError(text)
    rest = bits - int(length)
    return Prefix(int(found) >> rest << rest, int(length), bits)
