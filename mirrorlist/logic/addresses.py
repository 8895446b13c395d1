"""Client addresses: how they are written, and which ranges of a table contain one.

Knows IPv4, IPv6 and IPv4 inside IPv6. Deliberately knows nothing of countries and networks behind
them.
"""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Generic, NamedTuple, TypeVar

from registry.logic.netblocks import parse_netblock

Value = TypeVar("Value")


class Address(NamedTuple):
    """An address: its canonical text, its number, and how many bits that number has."""

    text: str
    number: int
    bits: int


def parse_address(text: str) -> Address | None:
    """Read an address; `::ffff:a.b.c.d` is the IPv4 address inside. None if it is not one.

    A zone (`fe80::1%eth0`) is dropped: it means nothing outside the machine that wrote it.
    """
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return Address(str(address), int(address), address.max_prefixlen)


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
                (length, tables[family, length])
                for family, length in sorted(tables, reverse=True)
                if family == bits
            ]
            for bits in (32, 128)
        }

    def containing(self, address: Address) -> list[tuple[int, Value]]:
        """Return prefix length and value of every range that contains the address, longest first.

        Values of the same range keep the order in which they were given.
        """
        return [
            (length, value)
            for length, table in self._tables[address.bits]
            for value in table.get(address.number >> (address.bits - length), ())
        ]
