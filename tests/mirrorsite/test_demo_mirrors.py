import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirrorsite.demo.mirrors import find_span, mirror_ports, serve_mirrors
from tests.ports import free_port

TEXT = b"0123456789"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[http.client.HTTPConnection]:
    (tmp_path / "file").write_bytes(TEXT)
    (tmp_path / "directory").mkdir()
    port = free_port()
    with serve_mirrors({"good": tmp_path}, {"good": port}):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        yield connection
        connection.close()


def get(
    connection: http.client.HTTPConnection, path: str, method: str = "GET", **headers: str
) -> tuple[int, bytes, http.client.HTTPMessage]:
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.headers


def test_a_mirror_serves_files_over_one_connection(connection: http.client.HTTPConnection) -> None:
    assert get(connection, "/file")[:2] == (200, TEXT)
    assert get(connection, "/missing")[0] == 404
    assert get(connection, "/directory/")[0] == 200
    assert get(connection, "/../../../../etc/passwd")[0] == 404


def test_head_tells_size_and_time_without_the_content(
    connection: http.client.HTTPConnection,
) -> None:
    status, body, headers = get(connection, "/file", "HEAD")
    assert (status, body, headers["Content-Length"]) == (200, b"", "10")
    assert headers["Last-Modified"].endswith("GMT")


def test_part_of_a_file_can_be_asked_for(connection: http.client.HTTPConnection) -> None:
    status, body, headers = get(connection, "/file", Range="bytes=2-4")
    assert (status, body, headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert get(connection, "/file", "HEAD", Range="bytes=2-4")[:2] == (206, b"")
    assert get(connection, "/file")[:2] == (200, TEXT)


def test_a_range_beyond_the_end_is_refused(connection: http.client.HTTPConnection) -> None:
    status, body, headers = get(connection, "/file", Range="bytes=10-")
    assert (status, body, headers["Content-Range"]) == (416, b"", "bytes */10")


def test_ranges_we_do_not_know_get_the_whole_file(connection: http.client.HTTPConnection) -> None:
    assert get(connection, "/file", Range="bytes=0-1,4-5")[:2] == (200, TEXT)


@pytest.mark.parametrize(
    ("first", "last", "span"),
    [
        ("0", "0", range(1)),
        ("3", "", range(3, 10)),
        ("3", "99", range(3, 10)),
        ("", "4", range(6, 10)),
        ("", "99", range(10)),
        ("", "0", None),
        ("", "", None),
        ("5", "4", None),
        ("10", "", None),
    ],
)
def test_ranges_follow_the_rfc(first: str, last: str, span: range | None) -> None:
    assert find_span(first, last, size=10) == span


def test_the_four_mirrors_have_four_ports() -> None:
    assert mirror_ports(9000) == {"good": 9000, "stale": 9001, "broken": 9002, "private": 9003}
