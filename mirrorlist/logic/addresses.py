"""Client addresses: how they are written, and which ranges of a table contain one.

Knows IPv4, IPv6 and IPv4 inside IPv6. Deliberately knows nothing of countries and networks behind
them.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Generic, NamedTuple, TypeVar

from registry.logic.netblocks import parse_netblock

Value = TypeVar("Value")

# How IPv6 addresses that carry an IPv4 address begin in canonical text: a mapped one, 6to4
# (RFC 3056), Teredo (RFC 4380) and NAT64 (RFC 6052).
CARRIERS = ("::ffff:", "2002:", "2001:0:", "2001::", "64:ff9b::")
NAT64 = IPv6Network("64:ff9b::/96")


class Address(NamedTuple):
    """An address: its canonical text, its number, and how many bits that number has."""

    text: str
    number: int
    bits: int


# Most addresses come in canonical form; reading those needs no ipaddress, which is much slower.
_OCTETS = {str(number): number for number in range(256)}
_GROUP = "[1-9a-f][0-9a-f]{0,3}"
_GROUPS = re.compile(f"{_GROUP}:{_GROUP}(:{_GROUP})*(::({_GROUP}(:{_GROUP})*)?)?")


def parse_address(text: str) -> Address | None:
    """Read an address; `::ffff:a.b.c.d` is the IPv4 address inside. None if it is not one.

    A zone (`fe80::1%eth0`) is dropped: it means nothing outside the machine that wrote it.
    """
    if address := _plain_ipv4(text) or _plain_ipv6(text):
        return address
    return _any_address(text)


def _plain_ipv4(text: str) -> Address | None:
    try:
        a, b, c, d = text.split(".")
        number = _OCTETS[a] << 24 | _OCTETS[b] << 16 | _OCTETS[c] << 8 | _OCTETS[d]
    except (KeyError, ValueError):
        return None
    return Address(text, number, 32)


def _plain_ipv6(text: str) -> Address | None:
    """Read an IPv6 address whose groups are all written out and not zero, but for one `::`.

    It has at least two groups before that, and so is none of the special forms.
    """
    if not _GROUPS.fullmatch(text):
        return None
    first, gap, last = text.partition("::")
    groups = first.split(":")
    after = last.split(":") if last else []
    missing = 8 - len(groups) - len(after)
    if missing < 2 if gap else missing:
        return None
    groups += ["0"] * missing + after
    number = 0
    for group in groups:
        number = number << 16 | int(group, 16)
    return Address(text, number, 128)


def _any_address(text: str) -> Address | None:
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return Address(str(address), int(address), address.max_prefixlen)


def embedded_ipv4(text: str) -> str | None:
    """Return the IPv4 address that an IPv6 address in canonical text carries, or None.

    Of Teredo it is the client's, which the address has inverted in its last 32 bits.
    """
    if not text.startswith(CARRIERS):
        return None
    try:
        address = IPv6Address(text)
    except ValueError:
        return None
    if address in NAT64:
        return str(IPv4Address(int(address) & 0xFFFFFFFF))
    teredo = address.teredo
    inner = address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
    return None if inner is None else str(inner)


class Ranges(Generic[Value]):
    """A table of address ranges that is asked which of them contain an address."""

    def __init__(self, entries: Iterable[tuple[str, Value]]) -> None:
        """Read pairs of netblock and value; netblocks that cannot be read are skipped."""
        tables: dict[tuple[int, int], dict[int, list[Value]]] = {}
        for text, value in entries:
            try:
                network = parse_netblock(text)
            except ValueError:
                continue
            table = tables.setdefault((network.max_prefixlen, network.prefixlen), {})
            prefix = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
            table.setdefault(prefix, []).append(value)
        self._tables = {
            bits: [
                (length, bits - length, tables[family, length])
                for family, length in sorted(tables, reverse=True)
                if family == bits
            ]
            for bits in (32, 128)
        }

    def containing(self, address: Address) -> list[tuple[int, Value]]:
        """Return prefix length and value of every range that contains the address, longest first.

        Values of the same range keep the order in which they were given.
        """
        number, tables = address.number, self._tables[address.bits]
        return [
            (length, value)
            for length, shift, table in tables
            if (prefix := number >> shift) in table
            for value in table[prefix]
        ]
