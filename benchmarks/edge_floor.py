"""The floor that the edge is compared with: a constant answer from httptools on uvloop.

    python benchmarks/edge_floor.py PORT (BYTES | redirect)

Knows neither limits, time-outs nor mirrors: what is left is what HTTP in Python costs at least.
"""

import asyncio
import sys

import httptools
import uvloop

REDIRECT = (
    b"HTTP/1.1 302 Found\r\nContent-Type: text/plain\r\nLocation: https://mirror1.example.org/"
    b"pub/fedora/linux/updates/42/Everything/x86_64/os/\r\nContent-Length: 0\r\n\r\n"
)


class Floor(asyncio.Protocol):
    """Answers every request with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.write = transport.write  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.write(self.answer)


async def serve(port: int, answer: bytes) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Floor(answer), "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    port, what = int(sys.argv[1]), sys.argv[2]
    answer = REDIRECT
    if what != "redirect":
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"
        answer = head % int(what) + b"x" * int(what)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(port, answer))


if __name__ == "__main__":
    main()
