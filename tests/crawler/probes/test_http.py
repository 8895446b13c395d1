import hashlib
from collections.abc import AsyncIterator, Iterator

import pytest

from crawler.logic.observations import Ask, Fault, Observation
from crawler.probes.http import HttpLimits, HttpProbe
from tests.crawler.mirrors import Mirror, always, redirect, respond, status

BODY = b"<repomd/>"
REPOMD = Ask("repomd.xml", ("sha256",))
PACKAGE = Ask("bash-5.3.rpm")
LIMITS = HttpLimits(answer_seconds=2, body_seconds=2, body_bytes=1000, redirects=3)


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    files = {"/pub/os/repomd.xml": BODY, "/pub/os/bash-5.3.rpm": b"x" * 5000}
    with Mirror(files) as running:
        yield running


@pytest.fixture
async def probe() -> AsyncIterator[HttpProbe]:
    async with HttpProbe(limits=LIMITS, user_agent="Tests/1 (+https://example.org)") as opened:
        yield opened


async def look(probe: HttpProbe, mirror: Mirror, ask: Ask, path: str = "os") -> Observation:
    return await probe.bind(mirror.url, allow_private=True).look(path, ask)


async def test_a_size_is_asked_for_with_head(probe, mirror) -> None:
    found = await look(probe, mirror, PACKAGE)
    assert found == Observation(f"{mirror.url}/os/bash-5.3.rpm", 200, 5000)
    assert mirror.asked() == ["HEAD"]


async def test_we_say_who_we_are_and_want_nothing_compressed(probe, mirror) -> None:
    await look(probe, mirror, PACKAGE)
    headers = mirror.requests[0].headers
    assert headers["user-agent"] == "Tests/1 (+https://example.org)"
    assert headers["accept-encoding"] == "identity"


async def test_a_digest_is_asked_for_with_get(probe, mirror) -> None:
    found = await look(probe, mirror, REPOMD)
    assert found.digests == (("sha256", hashlib.sha256(BODY).hexdigest()),)
    assert (found.status, found.size) == (200, len(BODY))
    assert mirror.asked() == ["GET"]


async def test_a_missing_file_is_an_answer(probe, mirror) -> None:
    assert (await look(probe, mirror, Ask("gone.rpm"))).status == 404
    assert (await look(probe, mirror, Ask("gone.xml", ("sha256",)))).status == 404


async def test_connections_are_kept_alive(probe, mirror) -> None:
    url = probe.bind(mirror.url, allow_private=True)
    for _ in range(3):
        await url.look("os", PACKAGE)
    assert mirror.connections == 1


async def test_the_directory_itself_is_asked_for_with_a_slash(probe, mirror) -> None:
    assert (await look(probe, mirror, Ask(""))).status == 200
    assert (await look(probe, mirror, Ask(""), path="")).status == 200
    assert [each.path for each in mirror.requests] == ["/pub/os/", "/pub/"]


async def test_names_are_quoted_where_they_must_be(probe, mirror) -> None:
    await look(probe, mirror, Ask("c++ #1?%é.rpm"), path="a b")
    assert mirror.requests[0].path == "/pub/a%20b/c++%20%231%3F%25%C3%A9.rpm"


@pytest.mark.parametrize("refusal", [405, 501])
async def test_a_server_that_refuses_head_is_asked_for_one_byte(probe, mirror, refusal) -> None:
    async def behave(request, writer) -> None:
        if request.method == "HEAD":
            return writer.write(respond(refusal, b"", request))
        assert request.headers["range"] == "bytes=0-0"
        return writer.write(respond(206, b"x", request, "Content-Range: bytes 0-0/5000\r\n"))

    mirror.answer = behave
    url = probe.bind(mirror.url, allow_private=True)
    first, second = await url.look("os", PACKAGE), await url.look("os", PACKAGE)
    assert (first.status, first.size, first.requests) == (206, 5000, 2)
    assert (second.size, second.requests) == (5000, 1)
    assert mirror.asked() == ["HEAD", "GET", "GET"]


