"""Names and autonomous systems of addresses, asked of this machine's resolver and of a file.

Connects to nobody. What it means that an address is in a network is decided elsewhere.
"""

import asyncio
from collections.abc import Iterable, Mapping

import maxminddb

NAMES_AT_ONCE = 20
SECONDS_PER_NAME = 5

Addresses = Mapping[str, tuple[str, ...]]


def addresses_of_names(names: Iterable[str]) -> Addresses:
    """Return the addresses of each name; one that does not resolve in time has none."""
    return asyncio.run(_resolve_all(sorted(set(names))))


def asns_of_addresses(addresses: Iterable[str], *, file: str) -> list[int]:
    """Return the autonomous systems of addresses, each once; none without a usable file.

    The file is in MaxMind's format (GeoLite2's, or what `manage.py netblocks` writes). It is read
    where it stands, not mapped, so that somebody who replaces it meanwhile does no harm.
    """
    try:
        with maxminddb.open_database(file, maxminddb.MODE_FILE) as reader:
            found = [_asn(reader.get(address)) for address in addresses]
    except (OSError, ValueError, maxminddb.InvalidDatabaseError):
        return []
    return list(dict.fromkeys(number for number in found if number))


def _asn(record: object) -> int | None:
    if not isinstance(record, dict):
        return None
    number = record.get("autonomous_system_number") or record.get("asn")
    if isinstance(number, int):
        return number
    text = str(number or "").upper().removeprefix("AS")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else None


async def _resolve_all(names: list[str]) -> Addresses:
    gate = asyncio.Semaphore(NAMES_AT_ONCE)

    async def resolve(name: str) -> tuple[str, tuple[str, ...]]:
        async with gate:
            return name, await _resolve(name)

    return dict(await asyncio.gather(*(resolve(name) for name in names)))


async def _resolve(name: str) -> tuple[str, ...]:
    resolving = asyncio.get_running_loop().getaddrinfo(name, None)
    try:
        found = await asyncio.wait_for(resolving, SECONDS_PER_NAME)
    except (OSError, UnicodeError):  # a time-out is an OSError; no DNS name may be that long
        return ()
    return tuple(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))
