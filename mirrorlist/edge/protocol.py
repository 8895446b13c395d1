"""HTTP/1.1 on a socket, as fast as Python can: bytes in, requests to a handler, bytes out.

Knows framing, keep-alive, pipelining, limits and time-outs. Deliberately knows nothing about
mirrors: the handler is a function from `Request` to `Response` that never blocks. Parsing is
httptools' (llhttp, strict), because request smuggling is decided there.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple, Protocol, cast

import httptools

# Header fields that handlers read; the others are counted against the limits and dropped.
READ_HEADERS = frozenset(
    {
        b"accept",
        b"host",
        b"if-modified-since",
        b"if-none-match",
        b"range",
        b"user-agent",
        b"x-forwarded-for",
        b"x-forwarded-proto",
    }
)
NEVER = float("inf")


class Request(NamedTuple):
    """One request; the target as sent, header names in lower case, the last of equal ones wins.

    Of several X-Forwarded-For fields the values are joined by commas (RFC 9110, 5.3).
    """

    method: bytes
    target: bytes
    headers: dict[bytes, bytes]
    peer: str


Fields = tuple[tuple[str, str], ...]


class Response(Protocol):
    """What the handler answers; headers without Content-Length and Connection, which are ours."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Fields: ...

    @property
    def body(self) -> bytes: ...

    @property
    def lines(self) -> bytes:
        """Further header lines, as they are to be sent."""
        ...


class Refusal(NamedTuple):
    """The answer to what is no request that we serve."""

    status: int
    headers: Fields
    body: bytes
    lines: bytes = b""


Handler = Callable[[Request], Response]


@dataclass(frozen=True)
class Limits:
    """What one client may cost. Sizes in bytes, times in seconds."""

    target_bytes: int = 8 * 1024
    head_bytes: int = 32 * 1024
    header_fields: int = 100
    body_bytes: int = 64 * 1024
    connections: int = 10_000
    header_seconds: float = 10
    idle_seconds: float = 30
    write_seconds: float = 30


@dataclass
class Counters:
    """What this worker did since it started."""

    connections: int = 0
    requests: int = 0
    errors: int = 0
    refused_connections: int = 0
    timeouts: int = 0


@dataclass
class Server:
    """What all connections of a worker share; `clock` is coarse, moved by `tick` each second."""

    handler: Handler
    limits: Limits = field(default_factory=Limits)
    log_error: Callable[[str], None] = lambda sentence: None
    clock: float = 0.0
    draining: bool = False
    connections: set["EdgeProtocol"] = field(default_factory=set)
    counters: Counters = field(default_factory=Counters)

    def tick(self, clock: float) -> None:
        """Move the clock and close the connections whose time is over."""
        self.clock = clock
        for connection in [c for c in self.connections if c.deadline < clock]:
            self.counters.timeouts += 1
            connection.expire()

    def drain(self) -> None:
        """Take no new requests: idle connections close now, busy ones after their answer."""
        self.draining = True
        for connection in list(self.connections):
            connection.close_when_idle()


class _RefusedError(Exception):
    """Carries the status of a request that is not served through the parser's callbacks."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


STATUS_LINES = {
    status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus
}
BODILESS = frozenset({HTTPStatus.NO_CONTENT.value, HTTPStatus.NOT_MODIFIED.value})


def encode_head(response: Response, *, keep_alive: bool, old_client: bool) -> bytes:
    """Return status line and header of a response, with its length and the connection's fate."""
    head = STATUS_LINES[response.status] + _encode_fields(response.headers) + response.lines
    if not keep_alive:
        head += b"Connection: close\r\n"
    elif old_client:
        head += b"Connection: keep-alive\r\n"
    if response.status in BODILESS:
        return head + b"\r\n"
    return b"%bContent-Length: %d\r\n\r\n" % (head, len(response.body))


@lru_cache(256)
def _encode_fields(fields: Fields) -> bytes:
    """Encode header fields; most answers share few sets of them.

    What cannot stand in a field (a line end, above all) is dropped, so that nothing a client sent
    can begin a field of its own.
    """
    return b"".join(
        b"%b: %b\r\n" % (name.encode("latin-1"), _field_value(value)) for name, value in fields
    )


def _field_value(text: str) -> bytes:
    return bytes(byte for byte in text.encode("latin-1", "replace") if byte >= 0x20)


def encode_body(request: Request, response: Response) -> bytes:
    """Return the bytes after the head: none for HEAD and for statuses that have no body."""
    silent = request.method == b"HEAD" or response.status in BODILESS
    return b"" if silent else response.body


