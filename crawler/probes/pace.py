"""Be gentle to mirrors: few connections to an address, few requests a second, breaks when asked.

Two Hosts behind one address share its limits. What is allowed comes from the policy; this file
only waits.
"""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from crawler.logic.pacing import Pacing


class PaceLimits(NamedTuple):
    """What one process allows itself; zero requests a second means no limit."""

    connections_per_address: int = 2
    requests_per_second_per_address: float = 0
    requests_per_second: float = 0


class Gate:
    """The way to one address: whoever asks it passes here."""

    def __init__(self, limits: PaceLimits, everything: Pacing) -> None:
        rate = limits.requests_per_second_per_address
        self._slots = asyncio.Semaphore(limits.connections_per_address)
        self._pacing = Pacing(per_second=rate, burst=rate)
        self._everything = everything

    async def __aenter__(self) -> None:
        await self._slots.acquire()
        now = asyncio.get_running_loop().time()
        wait = max(self._pacing.reserve(now=now), self._everything.reserve(now=now))
        if wait > 0:
            try:
                await asyncio.sleep(wait)
            except BaseException:
                self._slots.release()
                raise

    async def __aexit__(self, *exception: object) -> None:
        self._slots.release()

    def hold(self, seconds: float) -> None:
        """Let nobody ask this address for so long."""
        self._pacing.hold(seconds, now=asyncio.get_running_loop().time())


class Pace:
    """All gates of one process."""

    def __init__(self, limits: PaceLimits) -> None:
        self._limits = limits
        rate = limits.requests_per_second
        self._everything = Pacing(per_second=rate, burst=rate / 10)
        self._gates: dict[str, Gate] = {}

    def gate(self, addresses: Iterable[str], *, otherwise: str) -> Gate:
        """Return the gate to a server by its addresses; one that has none gets its own.

        Two servers are the same if they share any address.
        """
        names = list(addresses) or [otherwise]
        known = next((self._gates[name] for name in names if name in self._gates), None)
        gate = known or Gate(self._limits, self._everything)
        for name in names:
            self._gates.setdefault(name, gate)
        return gate
