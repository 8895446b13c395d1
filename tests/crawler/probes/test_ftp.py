"""The FTP probe against real servers."""

import hashlib
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from crawler.logic.observations import Ask, Fault
from crawler.probes.ftp import FtpProbe
from crawler.probes.ftp_client import FtpLimits
from tests.crawler.ftp_servers import ftp_server, needs_pyftpdlib, talker
from tests.crawler.rsync_daemons import grow
from tests.ports import free_port

pytestmark = needs_pyftpdlib

FILES = {"pub/os/repomd.xml": b"<repomd/>", "pub/os/bash 5.rpm": b"x" * 5000}
LIMITS = FtpLimits(answer_seconds=2, listing_seconds=3, listing_lines=20, body_bytes=1000)
REPOMD = Ask("repomd.xml", ("sha256",))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return grow(tmp_path / "tree", FILES)


@pytest.fixture(params=[True, False], ids=["MLSD", "LIST"])
def server(root: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    with ftp_server(root, mlsd=request.param) as url:
        yield f"{url}/pub"


@pytest.fixture
async def probe() -> AsyncIterator[FtpProbe]:
    async with FtpProbe(limits=LIMITS) as opened:
        yield opened


async def test_sizes_come_from_one_listing(probe, server) -> None:
    url = probe.bind(server, allow_private=True)
    found = await url.look("os", Ask("bash 5.rpm"))
    assert (found.status, found.size, found.url) == (200, 5000, f"{server}/os/bash 5.rpm")
    again = await url.look("os", Ask("repomd.xml"))
    assert (again.status, again.size) == (200, 9)
    assert (await url.look("os", Ask("gone.rpm"))).status == 404


async def test_a_digest_comes_from_the_content(probe, server) -> None:
    found = await probe.bind(server, allow_private=True).look("os", REPOMD)
    digest = hashlib.sha256(FILES["pub/os/repomd.xml"]).hexdigest()
    assert (found.status, found.size, found.digests) == (200, 9, (("sha256", digest),))


async def test_the_connection_is_used_again(probe, server) -> None:
    url = probe.bind(server, allow_private=True)
    assert (await url.greet("does-not-exist")).status == 404
    assert (await url.look("os", REPOMD)).status == 200
    assert (await url.look("os", Ask(""))).status == 200
    assert (await url.look("gone", Ask(""))).status == 404
    assert (await url.look("gone", REPOMD)).status == 404


async def test_a_file_that_is_too_large_is_not_read_to_its_end(probe, server) -> None:
    ask = Ask("bash 5.rpm", ("md5",))
    found = await probe.bind(server, allow_private=True).look("os", ask)
    assert (found.fault, found.detail) == (Fault.TOO_LARGE, "it has more than 1,000")


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (LIMITS, "the listing has more than 20 lines"),
        (LIMITS._replace(listing_bytes=500), "the listing has more than 500 bytes"),
    ],
)
async def test_a_listing_that_is_too_long_is_not_read_to_its_end(
    server, root, limits, words
) -> None:
    grow(root, {f"pub/many/{number}": b"" for number in range(30)})
    async with FtpProbe(limits=limits) as probe:
        found = await probe.bind(server, allow_private=True).look("many", Ask("1"))
    assert (found.fault, found.detail) == (Fault.LONG_LISTING, words)


async def test_private_addresses_are_refused(probe, server) -> None:
    found = await probe.bind(server, allow_private=False).look("os", REPOMD)
    assert found.fault is Fault.ADDRESS_REFUSED


async def test_names_cannot_carry_commands(probe, server) -> None:
    found = await probe.bind(server, allow_private=True).look("os", Ask("x\r\nDELE y"))
    assert found.fault is Fault.PROTOCOL


async def test_a_closed_port_is_no_connection(probe) -> None:
    found = await probe.bind(f"ftp://127.0.0.1:{free_port()}", allow_private=True).greet("x")
    assert found.fault is Fault.CONNECTION
    found = await probe.bind("ftp://mirror.invalid", allow_private=True).greet("x")
    assert found.fault is Fault.DNS


@pytest.mark.parametrize(
    ("lines", "forever", "fault", "status"),
    [
        ([b""], False, Fault.TIMEOUT, 0),
        ([b"nonsense\r\n"], False, Fault.PROTOCOL, 0),
        ([b"220-welcome\r\n"] * 1000, True, Fault.PROTOCOL, 0),
        ([b"2" * 10_000], False, Fault.PROTOCOL, 0),
        ([b"421 too many users\r\n"], False, None, 503),
        ([b"220 hello\r\n530 no\r\n"], False, None, 403),
        ([b"220 hello\r\n"], False, Fault.CUT_SHORT, 0),
    ],
)
async def test_a_server_that_breaks_the_rules_is_left_in_time(
    probe, lines, forever, fault, status
) -> None:
    began = time.monotonic()
    with talker(*lines, forever=forever) as server:
        found = await probe.bind(server, allow_private=True).greet("x")
    assert (found.fault, found.status) == (fault, status), found
    assert time.monotonic() - began < 6
