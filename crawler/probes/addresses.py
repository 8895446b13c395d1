"""The addresses that the name in a URL leads to. Where nobody goes is `registry.vetting`."""

import socket
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver


async def addresses_of(url: str, resolver: AbstractResolver) -> list[str]:
    """Return the addresses that the name in a URL leads to; none if it leads nowhere we go."""
    try:
        parts = urlsplit(url)
        found = await resolver.resolve(parts.hostname or "", parts.port or 0, socket.AF_UNSPEC)
    except (OSError, ValueError):
        return []
    return [each["host"] for each in found]
