"""Clients that are broken or hostile: smuggling, floods, slowness, and bytes at random."""

import asyncio
import resource
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirrorlist.edge.protocol import EdgeProtocol, Server
from mirrorlist.edge_limits import Limits
from mirrorlist.edge_messages import Refusal, Request
from tests.mirrorlist.test_edge_protocol import get, serving, talk

CLOSE = "Connection: close"
MANY = 10_000


@pytest.mark.parametrize(
    "sent",
    [
        get("/", "Content-Length: 4", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        get("/", "Transfer-Encoding: chunked", "Content-Length: 4") + b"0\r\n\r\n",
        get("/", "Transfer-Encoding: xchunked") + b"0\r\n\r\n",
        get("/", "Transfer-Encoding : chunked") + b"0\r\n\r\n",
        get("/", "Content-Length: 4", "Content-Length: 5") + b"abcd",
        get("/", "Content-Length: 4, 5") + b"abcd",
        get("/", "Content-Length: +4") + b"abcd",
        get("/", "Content-Length: 0x4") + b"abcd",
        get("/", "Content-Length: 99999999999999999999") + b"abcd",
        get("/", "X-One: a\r\n folded"),
        get("/", "X-One: a\rX-Two: b"),
        get("/", "X-\0: a"),
        get("/", "X-One: a\0b"),
        get("/", ": nameless"),
        b"GET / HTTP/1.1\r\n Host: x\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"SMASH / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\0\0\0\0",
    ],
)
async def test_what_two_servers_might_read_differently_is_refused(sent: bytes) -> None:
    """Nothing behind it is answered: else it could be somebody else's request."""
    async with serving() as (_, connect):
        answer = await talk(connect, sent + get("/smuggled", CLOSE))
        assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n"), answer
        assert answer.count(b"HTTP/1.1 ") == 1
        assert b"smuggled" not in answer


async def test_what_follows_a_body_is_no_header() -> None:
    """Else clients behind a proxy could say that they are somebody else."""
    async with serving() as (_, connect):
        head = get("/a", "Transfer-Encoding: chunked", "X-Forwarded-For: 192.0.2.1")
        body = b"1\r\nx\r\n0\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n"
        answer = await talk(connect, head + body + get("/b", "X-Forwarded-For: 192.0.2.2", CLOSE))
        assert b"GET|/a|192.0.2.1HTTP/1.1 " in answer
        assert answer.endswith(b"GET|/b|192.0.2.2")


async def test_a_bare_line_feed_ends_a_line_for_nobody_or_for_all() -> None:
    """It is refused, or read as what it looks like; a header never becomes another request."""
    async with serving() as (_, connect):
        answer = await talk(connect, b"GET /a HTTP/1.1\nHost: x\nConnection: close\n\n")
        assert answer.startswith(b"HTTP/1.1 400 ") or answer.endswith(b"GET|/a|-")
        assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "TRACE"])
async def test_other_methods_are_handed_on_and_their_bodies_dropped(method: str) -> None:
    async with serving() as (_, connect):
        head = f"{method} /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n".encode()
        answer = await talk(connect, head + b"hello" + get("/next", CLOSE))
        assert f"{method}|/a|-".encode() in answer
        assert answer.endswith(b"GET|/next|-")


@pytest.mark.parametrize(
    "sent",
    [
        b"CONNECT internal.example.org:22 HTTP/1.1\r\nHost: x\r\n\r\n",
        get("/", "Upgrade: websocket", "Connection: Upgrade"),
    ],
)
async def test_tunnels_and_upgrades_end_the_connection(sent: bytes) -> None:
    async with serving() as (_, connect):
        answer = await talk(connect, sent + b"SSH-2.0-smuggled\r\n")
        assert answer.count(b"HTTP/1.1 200") == 1
        assert b"Connection: close" in answer


async def test_a_chunked_body_is_limited_and_dropped() -> None:
    async with serving() as (_, connect):
        chunked = get("/a", "Transfer-Encoding: chunked")
        answer = await talk(connect, chunked + b"5\r\nhello\r\n0\r\n\r\n" + get("/b", CLOSE))
        assert answer.endswith(b"GET|/b|-")
        flood = chunked + b"ffff\r\n" + b"x" * 65_535 + b"\r\n" + b"ffff\r\n" + b"x" * 65_535
        assert (await talk(connect, flood)).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nX-Long: ", b"GET / HTTP/1.1\r\nX"])
async def test_a_line_that_never_ends_does_not_fill_the_memory(begun: bytes) -> None:
    async with serving() as (server, connect):
        answer = await talk(connect, begun + b"a" * 400_000)
        assert answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))
        assert server.limits.request_bytes < 200_000


