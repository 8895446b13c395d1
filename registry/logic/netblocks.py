"""Address ranges as people type them: their canonical form, and which are too wide to believe.

Knows CIDR notation, bare addresses and address/netmask. Deliberately resolves no DNS names.
"""

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network
MAPPED_BITS = 96


class NetblockReason(Enum):
    """Why a netblock is or is not accepted as it stands."""

    FINE = "fine"
    TOO_WIDE = "too_wide"
    NOT_GLOBAL = "not_global"


@dataclass(frozen=True)
class NetblockVerdict:
    """What `judge_netblock` decided, with the sentence for whoever typed the netblock."""

    reason: NetblockReason
    sentence: str

    @property
    def needs_approval(self) -> bool:
        return self.reason is not NetblockReason.FINE


@dataclass(frozen=True)
class NetblockPolicy:
    """The shortest prefixes an owner may claim without an operator's approval."""

    widest_ipv4: int = 16
    widest_ipv6: int = 32


def parse_netblock(text: str) -> Network:
    """Return the network of a CIDR, an address (as /32 or /128) or address/netmask.

    Host bits are cleared, because people write the address of their router. IPv4 networks in the
    form of IPv6 (`::ffff:192.0.2.0/120`) are IPv4 networks, as their clients have IPv4 addresses.
    Raises ValueError with a sentence that quotes the text.
    """
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(
            f"“{text}” is not an address range. Write it like 192.0.2.0/24 or 2001:db8::/48."
        ) from None
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is None or network.prefixlen < MAPPED_BITS:
        return network
    return IPv4Network((mapped, network.prefixlen - MAPPED_BITS))


def judge_netblock(network: Network, *, policy: NetblockPolicy) -> NetblockVerdict:
    """Say whether an owner's claim to prefer this network can stand without an operator.

    Ranges that are not routed on the Internet come first, since their width does not matter then.
    """
    if not network.is_global:
        return NetblockVerdict(
            NetblockReason.NOT_GLOBAL,
            f"{network} is not routed on the Internet; only an operator can allow it.",
        )
    widest = policy.widest_ipv4 if network.version == 4 else policy.widest_ipv6
    if network.prefixlen < widest:
        return NetblockVerdict(
            NetblockReason.TOO_WIDE,
            f"{network} is wider than /{widest}; an operator has to approve it.",
        )
    return NetblockVerdict(NetblockReason.FINE, f"{network} is accepted.")
