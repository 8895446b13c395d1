"""Files of the master by HTTP and HTTPS: their content within limits, and whether they changed.

Connects to vetted addresses only, follows few redirects, never decompresses. Every question is a
connection of its own, since a scan asks few.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import IO
from urllib.parse import quote, urljoin, urlsplit

import aiohttp
from yarl import URL

from crawler.master.base import SourcePolicy
from crawler.probes.http import CHUNK_BYTES, REDIRECTS, SAFE, SCHEMES, open_session
from registry.vetting import AddressRefusedError, VettingResolver

NOT_FOUND = frozenset({404, 410})


def is_web(location: str) -> bool:
    """Tell whether a location is a web address."""
    return urlsplit(location).scheme.lower() in SCHEMES


def web_address(base: str, path: str) -> str:
    """Return the address of a file below a base."""
    return f"{base.rstrip('/')}/{quote(path, safe=SAFE)}"


class Web:
    """Ask web servers of masters, one question at a time."""

    def __init__(self, policy: SourcePolicy) -> None:
        self._policy = policy

    def read(self, url: str, *, limit: int) -> bytes:
        """Return at most `limit` bytes of a file. Raises OSError with a sentence."""
        return asyncio.run(self._read(url, limit))

    def download(self, url: str, file: IO[bytes], *, limit: int, beat: Callable[[], None]) -> None:
        """Write the content of a URL to a file. Raises OSError with a sentence."""
        asyncio.run(self._download(url, file, limit, beat))

    def state(self, url: str) -> str | None:
        """Return what changes with a file: ETag, time and size; None if there is no such file.

        Raises OSError with a sentence if the server does not say.
        """
        return asyncio.run(self._state(url))

    async def _read(self, url: str, limit: int) -> bytes:
        found = bytearray()
        async with self._answer("GET", url) as response:
            _expect_success(url, response)
            async for piece in response.content.iter_chunked(CHUNK_BYTES):
                found += piece
                if len(found) >= limit:
                    break
        return bytes(found[:limit])

    async def _download(
        self, url: str, file: IO[bytes], limit: int, beat: Callable[[], None]
    ) -> None:
        size = 0
        async with self._answer("GET", url) as response:
            _expect_success(url, response)
            async for piece in response.content.iter_chunked(CHUNK_BYTES):
                size += len(piece)
                if size > limit:
                    raise OSError(f"{url} has more than {limit:,} bytes")
                file.write(piece)
                beat()

    async def _state(self, url: str) -> str | None:
        async with self._answer("HEAD", url) as response:
            if response.status in NOT_FOUND:
                return None
            _expect_success(url, response)
            headers = response.headers
            names = ("ETag", "Last-Modified", "Content-Length")
            return " ".join(headers[name] for name in names if name in headers)

    @asynccontextmanager
    async def _answer(self, method: str, url: str) -> AsyncIterator[aiohttp.ClientResponse]:
        policy = self._policy
        timeout = aiohttp.ClientTimeout(
            total=policy.total_seconds,
            connect=policy.answer_seconds,
            sock_read=policy.answer_seconds,
        )
        resolver = VettingResolver(allow_private=policy.allow_private)
        session = open_session(resolver, user_agent=policy.user_agent)
        try:
            async with session:
                for _ in range(policy.redirects + 1):
                    if not is_web(url):
                        raise OSError(f"the master redirects to {url[:200]}")
                    async with session.request(
                        method, URL(url, encoded=True), allow_redirects=False, timeout=timeout
                    ) as response:
                        target = response.headers.get("Location", "")
                        if response.status not in REDIRECTS or not target:
                            yield response
                            return
                        url = urljoin(url, target).partition("#")[0]
                raise OSError(f"{url} redirects more than {policy.redirects} times")
        except TimeoutError as error:
            raise OSError(f"{url} did not answer in time") from error
        except (aiohttp.ClientError, ValueError) as error:
            refused = error if isinstance(error, AddressRefusedError) else error.__cause__
            raise OSError(f"{url}: {refused or error}") from error


def _expect_success(url: str, response: aiohttp.ClientResponse) -> None:
    if response.status != 200:
        raise OSError(f"{url} answers {response.status}")
