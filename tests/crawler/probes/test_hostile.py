"""Servers that break the rules: the answer is a fault, and it comes in time."""

import asyncio
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from crawler.logic.observations import Ask, Fault, Observation
from crawler.probes.http import HttpLimits, HttpProbe
from tests.crawler.certificates import EARLY, LATE, make_certificate
from tests.crawler.mirrors import (
    Mirror,
    always,
    hang,
    never_end_headers,
    respond,
    send_without_end,
    trickle,
)

REPOMD = Ask("repomd.xml", ("sha256",))
PACKAGE = Ask("bash-5.3.rpm")
LIMITS = HttpLimits(answer_seconds=0.6, body_seconds=1, body_bytes=1000, redirects=3)
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror() as running:
        yield running


@pytest.fixture
async def probe() -> AsyncIterator[HttpProbe]:
    async with HttpProbe(limits=LIMITS, user_agent="Tests") as opened:
        yield opened


async def look(probe: HttpProbe, mirror: Mirror, ask: Ask) -> Observation:
    return await probe.bind(mirror.url, allow_private=True).look("os", ask)


@pytest.mark.parametrize(
    ("answer", "ask", "fault"),
    [
        (hang, PACKAGE, Fault.TIMEOUT),
        (hang, REPOMD, Fault.TIMEOUT),
        (never_end_headers, PACKAGE, Fault.TIMEOUT),
        (trickle, REPOMD, Fault.TOO_LARGE),
        (send_without_end, REPOMD, Fault.TOO_LARGE),
        (always(respond(200, b"short", length=900)), REPOMD, Fault.CUT_SHORT),
        (always(respond(200, b"", length=10**12)), REPOMD, Fault.TOO_LARGE),
        (always(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), REPOMD, Fault.PROTOCOL),
        (always(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"), REPOMD, Fault.CUT_SHORT),
        (always(HEAD + b"Content-Length: 12, 13\r\n\r\n"), PACKAGE, Fault.PROTOCOL),
        (always(b"SSH-2.0-OpenSSH_9.2\r\n"), PACKAGE, Fault.PROTOCOL),
        (always(HEAD + b"X: " + b"y" * 100_000), PACKAGE, Fault.PROTOCOL),
        (always(HEAD + b"X: y\r\n" * 10_000), PACKAGE, Fault.PROTOCOL),
        (always(b""), PACKAGE, Fault.CONNECTION),
        (always(HEAD[:9]), PACKAGE, Fault.CONNECTION),
    ],
)
async def test_a_hostile_answer_is_a_fault_in_time(probe, mirror, answer, ask, fault) -> None:
    mirror.answer = answer
    began = time.monotonic()
    found = await look(probe, mirror, ask)
    assert found.fault is fault, found
    assert found.detail
    assert time.monotonic() - began < 5


async def test_a_body_that_trickles_is_cut_although_every_byte_is_in_time(probe, mirror) -> None:
    async def behave(request, writer) -> None:
        writer.write(HEAD + b"Content-Length: 900\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    mirror.answer = behave
    began = time.monotonic()
    assert (await look(probe, mirror, REPOMD)).fault is Fault.TIMEOUT
    assert 0.9 < time.monotonic() - began < 3


async def test_a_closed_port_is_no_connection(probe) -> None:
    with Mirror() as mirror:
        url = mirror.url
    found = await probe.bind(url, allow_private=True).look("os", PACKAGE)
    assert found.fault is Fault.CONNECTION


async def test_a_name_that_does_not_exist_does_not_resolve(probe) -> None:
    url = probe.bind("http://mirror.invalid/pub", allow_private=True)
    assert (await url.look("os", PACKAGE)).fault is Fault.DNS


@pytest.mark.needs("openssl")
async def test_a_certificate_that_nobody_signed_is_no_trusted_connection(probe, tmp_path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with Mirror(tls=context) as mirror:
        found = await look(probe, mirror, PACKAGE)
    assert found.fault is Fault.TLS
    assert "certificate" in found.detail


@pytest.mark.needs("openssl")
@pytest.mark.parametrize(
    ("name", "end", "fault", "words"),
    [
        ("IP:127.0.0.1", LATE, None, ""),
        ("DNS:other.example.org", LATE, Fault.CERTIFICATE_NAME, "for another name"),
        ("IP:127.0.0.1", EARLY, Fault.CERTIFICATE_EXPIRED, "its certificate has expired"),
    ],
    ids=["ours", "for another name", "expired"],
)
async def test_only_a_certificate_for_this_name_and_time_is_trusted(
    tmp_path, name, end, fault, words
) -> None:
    server, client = make_certificate(tmp_path, name, end)
    with Mirror({"/pub/os/bash-5.3.rpm": b"x"}, tls=server) as mirror:
        async with HttpProbe(limits=LIMITS, user_agent="Tests", tls=client) as trusting:
            found = await look(trusting, mirror, PACKAGE)
    assert found.fault is fault
    assert words in found.detail


HUGE = "Mon, 01 Jan 2020 00:00:00 +99999999999999999999"


@pytest.mark.parametrize("name", ["Retry-After", "Date", "Last-Modified", "Expires", "Age"])
@pytest.mark.parametrize("value", [HUGE, "9" * 5000, "-1", "\N{SUPERSCRIPT TWO}"])
async def test_a_header_that_is_beyond_numbers_is_as_good_as_none(
    probe, mirror, name, value
) -> None:
    others = {"Retry-After": "Mon, 01 Jan 2020 00:00:00 GMT", "Date": HUGE[:-21] + "GMT"}
    headers = "".join(f"{k}: {v}\r\n" for k, v in {**others, name: value}.items())
    mirror.answer = always(f"HTTP/1.1 503 X\r\nContent-Length: 0\r\n{headers}\r\n".encode())
    assert (await look(probe, mirror, PACKAGE)).status == 503


@pytest.mark.parametrize("base", ["http://[::1", "http://exa mple/pub", "http://:80/pub"])
async def test_a_url_that_is_none_is_a_fault_too(probe, base) -> None:
    found = await probe.bind(base, allow_private=True).look("os", PACKAGE)
    assert found.fault is not None
