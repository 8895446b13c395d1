"""Which addresses upstreams can let in, and their order. Does not know whose they are."""

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Addresses from which nobody reaches an upstream, or everybody would: attribute, and what it is.
REFUSED = (
    ("is_unspecified", "stands for every address"),
    ("is_loopback", "is the loopback address of every machine"),
    ("is_link_local", "is valid on one cable only"),
    ("is_multicast", "is a multicast address"),
    ("is_reserved", "is reserved"),
)


def parse_address(text: str) -> str:
    """Return an address in its canonical form; raise ValueError with a sentence for the user.

    IPv4 inside IPv6 (`::ffff:192.0.2.1`) is IPv4. Ranges, names and scoped addresses are refused,
    since upstreams read the list one address a line; so is what nobody pulls from (`REFUSED`).
    Addresses of private networks are taken: some upstreams are in one.
    """
    given = text.strip()
    if "/" in given:
        raise ValueError("Give single addresses, not a range: one for each machine that pulls.")
    try:
        address: Address = ipaddress.ip_address(given)
    except ValueError:
        raise ValueError(
            "This is not an IP address. Write it as 192.0.2.10 or 2001:db8::10, without a name."
        ) from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise ValueError("Leave out the interface, the part from the percent sign on.")
        address = address.ipv4_mapped or address
    for attribute, what in REFUSED:
        if getattr(address, attribute):
            raise ValueError(f"{address} {what}; give the address that upstreams see.")
    return str(address)


def sort_addresses(addresses: Iterable[str]) -> tuple[str, ...]:
    """Return each address once: IPv4 before IPv6, each in numeric order."""
    parsed = {ipaddress.ip_address(address) for address in addresses}
    return tuple(str(one) for one in sorted(parsed, key=lambda one: (one.version, int(one))))