class EdgeProtocol(asyncio.Protocol):
    """One connection.

    Requests are answered in order. Pipelined ones wait in a queue while the client does not read
    our answers, and meanwhile nothing more is read from it.
    """

    __slots__ = (
        "_asking", "_body_bytes", "_fields", "_head_bytes", "_headers", "_must_close", "_parser",
        "_queue", "_reading", "_target", "_writable", "deadline", "peer", "server", "transport",
    )  # fmt: skip

    def __init__(self, server: Server) -> None:
        self.server = server
        self.deadline = NEVER
        self.peer = ""
        self.transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[tuple[Request, bool, bool]] = deque()
        self._writable = True
        self._reading = True
        self._must_close = False
        self._asking = False
        self._reset()

    def _reset(self) -> None:
        self._target = b""
        self._headers: dict[bytes, bytes] = {}
        self._fields = self._head_bytes = self._body_bytes = 0

    # --- the transport's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes, but have all their methods.
        self.transport = cast("asyncio.Transport", transport)
        server = self.server
        if server.draining or len(server.connections) >= server.limits.connections:
            server.counters.refused_connections += 1
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        server.connections.add(self)
        server.counters.connections += 1
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if isinstance(peer, tuple) else ""
        self.deadline = server.clock + server.limits.header_seconds

    def connection_lost(self, error: Exception | None) -> None:
        self.server.connections.discard(self)
        self._queue.clear()
        self.transport = None

    def data_received(self, data: bytes) -> None:
        if self._must_close:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._must_close = True  # what follows is not HTTP; the request itself was answered
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            known = cause.status if isinstance(cause, _RefusedError) else None
            self._refuse(known or HTTPStatus.BAD_REQUEST)
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST)
        self._pump()

    def pause_writing(self) -> None:
        self._writable = False
        self.deadline = self.server.clock + self.server.limits.write_seconds
        self._set_reading(on=False)

    def resume_writing(self) -> None:
        self._writable = True
        self._pump()

    # --- the parser's callbacks

    def on_message_begin(self) -> None:
        self._reset()
        self._asking = True
        self.deadline = self.server.clock + self.server.limits.header_seconds

    def on_url(self, url: bytes) -> None:
        self._target += url
        if len(self._target) > self.server.limits.target_bytes:
            raise _RefusedError(HTTPStatus.REQUEST_URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += 1
        self._head_bytes += len(name) + len(value)
        limits = self.server.limits
        if self._fields > limits.header_fields or self._head_bytes > limits.head_bytes:
            raise _RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        name = name.lower()
        if name in READ_HEADERS:
            if name == b"x-forwarded-for" and name in self._headers:
                value = self._headers[name] + b"," + value
            self._headers[name] = value

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self._body_bytes > self.server.limits.body_bytes:
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def on_message_complete(self) -> None:
        parser = self._parser
        self._asking = False
        request = Request(parser.get_method(), self._target, self._headers, self.peer)
        keep_alive = parser.should_keep_alive() and not parser.should_upgrade()
        self._queue.append((request, keep_alive, parser.get_http_version() == "1.0"))

    # --- answering

    def _pump(self) -> None:
        """Answer queued requests while the client reads our answers."""
        queue, server = self._queue, self.server
        while queue and self._writable and self.transport is not None:
            request, keep_alive, old_client = queue.popleft()
            keep_alive = keep_alive and not server.draining and not (self._must_close and not queue)
            self.deadline = server.clock + server.limits.idle_seconds
            self._write(request, keep_alive=keep_alive, old_client=old_client)
            if not keep_alive:
                queue.clear()
                self._must_close = True
                self._close()
                return
        if not queue:
            self._set_reading(on=True)

    def _write(self, request: Request, *, keep_alive: bool, old_client: bool) -> None:
        response = self._answer(request)
        head = encode_head(response, keep_alive=keep_alive, old_client=old_client)
        if self.transport is not None:
            self.transport.write(head + encode_body(request, response))

    def _answer(self, request: Request) -> Response:
        self.server.counters.requests += 1
        try:
            return self.server.handler(request)
        except Exception as error:
            self.server.counters.errors += 1
            self.server.log_error(f"{request.target!r} could not be answered: {error!r}")
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR)

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer what was complete, then say why the connection ends."""
        self._must_close = True
        if self.transport is None:
            return
        self.server.counters.errors += 1
        while self._queue and self._writable:
            request, _, old_client = self._queue.popleft()
            self._write(request, keep_alive=True, old_client=old_client)
        self._queue.clear()
        refusal = _plain(status)
        head = encode_head(refusal, keep_alive=False, old_client=False)
        self.transport.write(head + refusal.body)
        self._close()

    def _set_reading(self, *, on: bool) -> None:
        if self.transport is not None and on is not self._reading and not self._must_close:
            self._reading = on
            if on:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()

    def _close(self) -> None:
        """Close after what was written has left; a client that never reads it is cut off later."""
        self.deadline = self.server.clock + self.server.limits.write_seconds
        if self.transport is not None:
            self.transport.close()

    # --- what the server asks of a connection

    def expire(self) -> None:
        """End the connection at once: its time is over."""
        self._must_close = True
        self.deadline = NEVER
        if self.transport is not None:
            self.transport.abort()

    def close_when_idle(self) -> None:
        """Close now if nothing is being asked or answered; else after the next answer."""
        if not self._queue and not self._asking and self._writable:
            self._must_close = True
            self._close()


def _plain(status: HTTPStatus) -> Refusal:
    body = f"{status.value} {status.phrase}\n".encode()
    return Refusal(status.value, (("Content-Type", "text/plain"),), body)
