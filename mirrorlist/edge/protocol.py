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
_READ = (
    "accept", "host", "if-modified-since", "if-none-match", "range", "user-agent",
    "want-digest", "want-repr-digest", "x-forwarded-for", "x-forwarded-proto",
)  # fmt: skip
# Both usual spellings of each name, so that most need not be lowered.
READ_HEADERS = {
    spelling.encode(): name.encode() for name in _READ for spelling in (name, name.title())
}
VERSIONS = ("1.1", "1.0")
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
    """What one client may cost. Sizes in bytes, times in seconds; 0 per address is no limit."""

    target_bytes: int = 8 * 1024
    head_bytes: int = 32 * 1024
    header_fields: int = 100
    body_bytes: int = 64 * 1024
    connections: int = 10_000
    connections_per_address: int = 0
    header_seconds: float = 10
    idle_seconds: float = 30
    write_seconds: float = 30
    linger_seconds: float = 2

    @property
    def request_bytes(self) -> int:
        """What one request may send before it is complete."""
        return self.target_bytes + self.head_bytes + self.body_bytes


@dataclass
class Counters:
    """What this worker did since it started."""

    connections: int = 0
    connections_refused: int = 0
    requests: int = 0
    errors: int = 0
    refusals: int = 0
    timeouts: int = 0


@dataclass
class Server:
    """What all connections of a worker share; `clock` is coarse, moved by `tick` each second.

    `later` calls a function when the loop has turned once; without it nothing waits for that.
    """

    handler: Handler
    limits: Limits = field(default_factory=Limits)
    log_error: Callable[[str], None] = lambda sentence: None
    clock: float = 0.0
    draining: bool = False
    connections: set["EdgeProtocol"] = field(default_factory=set)
    by_address: dict[str, int] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)
    later: Callable[[Callable[[], None]], object] | None = None
    unsent: list["EdgeProtocol"] = field(default_factory=list)

    def send(self) -> None:
        """Send what waits for the end of a turn of the loop."""
        unsent, self.unsent = self.unsent, []
        for connection in unsent:
            connection.send()

    def tick(self, clock: float) -> None:
        """Move the clock and close the connections whose time is over."""
        self.clock = clock
        for connection in [c for c in self.connections if c.deadline < clock]:
            self.counters.timeouts += not connection.ending
            connection.expire()

    def drain(self, *, idle_seconds: float) -> None:
        """End all connections: each after its next answer, or when none is asked for so long.

        Closing idle ones at once would cut off those whose next request is on its way.
        """
        self.draining = True
        for connection in self.connections:
            connection.deadline = min(connection.deadline, self.clock + idle_seconds)

    def admits(self, address: str) -> bool:
        """Tell whether one more connection from an address is within the limits.

        What was accepted while draining began is served, too: nobody else has it.
        """
        most = self.limits.connections_per_address
        return len(self.connections) < self.limits.connections and (
            not most or self.by_address.get(address, 0) < most
        )

    def add(self, connection: "EdgeProtocol") -> None:
        """Count a new connection."""
        self.connections.add(connection)
        self.counters.connections += 1
        self.by_address[connection.peer] = self.by_address.get(connection.peer, 0) + 1

    def discard(self, connection: "EdgeProtocol") -> None:
        """Forget a connection that ended, if it was counted."""
        if connection in self.connections:
            self.connections.remove(connection)
            left = self.by_address.pop(connection.peer) - 1
            if left:
                self.by_address[connection.peer] = left


