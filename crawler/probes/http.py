"""Ask mirrors by HTTP and HTTPS: sizes with HEAD, digests with GET, redirects by hand.

Whatever a server does, an answer comes within the limits: time, bytes and hops are capped, bodies
are never decompressed, and only vetted addresses are connected to. What the answers mean is
decided elsewhere.
"""

import hashlib
import os
import socket
import ssl
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, Self
from urllib.parse import quote, urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from crawler.logic.observations import Ask, Fault, Observation
from crawler.logic.retry import parse_pause
from crawler.probes.addresses import addresses_of
from crawler.probes.certificates import NotingConnector
from registry.logic.places import printable
from registry.vetting import AddressRefusedError, VettingResolver, VettingSockets

SCHEMES = frozenset({"http", "https"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What servers say to a method they do not like (RFC 9110, 15.5.6 and 15.6.2).
METHOD_REFUSED = frozenset({405, 501})
# Answers that may say when to come back (RFC 9110, 10.2.3).
BUSY = frozenset({429, 503})
# What OpenSSL says of certificates (x509_vfy.h): another name, or another address.
OTHER_NAME = frozenset({62, 64})
EXPIRED = 10
# Characters that need no quoting in a path (RFC 3986, 3.3), so that "c++" stays readable.
SAFE = "/~!$&'()*+,;=:@"
CHUNK_BYTES = 64 * 1024


class HttpLimits(NamedTuple):
    """What one request may cost; a redirect is another request."""

    answer_seconds: float = 20
    body_seconds: float = 60
    body_bytes: int = 20_000_000
    redirects: int = 5


class HttpProbe:
    """Ask any number of mirrors at once through one pool of connections."""

    schemes = SCHEMES

    def __init__(
        self,
        *,
        limits: HttpLimits,
        user_agent: str,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self._limits = limits
        self._user_agent = user_agent
        self._resolver = resolver
        self._sessions: dict[
            tuple[bool, socket.AddressFamily], tuple[aiohttp.ClientSession, AbstractResolver]
        ] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def bind(
        self,
        base_url: str,
        *,
        allow_private: bool,
        family: socket.AddressFamily = socket.AF_UNSPEC,
    ) -> "HttpUrl":
        """Return the probe of one base URL, by one family of addresses if need be.

        Needs a running event loop.
        """
        key = allow_private, family
        if key not in self._sessions:
            self._sessions[key] = self._open(allow_private=allow_private, family=family)
        session, resolver = self._sessions[key]
        return HttpUrl(base_url, session=session, resolver=resolver, limits=self._limits)

    async def close(self) -> None:
        """Close all connections."""
        for session, _ in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def _open(
        self, *, allow_private: bool, family: socket.AddressFamily
    ) -> tuple[aiohttp.ClientSession, AbstractResolver]:
        resolver = VettingResolver(allow_private=allow_private, inner=self._resolver)
        session = open_session(resolver, user_agent=self._user_agent, family=family, tls=self._tls)
        return session, resolver


def open_session(
    resolver: VettingResolver,
    *,
    user_agent: str,
    family: socket.AddressFamily = socket.AF_UNSPEC,
    tls: ssl.SSLContext | None = None,
) -> aiohttp.ClientSession:
    """Return a session that connects to vetted addresses only and keeps nothing; it needs a loop.

    Bodies come as the server sends them. How many connections at once is the caller's politeness.
    """
    connector = NotingConnector(
        limit=0,
        ttl_dns_cache=300,
        resolver=resolver,
        family=family,
        ssl=tls or True,
        socket_factory=VettingSockets(allow_private=resolver.allow_private),
    )
    return aiohttp.ClientSession(
        connector=connector,
        headers={
            "User-Agent": user_agent,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Cache-Control": "no-cache",
        },
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


class HttpUrl:
    """One base URL during one visit; remembers whether the server refuses HEAD."""

    def __init__(
        self,
        base_url: str,
        *,
        session: aiohttp.ClientSession,
        resolver: AbstractResolver,
        limits: HttpLimits,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._resolver = resolver
        self._session = session
        self._limits = limits
        self._head_refused = False
        self._quick = aiohttp.ClientTimeout(total=limits.answer_seconds)
        self._slow = aiohttp.ClientTimeout(
            total=limits.body_seconds, sock_read=limits.answer_seconds
        )

    async def addresses(self) -> list[str]:
        """Return the addresses that the name leads to; none if it leads nowhere we go."""
        return await addresses_of(self._base, self._resolver)

    def certificate_until(self) -> datetime | None:
        """Return until when the server's certificate is valid, if we saw one that is trusted."""
        connector = self._session.connector
        assert isinstance(connector, NotingConnector)  # noqa: S101 -- `open_session` made it
        return connector.valid_until(URL(self._base, encoded=True))

    async def greet(self, impossible: str) -> Observation:
        """Ask for a file that exists on no mirror."""
        return await self.look("", Ask(impossible))

    async def look(self, path: str, ask: Ask) -> Observation:
        """Ask for one file; never raises, because a failure is an answer, too."""
        url = f"{self._base}/{_quoted(path)}{_quoted_name(ask.name)}"
        if ask.algorithms:
            return await _Exchange(self, "GET", ask.algorithms).run(url)
        if ask.at:
            return await _Exchange(self, "GET", at=ask.at).run(url)
        spent = 0
        if not self._head_refused:
            found = await _Exchange(self, "HEAD").run(url)
            if found.status not in METHOD_REFUSED:
                return found
            self._head_refused = True
            spent = found.requests
        found = await _Exchange(self, "GET").run(url)
        return found._replace(requests=found.requests + spent)


@lru_cache(maxsize=4096)
def _quoted(path: str) -> str:
    """Return the path of a directory as in a URL; all Hosts of a crawl have the same ones."""
    return f"{quote(path, safe=SAFE)}/" if path else ""


# The Hosts of a crawl walk through a Category at about the same pace.
@lru_cache(maxsize=16_384)
def _quoted_name(name: str) -> str:
    return quote(name, safe=SAFE)


class _Exchange:
    """One question, with all requests that its answer takes."""

    __slots__ = (
        "_algorithms",
        "_at",
        "_headers",
        "_limits",
        "_method",
        "_requests",
        "_session",
        "_timeout",
        "_url",
        "_visited",
    )

    def __init__(
        self, probe: HttpUrl, method: str, algorithms: tuple[str, ...] = (), *, at: int = 0
    ) -> None:
        self._session = probe._session
        self._limits = probe._limits
        self._timeout = probe._slow if algorithms else probe._quick
        self._method = method
        self._algorithms = algorithms
        # Of a file that is only to be measured one byte is enough; the size comes beside it.
        one_byte = method == "GET" and not algorithms
        self._headers = {"Range": f"bytes={at}-{at}"} if one_byte else None
        self._at = at
        self._requests = 0
        self._url = ""
        self._visited: list[str] = []  # what redirected

    async def run(self, url: str) -> Observation:
        """Follow redirects to the final answer, or to the reason why there is none."""
        self._url = url
        visited = self._visited
        try:
            while True:
                answer = await self._request()
                if isinstance(answer, Observation):
                    return answer
                if urlsplit(answer).scheme not in SCHEMES:
                    return self._failed(
                        Fault.REDIRECT_REFUSED, f"{self._url} redirects to {answer[:200]}"
                    )
                visited.append(self._url)
                if answer in visited:
                    return self._failed(Fault.REDIRECT_LOOP, f"{answer} redirects back to itself")
                if len(visited) > self._limits.redirects:
                    return self._failed(
                        Fault.TOO_MANY_REDIRECTS,
                        f"{url} redirects more than {self._limits.redirects} times",
                    )
                self._url = answer
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            return self._failed(*_explain(error))

    async def _request(self) -> Observation | str:
        """Make one request; return the answer, or where it redirects to."""
        self._requests += 1
        async with self._session.request(
            self._method,
            URL(self._url, encoded=True),
            allow_redirects=False,
            headers=self._headers,
            timeout=self._timeout,
        ) as response:
            if response.status in REDIRECTS and (target := response.headers.get("Location")):
                return urljoin(self._url, printable(target)).partition("#")[0]
            if response.status == 200 and self._algorithms:
                return await self._read(response)
            if response.status == 206 and not _starts(response, self._at):
                told = response.headers.get("Content-Range", "none")[:100]
                return self._failed(
                    Fault.WRONG_RANGE, f"asked for byte {self._at:,}, it sent Content-Range: {told}"
                )
            return self._answered(response, _size(response))

    async def _read(self, response: aiohttp.ClientResponse) -> Observation:
        most = self._limits.body_bytes
        hashers = {name: hashlib.new(name, usedforsecurity=False) for name in self._algorithms}
        size = response.content_length or 0
        if size <= most:
            size = 0
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                size += len(chunk)
                if size > most:
                    break
                for hasher in hashers.values():
                    hasher.update(chunk)
        if size > most:
            return self._failed(Fault.TOO_LARGE, f"it has more than {most:,}")
        found = self._answered(response, size)
        digests = tuple((name, hasher.hexdigest()) for name, hasher in hashers.items())
        return found._replace(digests=digests)

    def _answered(self, response: aiohttp.ClientResponse, size: int | None) -> Observation:
        status = response.status
        if status == 416 and size is not None and size <= self._at:
            # The file ends before the byte that was asked for; what came instead is about that.
            return Observation(self._url, 200, size, requests=self._requests)
        html = response.headers.get("Content-Type", "").lower().startswith("text/html")
        return Observation(
            self._url,
            status,
            size,
            html,
            requests=self._requests,
            retry_after=_retry_after(response) if status in BUSY else None,
            redirects=tuple(self._visited),
        )

    def _failed(self, fault: Fault, detail: str) -> Observation:
        return Observation(
            self._url,
            fault=fault,
            detail=printable(detail),
            requests=self._requests,
            redirects=tuple(self._visited),
        )


def _size(response: aiohttp.ClientResponse) -> int | None:
    """Return the size of the whole file if the server tells it; of a compressed one it does not."""
    headers = response.headers
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        return None
    text = headers.get("Content-Length", "")
    if response.status in {206, 416}:
        text = headers.get("Content-Range", "").rpartition("/")[2]
    return int(text) if text.isascii() and text.isdigit() else None


def _starts(response: aiohttp.ClientResponse, at: int) -> bool:
    """Tell whether a part of a file is the one that was asked for."""
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    return unit.lower() == "bytes" and rest.partition("-")[0].strip() == str(at)


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    headers = response.headers
    return parse_pause(headers.get("Retry-After", ""), date=headers.get("Date", ""))


# The first class that fits names the fault.
FAULTS: tuple[tuple[type[BaseException], Fault], ...] = (
    (AddressRefusedError, Fault.ADDRESS_REFUSED),
    (TimeoutError, Fault.TIMEOUT),
    (aiohttp.ClientSSLError, Fault.TLS),
    (ssl.SSLError, Fault.TLS),
    (aiohttp.ClientConnectorDNSError, Fault.DNS),
    (aiohttp.ClientPayloadError, Fault.CUT_SHORT),
    (aiohttp.ClientConnectionError, Fault.CONNECTION),
    (OSError, Fault.CONNECTION),
)


def _explain(error: Exception) -> tuple[Fault, str]:
    """Name a failure; what is not about the connection is about what came over it."""
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    for each in (cause, error):
        fault = next((fault for kind, fault in FAULTS if isinstance(each, kind)), None)
        if fault is Fault.ADDRESS_REFUSED:
            return fault, str(each)
    fault = fault or Fault.PROTOCOL
    if isinstance(cause, ssl.SSLCertVerificationError):
        fault = _fault_of_certificate(cause)
    words = _words(cause)
    return fault, f"{fault.value} ({words})" if words else fault.value


def _fault_of_certificate(error: ssl.SSLCertVerificationError) -> Fault:
    if error.verify_code == EXPIRED:
        return Fault.CERTIFICATE_EXPIRED
    return Fault.CERTIFICATE_NAME if error.verify_code in OTHER_NAME else Fault.TLS


def _words(cause: BaseException) -> str:
    """Return the shortest text that still says what happened."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message
    if isinstance(cause, OSError) and cause.errno is not None and cause.errno > 0:
        return os.strerror(cause.errno)
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause).strip().rstrip(".:").split("\n")[0][:200]
