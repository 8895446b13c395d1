"""Mirrors that tests crawl: real servers on loopback addresses, well behaved and otherwise.

A `Mirror` answers from a dictionary of paths and can be told to misbehave; it runs in a thread
of its own, so that synchronous code can crawl it.
"""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self


@dataclass
class Request:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]


Answer = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class EndOfConversationError(EOFError):
    """The server has said everything and closes in good order."""


@dataclass
class Mirror:
    """A server of `files`; `answer` replaces its behavior as a whole, `special` for one path."""

    files: dict[str, bytes] = field(default_factory=dict)
    address: str = "127.0.0.1"
    answer: Answer | None = None
    special: dict[str, Answer] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    tls: ssl.SSLContext | None = None

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self.connections = 0
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        starting = asyncio.start_server(self._serve, self.address, 0, ssl=self.tls)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *exception: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{'https' if self.tls else 'http'}://{address}:{self.port}/pub"

    def asked(self, path: str = "") -> list[str]:
        """Return the methods of the requests for a path, or of all."""
        return [each.method for each in self.requests if path in {"", each.path}]

    async def _stop(self) -> None:
        self._server.close()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.wait(others)
        await asyncio.sleep(0.01)  # sockets are closed in the next round of the loop

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                request = _parse(await reader.readuntil(b"\r\n\r\n"))
                self.requests.append(request)
                answer = self.answer or self.special.get(request.path, self.send_file)
                await answer(request, writer)
                await writer.drain()
        except (OSError, EOFError, asyncio.CancelledError) as ended:
            if isinstance(ended, EndOfConversationError):
                writer.close()
            else:
                writer.transport.abort()

    async def send_file(self, request: Request, writer: asyncio.StreamWriter) -> None:
        body = self.files.get(request.path)
        if body is None:
            there = request.path.endswith("/") and any(
                name.startswith(request.path) for name in self.files
            )
            writer.write(respond(200 if there else 404, b"", request))
        else:
            writer.write(respond(200, body, request))


def respond(
    status: int, body: bytes, request: Request | None = None, headers: str = "", length: int = -1
) -> bytes:
    """Return an answer; to HEAD without the body. `length` is what the server claims."""
    size = len(body) if length < 0 else length
    head = f"HTTP/1.1 {status} Words\r\nContent-Length: {size}\r\n{headers}\r\n".encode()
    return head if request and request.method == "HEAD" else head + body


def always(*answer: bytes) -> Answer:
    """Return a behavior: these bytes, whatever was asked, then the end of the connection."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        for part in answer:
            writer.write(part)
            await writer.drain()
        raise EndOfConversationError

    return behave


def redirect(target: str, status: int = 302) -> Answer:
    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(respond(status, b"", request, f"Location: {target}\r\n"))

    return behave


def status(code: int, body: bytes = b"", headers: str = "") -> Answer:
    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(respond(code, body, request, headers))

    return behave


async def hang(request: Request, writer: asyncio.StreamWriter) -> None:
    """Accept the request and never say a word."""
    await asyncio.sleep(60)


async def never_end_headers(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000):
        writer.write(b"X-%d: and on\r\n" % number)
        await writer.drain()
        await asyncio.sleep(0.02)


async def trickle(request: Request, writer: asyncio.StreamWriter) -> None:
    """Send one byte of the body at a time, often enough for a read timeout not to strike."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(100_000):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def send_without_end(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
    while True:
        writer.write(b"<x/>" * 16_384)
        await writer.drain()


def _parse(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = dict(line.split(": ", 1) for line in lines if line)
    return Request(method, path, {name.lower(): value for name, value in headers.items()})
