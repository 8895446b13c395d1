"""Can a server be reached at all, by IPv4 and by IPv6: one cheap request each.

HTTP servers are asked for the top directory; servers of other protocols speak first, so one line of
theirs is enough. What the answers mean is decided elsewhere.
"""

import asyncio
import os
import socket
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from crawler.logic.canary import Family, Reached
from crawler.logic.observations import Ask, Fault
from crawler.probes.http import SCHEMES as HTTP_SCHEMES
from crawler.probes.http import HttpProbe

FAMILIES = {Family.IPV4: socket.AF_INET, Family.IPV6: socket.AF_INET6}
# The port of a protocol, and how its servers begin to speak.
SPEAKERS = {"rsync": (873, b"@RSYNCD:"), "ftp": (21, b"2")}


async def reach(
    url: str,
    addresses: Sequence[str],
    *,
    http: HttpProbe,
    allow_private: bool,
    seconds: float,
) -> dict[Family, Reached]:
    """Try a URL by each family its name has an address of; without any the result is empty.

    `addresses` are those that may be visited. Never raises for what a server does.
    """
    found = {}
    for family, number in FAMILIES.items():
        mine = [each for each in addresses if ip_address(each.partition("%")[0]).version == family]
        if not mine:
            continue
        if url.partition(":")[0] in HTTP_SCHEMES:
            bound = http.bind(url, allow_private=allow_private, family=number)
            seen = await bound.look("", Ask(""))
            found[family] = Reached(seen.status, seen.fault, seen.detail)
        else:
            found[family] = await _hear(url, mine[0], seconds=seconds)
    return found


async def _hear(url: str, address: str, *, seconds: float) -> Reached:
    """Listen to the first line of a server that speaks first."""
    parts = urlsplit(url)
    port, beginning = SPEAKERS[parts.scheme]
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address, parts.port or port, limit=1024)
            try:
                line = await reader.read(len(beginning))
            finally:
                writer.transport.abort()
    except TimeoutError:
        return Reached(0, Fault.TIMEOUT, Fault.TIMEOUT.value)
    except OSError as error:
        words = os.strerror(error.errno) if error.errno else str(error)
        return Reached(0, Fault.CONNECTION, f"{Fault.CONNECTION.value} ({words})")
    if not line or not beginning.startswith(line[:1]):
        return Reached(0, Fault.PROTOCOL, f"{Fault.PROTOCOL.value} of {parts.scheme}")
    return Reached(200)
