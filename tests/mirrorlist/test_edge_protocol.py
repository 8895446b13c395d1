"""The edge's protocol over real sockets: framing, limits, slow and hostile clients."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from unittest.mock import Mock

import pytest

from mirrorlist.edge.protocol import EdgeProtocol, Server
from mirrorlist.edge_limits import Limits
from mirrorlist.edge_messages import Refusal, Request, encode

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
TEXT = (("Content-Type", "text/plain"),)
BIG = b"x" * 200_000
DATE = b"Date: Sun, 15 Jun 2025 15:07:40 GMT\r\n"


def handler(request: Request) -> Refusal:
    if request.target == b"/crash":
        raise RuntimeError("a bug")
    if request.target == b"/big":
        return Refusal(200, TEXT, BIG)
    if request.target == b"/unchanged":
        return Refusal(304, (), b"")
    shown = b"|".join(
        [request.method, request.target, request.headers.get(b"x-forwarded-for", b"-")]
    )
    return Refusal(200, TEXT, shown)


@asynccontextmanager
async def serving(limits: Limits | None = None) -> AsyncIterator[tuple[Server, Connect]]:
    loop = asyncio.get_running_loop()
    server = Server(handler, limits or Limits(), later=loop.call_soon, now=lambda: 1_750_000_060)
    listener = await loop.create_server(lambda: EdgeProtocol(server), "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()[:2]
    try:
        yield server, lambda: asyncio.open_connection(host, port)
    finally:
        listener.close()
        for connection in list(server.connections):
            connection.expire()


async def talk(connect: Connect, sent: bytes) -> bytes:
    """Send bytes and return everything that comes until the server closes."""
    reader, writer = await connect()
    writer.write(sent)
    try:
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()


def get(target: str, *fields: str) -> bytes:
    return "".join(
        f"{line}\r\n" for line in (f"GET {target} HTTP/1.1", "Host: x", *fields, "")
    ).encode()


def answer_date(answer: bytes) -> bytes:
    """Return the only Date line of an answer."""
    [line] = [line for line in answer.splitlines(keepends=True) if line.startswith(b"Date:")]
    return line


async def test_a_request_is_answered_and_the_connection_kept() -> None:
    async with serving() as (server, connect):
        reader, writer = await connect()
        for number in range(3):
            writer.write(get(f"/{number}"))
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert await reader.readexactly(8) == b"GET|/%d|-" % number
        writer.close()
        assert server.counters.requests == 3
        assert server.counters.connections == 1


async def test_pipelined_requests_are_answered_in_order() -> None:
    async with serving() as (_, connect):
        sent = b"".join(get(f"/{n}") for n in range(5)) + get("/last", "Connection: close")
        answer = await talk(connect, sent)
        assert [answer.index(b"|/%d|" % n) for n in range(5)] == sorted(
            answer.index(b"|/%d|" % n) for n in range(5)
        )
        assert answer.endswith(b"GET|/last|-")
        assert answer.count(b"Connection: close") == 1


async def test_answers_of_one_turn_of_the_loop_leave_together() -> None:
    turns: list[Callable[[], None]] = []
    server = Server(handler, later=turns.append)
    sent: list[tuple[int, bytes]] = []
    connections = [EdgeProtocol(server) for _ in range(3)]
    for number, connection in enumerate(connections):
        transport = Mock(asyncio.Transport)
        transport.get_extra_info.return_value = ("192.0.2.1", 1)
        transport.write.side_effect = lambda data, number=number: sent.append((number, data))
        connection.connection_made(transport)
        connection.data_received(get("/one"))
    assert (sent, len(turns)) == ([], 1)
    connections[1].data_received(get("/two"))  # after one that waits: both at once, in order
    assert [number for number, _ in sent] == [1]
    assert sent[0][1].index(b"|/one|") < sent[0][1].index(b"|/two|")
    connections[2].connection_lost(None)
    turns.pop()()
    assert [number for number, _ in sent] == [1, 0]
    connections[0].data_received(get("/three"))
    assert len(turns) == 1


async def test_a_request_in_single_bytes_is_understood() -> None:
    async with serving() as (_, connect):
        reader, writer = await connect()
        for byte in get("/slow", "Connection: close"):
            writer.write(bytes([byte]))
            await writer.drain()
        assert (await asyncio.wait_for(reader.read(), 5)).endswith(b"GET|/slow|-")
        writer.close()


async def test_head_has_the_length_and_no_body() -> None:
    async with serving() as (_, connect):
        answer = await talk(connect, b"HEAD /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"Content-Length: 200000\r\n" in answer
        assert answer.endswith(b"\r\n\r\n")


async def test_not_modified_has_neither_length_nor_body() -> None:
    async with serving() as (_, connect):
        answer = await talk(connect, get("/unchanged", "Connection: close"))
        before, date, after = answer.partition(DATE)
        assert before == b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n"
        assert (date, after) == (DATE, b"\r\n")


async def test_every_answer_says_when_it_was_given() -> None:
    async with serving() as (server, connect):
        for target in ("/a", "/crash", "/" + "x" * 9000):
            assert answer_date(await talk(connect, get(target, "Connection: close"))) == DATE
        server.now = lambda: 1_750_000_061.9
        server.tick(1.0)
        answer = await talk(connect, get("/a", "Connection: close"))
        assert answer_date(answer) == b"Date: Sun, 15 Jun 2025 15:07:41 GMT\r\n"


async def test_a_client_that_waits_for_leave_to_send_a_body_is_refused_at_once() -> None:
    async with serving() as (_, connect):
        sent = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
        assert (await talk(connect, sent)).startswith(b"HTTP/1.1 417 Expectation Failed\r\n")


def test_a_line_end_in_a_header_value_is_dropped() -> None:
    answer = Refusal(302, (("Location", "/a\r\nSet-Cookie: x=y"),), b"")
    head = encode(answer, date=b"", silent=False, keep_alive=True, old_client=False)
    assert b"\r\nLocation: /aSet-Cookie: x=y\r\n" in head


async def test_old_clients_are_answered_and_closed_unless_they_ask() -> None:
    async with serving() as (_, connect):
        assert b"Connection: close" in await talk(connect, b"GET / HTTP/1.0\r\n\r\n")
        reader, writer = await connect()
        writer.write(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert b"Connection: keep-alive" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        writer.close()


async def test_equal_forwarding_headers_are_joined() -> None:
    async with serving() as (_, connect):
        sent = get(
            "/", "X-Forwarded-For: 192.0.2.1", "X-FORWARDED-FOR: 192.0.2.2", "Connection: close"
        )
        assert (await talk(connect, sent)).endswith(b"192.0.2.1,192.0.2.2")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/9.9\r\n\r\n", b"400 Bad Request"),
        (get("/" + "a" * 9000), b"414 "),
        (get("/", *[f"X-{n}: y" for n in range(200)]), b"431 "),
        (get("/", "X-Long: " + "y" * 40_000), b"431 "),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n" + b"z" * 99_999, b"413 "),
        (get("/", "Content-Length: 3", "Transfer-Encoding: chunked") + b"0\r\n\r\n", b"400 "),
        (get("/", "Content-Length: 3", "Content-Length: 4") + b"abcd", b"400 "),
        (get("/", "Transfer-Encoding: chunked") + b"zz\r\n\r\n", b"400 "),
        (get("/", "Bad Name: x"), b"400 "),
    ],
)
async def test_what_cannot_be_served_is_refused_and_closed(sent: bytes, status: bytes) -> None:
    async with serving() as (_, connect):
        answer = await talk(connect, sent)
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert b"Connection: close" in answer


async def test_a_bug_is_one_500_and_not_the_end() -> None:
    async with serving() as (server, connect):
        errors: list[str] = []
        server.log_error = errors.append
        answer = await talk(connect, get("/crash") + get("/", "Connection: close"))
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert answer.endswith(b"GET|/|-")
        assert "a bug" in errors[0]


async def test_a_client_that_never_ends_its_header_is_cut_off() -> None:
    async with serving(Limits(header_seconds=10)) as (server, connect):
        reader, writer = await connect()
        writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")
        await asyncio.sleep(0.05)
        server.tick(9)
        assert server.connections
        server.tick(11)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        assert server.counters.timeouts == 1
        writer.close()


async def test_a_client_that_does_not_read_stops_being_answered() -> None:
    async with serving(Limits(write_seconds=10)) as (server, connect):
        reader, writer = await connect()
        writer.write(get("/big") * 400)  # 80 MB, if it were all written at once
        await asyncio.sleep(0.2)
        assert server.counters.requests < 100
        server.tick(11)
        await asyncio.sleep(0.05)
        assert not server.connections
        writer.close()
        del reader


async def test_too_many_connections_are_turned_away() -> None:
    async with serving(Limits(connections=2)) as (server, connect):
        kept = [await connect() for _ in range(2)]
        await asyncio.sleep(0.05)
        assert (await talk(connect, get("/"))).startswith(b"HTTP/1.1 503 ")
        assert server.counters.connections_refused == 1
        for _, writer in kept:
            writer.close()


async def test_draining_answers_once_more_and_ends_what_stays_idle() -> None:
    async with serving() as (server, connect):
        idle_reader, idle_writer = await connect()
        busy_reader, busy_writer = await connect()
        await asyncio.sleep(0.05)
        server.drain(idle_seconds=1)
        busy_writer.write(get("/one") + get("/two"))
        answers = await asyncio.wait_for(busy_reader.read(), 5)
        assert answers.endswith(b"GET|/two|-")
        assert answers.count(b"Connection: close") == 1
        server.tick(server.clock + 2)
        assert await asyncio.wait_for(idle_reader.read(), 5) == b""
        idle_writer.close()
        busy_writer.close()