async def test_the_size_of_an_empty_file_is_known_without_head(probe, mirror) -> None:
    async def behave(request, writer) -> None:
        if request.method == "HEAD":
            return writer.write(respond(405, b"", request))
        return writer.write(respond(416, b"", request, "Content-Range: bytes */0\r\n"))

    mirror.answer = behave
    found = await look(probe, mirror, PACKAGE)
    assert (found.status, found.size) == (200, 0)


async def test_redirects_are_followed_to_the_final_answer(probe, mirror) -> None:
    mirror.special["/pub/os/a.rpm"] = redirect("b.rpm", 301)
    mirror.special["/pub/os/b.rpm"] = redirect(f"{mirror.url}/os/bash-5.3.rpm#part", 307)
    found = await look(probe, mirror, Ask("a.rpm"))
    way = (f"{mirror.url}/os/a.rpm", f"{mirror.url}/os/b.rpm")
    final = f"{mirror.url}/os/bash-5.3.rpm"
    assert found == Observation(final, 200, 5000, requests=3, redirects=way)


async def test_a_redirect_loop_is_noticed(probe, mirror) -> None:
    mirror.special["/pub/os/a"] = redirect("b")
    mirror.special["/pub/os/b"] = redirect("a")
    found = await look(probe, mirror, Ask("a"))
    assert (found.fault, found.requests) == (Fault.REDIRECT_LOOP, 2)


async def test_endless_redirects_are_given_up(probe, mirror) -> None:
    async def behave(request, writer) -> None:
        await redirect(f"{request.path}x")(request, writer)

    mirror.answer = behave
    found = await look(probe, mirror, PACKAGE)
    assert (found.fault, found.requests) == (Fault.TOO_MANY_REDIRECTS, 4)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher:x"])
async def test_redirects_to_other_schemes_are_not_followed(probe, mirror, target) -> None:
    mirror.special["/pub/os/a"] = redirect(target)
    found = await look(probe, mirror, Ask("a"))
    assert found.fault is Fault.REDIRECT_REFUSED
    assert target in found.detail


async def test_a_redirect_without_a_target_is_an_odd_answer(probe, mirror) -> None:
    mirror.answer = status(302)
    assert (await look(probe, mirror, PACKAGE)).status == 302


async def test_a_compressed_answer_tells_no_size(probe, mirror) -> None:
    mirror.answer = status(200, b"x" * 20, "Content-Encoding: gzip\r\n")
    assert (await look(probe, mirror, PACKAGE)).size is None


async def test_a_gzip_bomb_is_never_unpacked(probe, mirror) -> None:
    bomb = bytes.fromhex("1f8b0800") + b"\0" * 500
    mirror.answer = status(200, bomb, "Content-Encoding: gzip\r\n")
    found = await look(probe, mirror, REPOMD)
    assert found.digests == (("sha256", hashlib.sha256(bomb).hexdigest()),)


async def test_a_page_for_people_is_recognized(probe, mirror) -> None:
    mirror.answer = status(200, b"<html>", "Content-Type: text/HTML; charset=utf-8\r\n")
    assert (await look(probe, mirror, PACKAGE)).html


async def test_no_length_is_no_size(probe, mirror) -> None:
    mirror.answer = always(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    found = await look(probe, mirror, PACKAGE)
    assert (found.status, found.size) == (200, None)


async def test_many_digests_come_from_one_request(probe, mirror) -> None:
    found = await look(probe, mirror, Ask("repomd.xml", ("sha512", "md5")))
    assert dict(found.digests) == {
        "sha512": hashlib.sha512(BODY).hexdigest(),
        "md5": hashlib.new("md5", BODY, usedforsecurity=False).hexdigest(),
    }
    assert mirror.asked() == ["GET"]
