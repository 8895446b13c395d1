import asyncio
import io

import pytest

from registry.download import DownloadError, DownloadPolicy, download, is_url
from tests.crawler.mirrors import Mirror, always, respond
from tests.ports import free_port

POLICY = DownloadPolicy(allow_private=True, answer_seconds=1, total_seconds=3, greatest_bytes=1000)


def fetch(url: str, policy: DownloadPolicy = POLICY) -> bytes:
    file = io.BytesIO()
    download(url, file, policy=policy)
    return file.getvalue()


def test_a_document_is_written_to_the_file_as_it_comes() -> None:
    seen: list[tuple[int, int | None]] = []
    file = io.BytesIO()
    with Mirror({"/pub/list": b"x" * 500}) as mirror:
        download(
            f"{mirror.url}/list",
            file,
            policy=POLICY,
            advance=lambda count, total: seen.append((count, total)),
        )
        headers = mirror.requests[0].headers
    assert file.getvalue() == b"x" * 500
    assert sum(count for count, _ in seen) == 500
    assert {total for _, total in seen} == {500}
    assert "gzip" not in headers.get("accept-encoding", "")


def test_redirects_are_followed_to_the_document() -> None:
    with Mirror({"/pub/new": b"content"}) as mirror:
        mirror.special["/pub/old"] = always(respond(302, b"", headers="Location: new\r\n"))
        assert fetch(f"{mirror.url}/old") == b"content"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (respond(503, b""), "answers 503."),
        (respond(200, b"x" * 10, length=20), "cannot be fetched"),
        (respond(200, b"x" * 2000), "has 2,000 bytes; the limit is 1,000."),
        (respond(301, b"", headers="Location: ftp://127.0.0.1/\r\n"), "is no web address."),
        (b"nonsense\r\n\r\n", "cannot be fetched"),
    ],
)
def test_what_is_not_a_whole_document_is_an_error(answer: bytes, sentence: str) -> None:
    with (
        Mirror(answer=always(answer)) as mirror,
        pytest.raises(DownloadError, match=sentence),
    ):
        fetch(f"{mirror.url}/list")


def test_who_does_not_answer_is_not_waited_for() -> None:
    async def silence(*_: object) -> None:
        await never.wait()

    never = asyncio.Event()
    with Mirror(answer=silence) as mirror, pytest.raises(DownloadError, match="did not answer"):
        fetch(f"{mirror.url}/list")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_addresses_that_are_not_the_internet_are_not_visited(name: str) -> None:
    strict = POLICY._replace(allow_private=False)
    with Mirror({"/pub/list": b"secret"}) as mirror:
        with pytest.raises(DownloadError, match="it is this machine itself"):
            fetch(f"http://{name}:{mirror.port}/pub/list", strict)
        assert mirror.requests == []


def test_a_closed_port_is_an_error() -> None:
    with pytest.raises(DownloadError, match="cannot be fetched"):
        fetch(f"http://127.0.0.1:{free_port()}/list")


def test_only_web_addresses_are_urls() -> None:
    assert is_url("HTTPS://example.org/x")
    assert not is_url("/srv/rib.bz2")
    assert not is_url("file:///etc/passwd")
