"""Fetch a document from the Internet into a file, within limits.

Connects to vetted addresses only, follows few redirects, never decompresses, and tells a whole
document from one that was cut short. What the document means is decided elsewhere.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO, NamedTuple, Protocol
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from registry.vetting import AddressRefusedError, VettingResolver, VettingSockets

SCHEMES = frozenset({"http", "https"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CHUNK_BYTES = 64 * 1024


class DownloadPolicy(NamedTuple):
    """What one document may cost, and where it may come from."""

    user_agent: str = "Mirrorsite"
    allow_private: bool = False
    greatest_bytes: int = 1 << 30
    answer_seconds: float = 30
    total_seconds: float = 3600
    redirects: int = 5


class Advance(Protocol):
    """Is told how many bytes came, and how many there will be if the server says so."""

    def __call__(self, count: int, total: int | None, /) -> object: ...


class DownloadError(OSError):
    """A document could not be fetched whole; the text is a sentence."""


def is_url(text: str) -> bool:
    """Tell whether a text is an address that can be fetched."""
    return urlsplit(text).scheme.lower() in SCHEMES


def download(
    url: str, file: IO[bytes], *, policy: DownloadPolicy, advance: Advance | None = None
) -> None:
    """Write the document at a URL to a file.

    Raises DownloadError; the file then holds whatever came until then.
    """
    asyncio.run(_download(url, file, policy, advance))


async def _download(
    url: str, file: IO[bytes], policy: DownloadPolicy, advance: Advance | None
) -> None:
    size = 0
    async with _answer(url, policy) as response:
        if response.status != 200:
            raise DownloadError(f"{url} answers {response.status}.")
        total = response.content_length
        if (total or 0) > policy.greatest_bytes:
            raise DownloadError(f"{url} has {total:,} bytes; {_greatest(policy)}.")
        async for piece in response.content.iter_chunked(CHUNK_BYTES):
            size += len(piece)
            if size > policy.greatest_bytes:
                raise DownloadError(f"{url} has more bytes than allowed; {_greatest(policy)}.")
            file.write(piece)
            if advance:
                advance(len(piece), total)
    file.flush()


@asynccontextmanager
async def _answer(url: str, policy: DownloadPolicy) -> AsyncIterator[aiohttp.ClientResponse]:
    timeout = aiohttp.ClientTimeout(
        total=policy.total_seconds, connect=policy.answer_seconds, sock_read=policy.answer_seconds
    )
    asked = url
    try:
        async with _session(policy) as session:
            for _ in range(policy.redirects + 1):
                if not is_url(url):
                    raise DownloadError(f"{asked} leads to {url[:200]}, which is no web address.")
                async with session.get(
                    URL(url, encoded=True), allow_redirects=False, timeout=timeout
                ) as response:
                    target = response.headers.get("Location", "")
                    if response.status not in REDIRECTS or not target:
                        yield response
                        return
                    url = urljoin(url, target).partition("#")[0]
            raise DownloadError(f"{asked} redirects more than {policy.redirects} times.")
    except DownloadError:
        raise
    except TimeoutError as error:
        raise DownloadError(f"{asked} did not answer in time.") from error
    except (aiohttp.ClientError, ValueError) as error:
        refused = error if isinstance(error, AddressRefusedError) else error.__cause__
        raise DownloadError(f"{asked} cannot be fetched: {refused or error}.") from error


def _session(policy: DownloadPolicy) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            resolver=VettingResolver(allow_private=policy.allow_private),
            socket_factory=VettingSockets(allow_private=policy.allow_private),
        ),
        headers={"User-Agent": policy.user_agent, "Accept-Encoding": "identity"},
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


def _greatest(policy: DownloadPolicy) -> str:
    return f"the limit is {policy.greatest_bytes:,}"
