"""The list of addresses that upstreams let in. Knows addresses only, not whose they are."""

import ipaddress
from collections.abc import Iterable


def sort_addresses(addresses: Iterable[str]) -> tuple[str, ...]:
    """Return each address once: IPv4 before IPv6, each in numeric order."""
    parsed = {ipaddress.ip_address(address) for address in addresses}
    return tuple(str(one) for one in sorted(parsed, key=lambda one: (one.version, int(one))))
