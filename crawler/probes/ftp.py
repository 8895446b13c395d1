"""Ask mirrors by FTP: sizes from the listing of a directory, digests by reading a file.

One connection to each URL, used by one thread at a time, towards a vetted address; data
connections go to the same address, whatever the server says. What answers mean is decided
elsewhere.
"""

import asyncio
import ftplib
import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Self
from urllib.parse import urlsplit
from weakref import WeakSet, finalize

from aiohttp.abc import AbstractResolver

from crawler.logic.ftp_listing import Shown, read_list, read_mlsd
from crawler.logic.observations import Ask, Fault, Observation
from crawler.probes.addresses import addresses_of
from crawler.probes.ftp_client import FtpClient, FtpLimits, LongListingError, TooMuchError
from registry.logic.places import printable
from registry.vetting import AddressRefusedError, VettingResolver

SCHEMES = frozenset({"ftp"})
PORT = 21
CHUNK_BYTES = 64 * 1024
# What servers answer to a command they do not know (RFC 959, 4.2).
UNKNOWN_COMMAND = ("500", "502", "504")
# All that can go wrong on the way; ValueError is what cannot be decoded, or is no number.
FAILURES = (OSError, EOFError, ftplib.Error, TooMuchError, LongListingError, ValueError)


class FtpProbe:
    """Ask any number of mirrors at once, each in a thread."""

    schemes = SCHEMES

    def __init__(self, *, limits: FtpLimits, resolver: AbstractResolver | None = None) -> None:
        self._limits = limits
        self._resolver = resolver
        self._threads = ThreadPoolExecutor(limits.at_once, thread_name_prefix="ftp")
        # Weak: with a visit its connection ends, and its listing is forgotten.
        self._bound: WeakSet[FtpUrl] = WeakSet()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def bind(self, base_url: str, *, allow_private: bool) -> "FtpUrl":
        """Return the probe of one base URL."""
        resolver = VettingResolver(allow_private=allow_private, inner=self._resolver)
        url = FtpUrl(base_url, limits=self._limits, threads=self._threads, resolver=resolver)
        self._bound.add(url)
        return url

    async def close(self) -> None:
        """Close all connections; whoever still waits for an answer waits no longer."""
        bound = list(self._bound)
        for url in bound:
            url.interrupt()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for url in bound:
            url.hang_up()


