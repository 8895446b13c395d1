"""Client addresses: how they are written, and which ranges of a table contain one.

Knows IPv4, IPv6 and IPv4 inside IPv6. Deliberately knows nothing of countries and networks behind
them.
"""

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton  # noqa: TID251 -- opens none
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


# IPv6 addresses below this number have forms of their own in text: mapped and “compatible” IPv4.
_FIRST_PLAIN = 1 << 48


def parse_address(text: str) -> Address | None:
    """Read an address; `::ffff:a.b.c.d` is the IPv4 address inside. None if it is not one.

    A zone (`fe80::1%eth0`) is dropped: it means nothing outside the machine that wrote it. The C
    library reads what is written plainly, many times faster than `ipaddress` does.
    """
    try:
        if ":" not in text:
            number = int.from_bytes(inet_pton(AF_INET, text))
            return tuple.__new__(Address, (text, number, 32))  # past the slow constructor
        packed = inet_pton(AF_INET6, text)
        number = int.from_bytes(packed)
        if number >= _FIRST_PLAIN:
            return Address(inet_ntop(AF_INET6, packed), number, 128)
    except (OSError, ValueError):
        pass
    return _any_address(text)


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


# By so many bits most addresses are known to be in no range at all.
_BEGINNING = {32: 16, 128: 32}
_MOST_MISSING = 12


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
        self._beginnings = {bits: _beginnings(bits, self._tables[bits]) for bits in (32, 128)}

    def containing(self, address: Address) -> list[tuple[int, Value]]:
        """Return prefix length and value of every range that contains the address, longest first.

        Values of the same range keep the order in which they were given.
        """
        _, number, bits = address
        beginnings = self._beginnings[bits]
        if beginnings is not None and number >> bits - _BEGINNING[bits] not in beginnings:
            return []
        return [
            (length, value)
            for length, shift, table in self._tables[bits]
            if (prefix := number >> shift) in table
            for value in table[prefix]
        ]


def _beginnings(
    bits: int, tables: Sequence[tuple[int, int, Mapping[int, object]]]
) -> set[int] | None:
    """Return how the addresses in any range begin, or None if they begin in too many ways."""
    found: set[int] = set()
    for length, _, table in tables:
        missing = _BEGINNING[bits] - length
        if missing > _MOST_MISSING:
            return None
        for prefix in table:
            if missing <= 0:
                found.add(prefix >> -missing)
            else:
                found.update(range(prefix << missing, (prefix + 1) << missing))
    return found
