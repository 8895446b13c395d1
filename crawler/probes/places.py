"""Where the addresses of names are, by the register data inside the package `iptocc`.

Asks the resolver of this machine and touches nothing else. What it means that an address is
registered somewhere is decided elsewhere.
"""

import asyncio
import socket
from collections.abc import Iterable

import iptocc

NAMES_AT_ONCE = 20
SECONDS_PER_NAME = 15
# Codes in the registers that are no country.
NO_COUNTRY = frozenset({"EU", "AP", "ZZ"})

Places = dict[str, frozenset[str]]


def find_places(names: Iterable[str]) -> Places:
    """Return the countries (two letters) in which the addresses of each name are registered.

    A name that does not resolve in time, or whose addresses are in no register, has none.
    """
    return asyncio.run(_find_all(set(names)))


def country_of_address(address: str) -> str | None:
    """Return the country in which an address is registered; None if it is in no register."""
    found = iptocc.country_code(address)
    return found if isinstance(found, str) and found not in NO_COUNTRY else None


async def _find_all(names: set[str]) -> Places:
    gate = asyncio.Semaphore(NAMES_AT_ONCE)

    async def find(name: str) -> tuple[str, frozenset[str]]:
        async with gate:
            return name, await _find(name)

    return dict(await asyncio.gather(*(find(name) for name in names)))


async def _find(name: str) -> frozenset[str]:
    resolving = asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    try:
        found = await asyncio.wait_for(resolving, SECONDS_PER_NAME)
    except (OSError, UnicodeError):  # a time-out is an OSError; no DNS name may be that long
        return frozenset()
    countries = (country_of_address(str(each[4][0]).partition("%")[0]) for each in found)
    return frozenset(country for country in countries if country is not None)
