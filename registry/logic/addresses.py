"""Which network addresses a probe may connect to.

Knows the ranges that are not the Internet, also when one hides inside an IPv6 address.
Deliberately resolves nothing: it judges addresses, not names.
"""

from collections.abc import Callable
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

Address = IPv4Address | IPv6Address

# RFC 6052: the last 32 bits are an IPv4 address that a gateway connects to.
NAT64 = IPv6Network("64:ff9b::/96")


class AddressReason(Enum):
    """Why an address may or may not be connected to."""

    PUBLIC = "it is a public address"
    ALLOWED = "private addresses are allowed here"
    NOT_AN_ADDRESS = "it is not an address"
    UNSPECIFIED = "it is the unspecified address"
    MULTICAST = "it is a multicast address"
    LOOPBACK = "it is this machine itself"
    LINK_LOCAL = "it is a link-local address"
    PRIVATE = "it is in a private range"
    NOT_GLOBAL = "it is not routed on the Internet"


class AddressVerdict(NamedTuple):
    """Whether an address may be connected to, and why."""

    allowed: bool
    reason: AddressReason
    sentence: str


# The first that applies decides. The first column says whether a permission for private addresses
# lifts the rule. What is neither public nor in an earlier row is NOT_GLOBAL.
RULES: tuple[tuple[bool, AddressReason, Callable[[Address], bool]], ...] = (
    (False, AddressReason.UNSPECIFIED, lambda address: address.is_unspecified),
    (False, AddressReason.MULTICAST, lambda address: address.is_multicast),
    (True, AddressReason.LOOPBACK, lambda address: address.is_loopback),
    (True, AddressReason.LINK_LOCAL, lambda address: address.is_link_local),
    (True, AddressReason.PRIVATE, lambda address: address.is_private),
    (True, AddressReason.NOT_GLOBAL, lambda address: not address.is_global),
)


def judge_address(text: str, *, allow_private: bool) -> AddressVerdict:
    """Say whether a probe may connect to an address, given as text without brackets.

    An IPv6 address that carries an IPv4 address (mapped, 6to4, Teredo, NAT64) is judged by both.
    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return _verdict(text, AddressReason.NOT_AN_ADDRESS, allowed=False)
    lifted = False
    for each in (*_carried(address), address):
        for liftable, reason, applies in RULES:
            if not applies(each):
                continue
            if not (liftable and allow_private):
                return _verdict(text, reason, allowed=False)
            lifted = True
            break
    return _verdict(text, AddressReason.ALLOWED if lifted else AddressReason.PUBLIC, allowed=True)


def _carried(address: Address) -> tuple[IPv4Address, ...]:
    if isinstance(address, IPv4Address):
        return ()
    teredo = address.teredo or ()
    nat64 = (IPv4Address(int(address) & 0xFFFFFFFF),) if address in NAT64 else ()
    found = (address.ipv4_mapped, address.sixtofour, *teredo, *nat64)
    return tuple(each for each in found if each is not None)


def _verdict(text: str, reason: AddressReason, *, allowed: bool) -> AddressVerdict:
    sentence = f"{text} {'may' if allowed else 'may not'} be visited, because {reason.value}"
    return AddressVerdict(allowed, reason, sentence)