class FtpUrl:
    """One base URL during one visit; keeps the listing of the directory it was asked about last."""

    def __init__(
        self,
        base_url: str,
        *,
        limits: FtpLimits,
        threads: ThreadPoolExecutor,
        resolver: VettingResolver,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._top = urlsplit(self._base).path
        self._limits, self._threads, self._resolver = limits, threads, resolver
        self._turn = asyncio.Lock()
        self._client: FtpClient | None = None
        self._farewell: finalize[[], FtpUrl] | None = None
        self._listed: tuple[str, dict[str, int | None]] | None = None
        self._only_list = False
        self._requests = 0

    def certificate_until(self) -> datetime | None:
        """Return None: we speak FTP without TLS."""
        return None

    async def addresses(self) -> list[str]:
        """Return the addresses that the name leads to; none if it leads nowhere we go."""
        return await addresses_of(self._base, self._resolver)

    async def greet(self, impossible: str) -> Observation:
        """Ask for a file that exists on no mirror."""
        return await self.look("", Ask(impossible))

    async def look(self, path: str, ask: Ask) -> Observation:
        """Ask for one file; never raises, because a failure is an answer, too."""
        url = "/".join(part for part in (self._base, path, ask.name) if part)
        if any(character in url for character in "\r\n\0"):
            return Observation(url, fault=Fault.PROTOCOL, detail="FTP has no way to say this name")
        async with self._turn:
            self._requests = 0
            found = await self._answer(url, path, ask)
            return found._replace(requests=max(self._requests, 1))

    def interrupt(self) -> None:
        """End the question that is being asked."""
        if self._client is not None:
            self._client.interrupt()

    def hang_up(self) -> None:
        """Close the connection, which no thread uses any more."""
        if self._farewell is not None:
            self._farewell()
        self._client = None
        self._listed = None

    async def _answer(self, url: str, path: str, ask: Ask) -> Observation:
        try:
            if self._client is None:
                port = urlsplit(self._base).port or PORT
                self._client = FtpClient(await self._address(port), port, limits=self._limits)
                self._farewell = finalize(self, self._client.close)
            work = self._read if ask.algorithms else self._measure
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(
                self._threads, partial(work, self._client, url, path, ask)
            )
        except ftplib.error_perm as error:
            return Observation(url, _status(str(error)), detail=printable(str(error)[:200]))
        except ftplib.error_temp as error:
            self.hang_up()
            return Observation(url, 503, detail=printable(str(error)[:200]))
        except FAILURES as error:
            self.hang_up()
            return Observation(url, fault=_fault(error), detail=_detail(error))
        except asyncio.CancelledError:
            self.interrupt()
            raise

    async def _address(self, port: int) -> str:
        hostname = urlsplit(self._base).hostname or ""
        try:
            found = await self._resolver.resolve(hostname, port)
        except AddressRefusedError:
            raise
        except OSError as error:
            raise LookupFailedError(str(error)) from error
        if not found:
            raise LookupFailedError(f"{hostname} has no address")
        return found[0]["host"]

    def _measure(self, client: FtpClient, url: str, path: str, ask: Ask) -> Observation:
        if self._listed is None or self._listed[0] != path:
            self._listed = None  # before the next, because listings can be large
            client.begin()
            self._listed = path, self._list(client, path)
        files = self._listed[1]
        if not ask.name:
            return Observation(url, 200)
        if ask.name not in files:
            return Observation(url, 404)
        return Observation(url, 200, files[ask.name])

    def _list(self, client: FtpClient, path: str) -> dict[str, int | None]:
        """List a directory with MLSD; servers that do not know it get LIST."""
        self._requests += 1
        client.cwd(f"{self._top}/{path}".rstrip("/") or "/")
        if not self._only_list:
            try:
                return _sizes(read_mlsd(client.lines("MLSD")))
            except ftplib.error_perm as error:
                if str(error)[:3] not in UNKNOWN_COMMAND:
                    raise
                self._only_list = True
        return _sizes(read_list(client.lines("LIST")))

    def _read(self, client: FtpClient, url: str, path: str, ask: Ask) -> Observation:
        client.begin()
        self._requests += 1
        hashers = {name: hashlib.new(name, usedforsecurity=False) for name in ask.algorithms}
        size = 0

        def take(chunk: bytes) -> None:
            nonlocal size
            size += len(chunk)
            if size > self._limits.body_bytes:
                raise TooMuchError(f"it has more than {self._limits.body_bytes:,}")
            for hasher in hashers.values():
                hasher.update(chunk)

        name = "/".join(part for part in (self._top, path, ask.name) if part)
        client.retrbinary(f"RETR {name}", take, CHUNK_BYTES)
        digests = tuple((name, hasher.hexdigest()) for name, hasher in hashers.items())
        return Observation(url, 200, size, digests=digests)


class LookupFailedError(OSError):
    """A name leads nowhere."""


def _sizes(shown: Iterable[Shown]) -> dict[str, int | None]:
    return {each.name.rpartition("/")[2]: each.size for each in shown}


def _status(words: str) -> int:
    """Return the HTTP status that says the same (RFC 959, 4.2.1)."""
    return {"550": 404, "530": 403, "532": 403, "553": 403}.get(words[:3], 400)


def _fault(error: BaseException) -> Fault:
    match error:
        case AddressRefusedError():
            return Fault.ADDRESS_REFUSED
        case LookupFailedError():
            return Fault.DNS
        case TimeoutError():
            return Fault.TIMEOUT
        case TooMuchError():
            return Fault.TOO_LARGE
        case LongListingError():
            return Fault.LONG_LISTING
        case EOFError():
            return Fault.CUT_SHORT
        case OSError():
            return Fault.CONNECTION
    return Fault.PROTOCOL


def _detail(error: BaseException) -> str:
    if isinstance(error, AddressRefusedError | TooMuchError | LongListingError):
        return str(error)
    fault = _fault(error).value
    words = getattr(error, "strerror", None) or str(error)
    return f"{fault} ({printable(words[:200])})" if words else fault
