"""HTTP/1.1 on a socket, as fast as Python can: bytes in, requests to a handler, bytes out.

Knows framing, keep-alive, pipelining, limits and time-outs. Deliberately knows nothing about
mirrors: the handler is a function from `Request` to `Response` that never blocks. Parsing is
httptools' (llhttp, strict), because request smuggling is decided there.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import cast

import httptools

from mirrorlist.edge_limits import Limits
from mirrorlist.edge_messages import READ_HEADERS, Request, Response, encode, refuse

VERSIONS = ("1.1", "1.0")
NEVER = float("inf")


Handler = Callable[[Request], Response]


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
    `now` is in Unix seconds.
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
    now: Callable[[], float] = time.time
    date: bytes = b""
    unsent: list["EdgeProtocol"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tell_date()

    def _tell_date(self) -> None:
        self.date = b"Date: %b\r\n" % formatdate(self.now(), usegmt=True).encode()

    def send(self) -> None:
        """Send what waits for the end of a turn of the loop."""
        unsent, self.unsent = self.unsent, []
        for connection in unsent:
            connection.send()

    def tick(self, clock: float) -> None:
        """Move the clock and close the connections whose time is over."""
        self.clock = clock
        self._tell_date()
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


class EdgeProtocol(asyncio.Protocol):
    """One connection.

    Requests are answered in order. Pipelined ones wait in a queue while the client does not read
    our answers, and meanwhile nothing more is read from it.
    """

    __slots__ = (
        "_body_bytes", "_fed_bytes", "_fields", "_head_bytes", "_headers", "_in_body", "_parser",
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
        self._in_body = False

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
            if name.lower() == b"expect":  # nobody need send us a body
                raise _RefusedError(HTTPStatus.EXPECTATION_FAILED)
        if known is not None and not self._in_body:  # what follows a body is no header
            name = known
            if name == b"x-forwarded-for" and name in self._headers:
                value = self._headers[name] + b"," + value
            self._headers[name] = value

    def on_chunk_header(self) -> None:
        self._in_body = True

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
            self._send(
                encode(
                    response,
                    date=self.server.date,
                    silent=request.method == b"HEAD",
                    keep_alive=keep_alive,
                    old_client=old_client,
                )
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
            return refuse(HTTPStatus.INTERNAL_SERVER_ERROR)

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
        refusal, date = refuse(status), self.server.date
        self.send()
        self.transport.write(
            encode(refusal, date=date, silent=False, keep_alive=False, old_client=False)
        )
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
