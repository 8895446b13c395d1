"""Connect to vetted addresses only, whatever a name resolves to the next time.

The rule itself is `registry.logic.addresses`; this file applies it twice: where names become
addresses, and again where a socket is opened, which also catches addresses given literally.
"""

import socket
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType
from aiohttp.resolver import ThreadedResolver

from registry.logic.addresses import judge_address


class AddressRefusedError(OSError):
    """A name or address leads to where no probe goes."""


class VettingResolver(AbstractResolver):
    """Resolve names to those of their addresses that may be visited."""

    def __init__(self, *, allow_private: bool, inner: AbstractResolver | None = None) -> None:
        self.allow_private = allow_private
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses that may be visited; raise AddressRefusedError if none may."""
        found = await self._inner.resolve(host, port, family)
        verdicts = [judge_address(r["host"], allow_private=self.allow_private) for r in found]
        allowed = [each for each, verdict in zip(found, verdicts, strict=True) if verdict.allowed]
        if found and not allowed:
            raise AddressRefusedError(f"{host} leads to {verdicts[0].sentence}")
        return allowed

    async def close(self) -> None:
        await self._inner.close()


class VettingSockets:
    """Open the sockets of a connector, but only towards addresses that may be visited."""

    def __init__(self, *, allow_private: bool) -> None:
        self.allow_private = allow_private

    def __call__(self, info: AddrInfoType) -> socket.socket:
        """Return a socket of the right kind; raise AddressRefusedError instead if needed."""
        family, kind, protocol, _, address = info
        verdict = judge_address(_host(address), allow_private=self.allow_private)
        if not verdict.allowed:
            raise AddressRefusedError(verdict.sentence)
        return socket.socket(family=family, type=kind, proto=protocol)


def _host(address: tuple[Any, ...]) -> str:
    return str(address[0])