class _RefusedError(Exception):
    """Carries the status of a request that is not served through the parser's callbacks."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


STATUS_LINES = {
    status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus
}
CONTROLS = bytes((*range(0x20), 0x7F))
BODILESS = frozenset({HTTPStatus.NO_CONTENT.value, HTTPStatus.NOT_MODIFIED.value})


def encode(response: Response, *, silent: bool, keep_alive: bool, old_client: bool) -> bytes:
    """Return the bytes of a response: status line, header with its length, and body.

    `silent` ones (to HEAD) have no body, and some statuses have neither body nor length.
    """
    status, fields, body = response.status, response.headers, response.body
    if fields and fields[-1][0] == "Location":  # another one every time
        head = _encode_head(status, fields[:-1]) + _encode_field(*fields[-1])
    else:
        head = _encode_head(status, fields)
    head += response.lines
    if not keep_alive:
        head += b"Connection: close\r\n"
    elif old_client:
        head += b"Connection: keep-alive\r\n"
    if status in BODILESS:
        return head + b"\r\n"
    return b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), b"" if silent else body)


@lru_cache(256)
def _encode_head(status: int, fields: Fields) -> bytes:
    """Most answers share one of few heads."""
    return STATUS_LINES[status] + b"".join(_encode_field(name, value) for name, value in fields)


def _encode_field(name: str, value: str) -> bytes:
    """Drop what cannot stand in a field: nothing a client sent may begin a field of its own."""
    text = value.encode("latin-1", "replace").translate(None, CONTROLS)
    return b"%b: %b\r\n" % (name.encode("latin-1"), text)


class EdgeProtocol(asyncio.Protocol):
    """One connection.

    Requests are answered in order. Pipelined ones wait in a queue while the client does not read
    our answers, and meanwhile nothing more is read from it.
    """

    __slots__ = (
        "_body_bytes", "_fed_bytes", "_fields", "_head_bytes", "_headers", "_parser",
        "_queue", "_reading", "_target", "_unsent", "_writable", "deadline", "ending", "peer",
        "server", "transport",
    )  # fmt: skip

    def __init__(self, server: Server) -> None:
        self.server = server
        self.deadline = NEVER
        self.peer = ""
        self.transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[tuple[Request, bool, bool]] = deque()
        self._writable = True
        self._unsent = b""
        self._reading = True
        self.ending = False
        self._fed_bytes = 0
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
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if isinstance(peer, tuple) else ""
        if not server.admits(self.peer):
            server.counters.connections_refused += 1
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        server.add(self)
        self.deadline = server.clock + server.limits.header_seconds

    def connection_lost(self, error: Exception | None) -> None:
        self.server.discard(self)
        self._queue.clear()
        self.transport = None
        del self._parser  # it refers to us: without this only the garbage collector frees both

    def data_received(self, data: bytes) -> None:
        if self.ending:
            return
        self._fed_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.ending = True  # what follows is not HTTP; the request itself was answered
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            known = cause.status if isinstance(cause, _RefusedError) else None
            self._refuse(known or HTTPStatus.BAD_REQUEST)
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST)
        if self._fed_bytes > self.server.limits.request_bytes:
            # The parser keeps a field until it ends; it must not keep one that never does.
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
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
        known = READ_HEADERS.get(name)
        if known is None:
            known = READ_HEADERS.get(name.lower())
        if known is not None:
            name = known
            if name == b"x-forwarded-for" and name in self._headers:
                value = self._headers[name] + b"," + value
            self._headers[name] = value

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self._body_bytes > self.server.limits.body_bytes:
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def on_message_complete(self) -> None:
        parser = self._parser
        self._fed_bytes = 0
        headers = self._headers
        # Past the constructor, which is slow: this is done for every request.
        request = tuple.__new__(Request, (parser.get_method(), self._target, headers, self.peer))
        keep_alive = parser.should_keep_alive() and not parser.should_upgrade()
        version = parser.get_http_version()
        if version not in VERSIONS:  # the parser knows others, which we do not speak
            raise _RefusedError(HTTPStatus.BAD_REQUEST)
        self._queue.append((request, keep_alive, version == "1.0"))

    # --- answering

    def _pump(self) -> None:
        """Answer queued requests while the client reads our answers."""
        queue, server = self._queue, self.server
        while queue and self._writable and self.transport is not None:
            request, keep_alive, old_client = queue.popleft()
            # While draining, requests that are here already are answered first.
            last = (server.draining or self.ending) and not queue
            keep_alive = keep_alive and not last
            self.deadline = server.clock + server.limits.idle_seconds
            self._write(request, keep_alive=keep_alive, old_client=old_client)
            if not keep_alive:
                queue.clear()  # requests after “Connection: close”
                self.ending = True
                self._close()
                return
        if not queue:
            self._set_reading(on=True)

    def _write(self, request: Request, *, keep_alive: bool, old_client: bool) -> None:
        response = self._answer(request)
        if self.transport is not None:
            silent = request.method == b"HEAD"
            self._send(
                encode(response, silent=silent, keep_alive=keep_alive, old_client=old_client)
            )

    def _send(self, data: bytes) -> None:
        """Send an answer together with those of other connections, or after one that waits.

        Whoever reads them all (a proxy, mostly) is woken once instead of for each.
        """
        server, is_next = self.server, bool(self._unsent)
        self._unsent += data
        if is_next or server.later is None:
            self.send()
            return
        server.unsent.append(self)
        if len(server.unsent) == 1:
            server.later(server.send)

    def send(self) -> None:
        """Send the answer that waits, if there is one."""
        if self._unsent and self.transport is not None:
            data, self._unsent = self._unsent, b""
            self.transport.write(data)

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
        if self.transport is None or self.ending:
            return
        self.ending = True
        self.server.counters.refusals += 1
        while self._queue and self._writable:
            request, _, old_client = self._queue.popleft()
            self._write(request, keep_alive=True, old_client=old_client)
        self._queue.clear()
        refusal = _plain(status)
        self.send()
        self.transport.write(encode(refusal, silent=False, keep_alive=False, old_client=False))
        if self in self.server.connections and self.transport.can_write_eof():
            # What the client still sends is thrown away for a while: closing before it was read
            # would make the client's system forget our answer.
            self.deadline = self.server.clock + self.server.limits.linger_seconds
            self.transport.write_eof()
        else:
            self._close()

    def _set_reading(self, *, on: bool) -> None:
        if self.transport is not None and on is not self._reading and not self.ending:
            self._reading = on
            if on:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()

    def _close(self) -> None:
        """Close after what was written has left; a client that never reads it is cut off later."""
        self.deadline = self.server.clock + self.server.limits.write_seconds
        self.send()
        if self.transport is not None:
            self.transport.close()

    # --- what the server asks of a connection

    def expire(self) -> None:
        """End the connection at once: its time is over."""
        self.ending = True
        self.deadline = NEVER
        if self.transport is not None:
            self.transport.abort()


def _plain(status: HTTPStatus) -> Refusal:
    body = f"{status.value} {status.phrase}\n".encode()
    return Refusal(status.value, (("Content-Type", "text/plain"),), body)