async def test_headers_that_are_not_ascii_are_only_bytes() -> None:
    async with serving() as (_, connect):
        sent = get("/", CLOSE)[:-2] + "X-Forwarded-For: żółw\r\n\r\n".encode()
        assert (await talk(connect, sent)).endswith("GET|/|żółw".encode())


async def test_connections_of_one_address_are_limited() -> None:
    async with serving(Limits(connections_per_address=2)) as (server, connect):
        kept = [await connect() for _ in range(2)]
        await asyncio.sleep(0.05)
        assert (await talk(connect, get("/"))).startswith(b"HTTP/1.1 503 ")
        kept.pop()[1].close()
        await asyncio.sleep(0.05)
        assert (await talk(connect, get("/", CLOSE))).startswith(b"HTTP/1.1 200 ")
        kept.pop()[1].close()
        await asyncio.sleep(0.05)
        assert server.by_address == {}


async def test_idle_connections_are_closed_and_slow_bodies_cut_off() -> None:
    async with serving(Limits(idle_seconds=30, header_seconds=10)) as (server, connect):
        idle, idle_writer = await connect()
        idle_writer.write(get("/"))
        await idle.readuntil(b"GET|/|-")
        slow, slow_writer = await connect()
        slow_writer.write(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nx")
        await asyncio.sleep(0.05)
        server.tick(11)
        assert await asyncio.wait_for(slow.read(), 5) == b""
        server.tick(29)
        assert len(server.connections) == 1
        server.tick(31)
        assert await asyncio.wait_for(idle.read(), 5) == b""
        idle_writer.close()
        slow_writer.close()


async def test_ten_thousand_idle_connections_do_not_keep_others_out() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(MANY, hard // 2 - 200)
    try:
        async with serving(Limits(connections=MANY + 10)) as (server, connect):
            kept = []
            for _ in range(count):
                kept.append(await connect())
            answer = await talk(connect, get("/still", CLOSE))
            assert answer.endswith(b"GET|/still|-")
            assert len(server.connections) >= count - 1
            server.tick(server.limits.header_seconds + 1)
            await asyncio.sleep(0.1)
            assert not server.connections
            for _, writer in kept:
                writer.close()
            await asyncio.sleep(0.1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written += data

    def get_extra_info(self, name: str) -> object:
        return ("192.0.2.1", 1) if name == "peername" else None

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.closed = True

    def close(self) -> None:
        self.closed = True

    abort = close

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def spoken(
    pieces: list[bytes], handler: Callable[[Request], Refusal], *, each_turn: int = 0
) -> tuple[bytes, Server]:
    """Return what a server answers to bytes in pieces.

    What waits for the end of a turn of the loop leaves after `each_turn` pieces; 0 lets nothing
    wait.
    """
    turns: list[Callable[[], None]] = []
    server, wire = Server(handler, later=turns.append if each_turn else None), Wire()
    connection = EdgeProtocol(server)
    connection.connection_made(wire)  # type: ignore[arg-type]
    for number, piece in enumerate(pieces, 1):
        connection.data_received(piece)
        if each_turn and number % each_turn == 0:
            while turns:
                turns.pop()()
    for turn in turns:
        turn()
    connection.connection_lost(None)
    return wire.written, server


def echo(request: Request) -> Refusal:
    return Refusal(200, (("Content-Type", "text/plain"),), b"%b|" % request.target)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Good requests with some bytes replaced, doubled or gone."""
    good = b"".join(
        get(f"/{n}?a=%2f", "X-Forwarded-For: 192.0.2.1", "Content-Length: 2") + b"xy"
        for n in range(draw(st.integers(1, 3)))
    )
    data = bytearray(good)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data) - 1))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[begin:end] for begin, end in pairwise(edges)]


@settings(max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=st.one_of(mutated(), st.binary(max_size=200)),
    places=st.lists(st.integers(0, 999)),
    each_turn=st.integers(0, 3),
)
def test_any_bytes_in_any_pieces_get_whole_answers_and_meet_no_bug(
    data: bytes, places: list[int], each_turn: int
) -> None:
    answer, server = spoken(cut(data, places), echo, each_turn=each_turn)
    at_once, _ = spoken([data] if data else [], echo)
    assert answer == at_once
    assert server.counters.errors == 0
    assert not server.connections
    assert b"Traceback" not in answer
    while answer:
        head, _, rest = answer.partition(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0])
        assert head.startswith(b"HTTP/1.1 ")
        assert len(rest) >= length or head == b""
        answer = rest[length:]
