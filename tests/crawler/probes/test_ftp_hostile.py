"""The FTP probe against servers that say anything, or hardly anything."""

import asyncio
import time
from contextlib import suppress

import pytest

from crawler.logic.observations import Ask, Fault
from crawler.probes.ftp import FtpProbe
from crawler.probes.ftp_client import FtpLimits
from tests.crawler.ftp_servers import liar, talker

LIMITS = FtpLimits(answer_seconds=0.5, listing_seconds=1, listing_bytes=100_000, body_bytes=1000)
PATIENT = FtpLimits(answer_seconds=60, listing_seconds=60)
SIZE, DIGEST = Ask("x"), Ask("x", ("sha256",))
LISTING = b"type=file;size=7; x\r\n"


@pytest.mark.parametrize(
    ("answers", "ask"),
    [
        ({"": b"2"}, SIZE),
        ({"USER": b"2"}, SIZE),
        ({"CWD": b"250-"}, SIZE),
        ({}, SIZE),
        ({}, DIGEST),
    ],
)
async def test_a_byte_now_and_then_keeps_nobody_waiting(answers, ask) -> None:
    began = time.monotonic()
    with liar(answers, data=b"x", pause_seconds=0.1) as server:
        async with FtpProbe(limits=LIMITS) as probe:
            found = await probe.bind(server, allow_private=True).look("os", ask)
    assert found.fault is Fault.TIMEOUT
    assert time.monotonic() - began < 3


async def test_lines_now_and_then_are_no_endless_answer() -> None:
    began = time.monotonic()
    with liar({"": b"220-\n"}, pause_seconds=0.1) as server:
        async with FtpProbe(limits=LIMITS) as probe:
            found = await probe.bind(server, allow_private=True).look("os", SIZE)
    assert found.fault is Fault.TIMEOUT
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("answers", [{"": b"2"}, {}])
async def test_whoever_stops_waits_for_no_server(answers) -> None:
    with liar(answers, data=b"x", pause_seconds=0.1) as server:
        async with FtpProbe(limits=PATIENT) as probe:
            asking = asyncio.create_task(probe.bind(server, allow_private=True).look("os", SIZE))
            await asyncio.wait({asking}, timeout=0.5)
            assert not asking.done()
            began = time.monotonic()
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking
    assert time.monotonic() - began < 2


async def test_closing_ends_what_is_being_asked() -> None:
    with liar({}, data=b"x", pause_seconds=0.1) as server:
        async with FtpProbe(limits=PATIENT) as probe:
            asking = asyncio.create_task(probe.bind(server, allow_private=True).look("os", SIZE))
            await asyncio.wait({asking}, timeout=0.5)
            began = time.monotonic()
        assert (await asking).fault is not None
    assert time.monotonic() - began < 2


async def test_each_question_has_its_own_time() -> None:
    with liar({}, data=LISTING) as server:
        async with FtpProbe(limits=LIMITS) as probe:
            url = probe.bind(server, allow_private=True)
            assert (await url.look("os", SIZE)).size == 7
            await asyncio.sleep(LIMITS.listing_seconds + 0.2)
            assert (await url.look("other", SIZE)).size == 7


async def test_with_a_visit_its_connection_ends() -> None:
    """This server talks to one at a time."""
    with liar({}, data=LISTING) as server:
        async with FtpProbe(limits=LIMITS) as probe:
            assert (await probe.bind(server, allow_private=True).look("os", SIZE)).size == 7
            assert (await probe.bind(server, allow_private=True).look("os", SIZE)).size == 7


@pytest.mark.parametrize("ask", [SIZE, DIGEST])
@pytest.mark.parametrize(
    "passive",
    [
        b"227 (127,0,0,1,99999999999999999999,1)\r\n",
        b"227 (127,0,0,1,%b,1)\r\n" % (b"9" * 5000),
        b"227 (127,0,0,1,999,999)\r\n",
        b"227 (127,0,0,1,0,0)\r\n",
        b"227 (1,2)\r\n",
        b"227 (\xd9\xa1,0,0,1,4,5)\r\n",
        b"229 (|||1|)\r\n",
        b"\r\n",
        b"2\r\n",
        b"200-\r\n",
        b"\xff\r\n",
        b"\0\0\0\r\n",
        b"2" * 10_000 + b"\r\n",
    ],
)
async def test_nonsense_is_an_answer_too(passive, ask) -> None:
    with liar({"PASV": passive}) as server:
        async with FtpProbe(limits=LIMITS) as probe:
            found = await probe.bind(server, allow_private=True).look("os", ask)
    assert found.fault in {Fault.PROTOCOL, Fault.TIMEOUT}
    assert found.detail.isprintable()


@pytest.mark.parametrize("data", [b"\xff\xfe\r\n", b"x" * 10_000])
async def test_a_listing_that_is_none_shows_nothing(data) -> None:
    with liar({}, data=data) as server:
        async with FtpProbe(limits=LIMITS) as probe:
            found = await probe.bind(server, allow_private=True).look("os", SIZE)
    assert found.fault is Fault.PROTOCOL


async def test_a_listing_of_few_endless_lines_is_not_read_to_its_end() -> None:
    line = b"type=file;size=7; " + b"x" * 8000 + b"\r\n"
    with liar({}, data=line * 100) as server:
        async with FtpProbe(limits=LIMITS) as probe:
            found = await probe.bind(server, allow_private=True).look("os", SIZE)
    assert (found.fault, found.detail) == (
        Fault.LONG_LISTING,
        "the listing has more than 100,000 bytes",
    )


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    with talker(b"220-welcome\r\n" * 1000, forever=True) as server:
        async with FtpProbe(limits=PATIENT) as probe:
            found = await probe.bind(server, allow_private=True).greet("x")
    assert found.detail == "not a valid answer (an answer does not end)"
