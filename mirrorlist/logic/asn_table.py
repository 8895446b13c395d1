"""Which autonomous system announces which network, and whether a new table may replace the last.

Holds about a million prefixes in little memory. Deliberately knows neither where they come from
nor how they are stored.
"""

import re
from collections.abc import Iterator
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from typing import NamedTuple

# Wider than this is a leaked default route, nobody's network.
WIDEST = {32: 8, 128: 16}
# Teredo and 6to4 are announced by whoever runs a relay; the client's network is that of the IPv4
# address inside. At the beginning of IPv6 (RFC 4291) a file of ours has IPv4.
CARRIERS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"), IPv6Network("::/8"))
# No network: zero, AS_TRANS (RFC 6793) and the last of 16 and of 32 bits (RFC 7300).
RESERVED_ASNS = frozenset({0, 23456, 65535, 2**32 - 1})


class Prefix(NamedTuple):
    """A network as numbers: its address, how many bits count, and how many an address has."""

    address: int
    length: int
    bits: int

    def __str__(self) -> str:
        network = IPv4Network if self.bits == 32 else IPv6Network
        return str(network((self.address, self.length)))


class Counts(NamedTuple):
    """How many prefixes of each family a table has."""

    ipv4: int
    ipv6: int


class AsnTable:
    """Prefixes and the number of the autonomous system of each; the first one added counts."""

    def __init__(self) -> None:
        self._tables: dict[int, dict[int, int]] = {32: {}, 128: {}}
        # Every number once, however many prefixes have it.
        self._numbers: dict[int, int] = {}

    def __len__(self) -> int:
        return sum(map(len, self._tables.values()))

    def counts(self) -> Counts:
        """Return how many prefixes of each family there are."""
        return Counts(len(self._tables[32]), len(self._tables[128]))

    def asns(self) -> int:
        """Return how many different autonomous systems there are."""
        return len(self._numbers)

    def add(self, prefix: Prefix, asn: int) -> bool:
        """Add a prefix; return False if it is left out, because it says nothing about clients."""
        address, length, bits = prefix
        if length < WIDEST[bits] or asn in RESERVED_ASNS or _carries(prefix):
            return False
        self._tables[bits].setdefault(address << 8 | length, self._numbers.setdefault(asn, asn))
        return True

    def find(self, address: int, bits: int) -> int | None:
        """Return the autonomous system of the longest prefix that contains an address."""
        table = self._tables[bits]
        for length in range(bits, -1, -1):
            rest = bits - length
            found = table.get((address >> rest << rest) << 8 | length)
            if found is not None:
                return found
        return None

    def rows(self, bits: int) -> Iterator[tuple[Prefix, int]]:
        """Yield the prefixes of a family with their numbers, by address, wider ones first."""
        table = self._tables[bits]
        for key in sorted(table):
            yield Prefix(key >> 8, key & 0xFF, bits), table[key]


def _carries(prefix: Prefix) -> bool:
    return prefix.bits == 128 and any(
        prefix.length >= carrier.prefixlen
        and prefix.address >> (128 - carrier.prefixlen)
        == int(carrier.network_address) >> (128 - carrier.prefixlen)
        for carrier in CARRIERS
    )


class Replacement(Enum):
    """Whether a new table may take the place of the last one."""

    ALLOWED = "allowed"
    FORCED = "forced"
    EMPTY = "empty"
    LOST_MUCH = "lost_much"


# How a file of ours says in its own description what it has.
DESCRIPTION = "{} IPv4 and {} IPv6 prefixes with their autonomous systems."
DESCRIBED = re.compile(r"(\d+) IPv4 and (\d+) IPv6 prefixes\b")


def describe_counts(counts: Counts) -> str:
    """Return the sentence about a table that goes into its file."""
    return DESCRIPTION.format(*counts)


def read_counts(description: str) -> Counts | None:
    """Read that sentence back; None for files that are not ours."""
    found = DESCRIBED.match(description)
    return Counts(int(found[1]), int(found[2])) if found else None


class ReplacementVerdict(NamedTuple):
    """The decision about a new table, with the sentence for the operator."""

    reason: Replacement
    sentence: str

    @property
    def allows(self) -> bool:
        """Tell whether the new table may be put in place."""
        return self.reason in {Replacement.ALLOWED, Replacement.FORCED}


def judge_replacement(
    new: Counts, last: Counts | None, *, greatest_loss_percent: int, force: bool
) -> ReplacementVerdict:
    """Say whether a new table may replace the last one.

    An empty one never may, not even by force. One that lost a larger share of either family than
    allowed may by force only.
    """
    if not any(new):
        return ReplacementVerdict(
            Replacement.EMPTY, "There is no usable prefix in it; the last table stays in use."
        )
    for name, now, before in zip(("IPv4", "IPv6"), new, last or Counts(0, 0), strict=True):
        if 100 * (before - now) > greatest_loss_percent * before:
            sentence = (
                f"It has {now:,} {name} prefixes and the last table has {before:,}, which is more "
                f"than {greatest_loss_percent} percent lost."
            )
            if force:
                return ReplacementVerdict(Replacement.FORCED, f"Replaced although: {sentence}")
            return ReplacementVerdict(
                Replacement.LOST_MUCH, f"{sentence} If that is right, force it."
            )
    return ReplacementVerdict(Replacement.ALLOWED, "All guard rails held.")
