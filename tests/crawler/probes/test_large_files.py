"""Files of more than four gigabytes: a real server with one, and servers that lose count."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.logic.freshness import ask_for, judge_file
from crawler.logic.observations import Fault
from crawler.logic.verdicts import Expected, Reason
from crawler.probes.http import HttpLimits, HttpProbe
from tests.crawler.mirrors import Mirror, Request, respond
from tests.ports import free_port

SIZE = 5 * 2**30
ASK = ask_for(Expected("dvd.iso", SIZE), greatest_bytes=1000)
LIMITS = HttpLimits(answer_seconds=5, body_seconds=5)
NGINX = """
daemon off; worker_processes 1; pid {root}/pid; error_log {root}/log; user root;
events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {root}/t; proxy_temp_path {root}/t;
  fastcgi_temp_path {root}/t; uwsgi_temp_path {root}/t; scgi_temp_path {root}/t;
  server {{ listen 127.0.0.1:{port}; root {root}/tree; }} }}
"""


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    (tmp_path / "tree").mkdir()
    (tmp_path / "nginx.conf").write_text(NGINX.format(root=tmp_path, port=port))
    command = ["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait()


@pytest.mark.needs("nginx")
async def test_one_byte_beyond_four_gigabytes_is_fetched(nginx, tmp_path) -> None:
    with (tmp_path / "tree/dvd.iso").open("wb") as file:
        file.truncate(SIZE)
    async with HttpProbe(limits=LIMITS, user_agent="Tests") as probe:
        found = await probe.bind(nginx, allow_private=True).look("", ASK)
    assert (found.status, found.size) == (206, SIZE)
    assert judge_file(Expected("dvd.iso", SIZE), found).reason is Reason.SIZES_MATCH


@pytest.mark.needs("nginx")
async def test_a_file_cut_at_four_gigabytes_is_noticed(nginx, tmp_path) -> None:
    with (tmp_path / "tree/dvd.iso").open("wb") as file:
        file.truncate(2**32 - 1)
    async with HttpProbe(limits=LIMITS, user_agent="Tests") as probe:
        found = await probe.bind(nginx, allow_private=True).look("", ASK)
    assert found.size == 2**32 - 1
    verdict = judge_file(Expected("dvd.iso", SIZE), found)
    assert verdict.reason is Reason.SIZE_DIFFERS, verdict


@pytest.mark.parametrize(
    ("status", "told", "fault"),
    [
        (206, f"bytes 0-0/{SIZE}", Fault.WRONG_RANGE),
        (206, "", Fault.WRONG_RANGE),
        (206, f"bytes {2**32}-{2**32}/{SIZE}", None),
        (200, "", None),
    ],
)
async def test_a_server_that_loses_count_sends_another_part(status, told, fault) -> None:
    async def behave(request: Request, writer) -> None:
        assert request.headers["range"] == f"bytes={2**32}-{2**32}"
        header = f"Content-Range: {told}\r\n" if told else ""
        writer.write(respond(status, b"x", request, header, length=1 if status == 206 else SIZE))

    with Mirror(answer=behave) as mirror:
        async with HttpProbe(limits=LIMITS, user_agent="Tests") as probe:
            found = await probe.bind(mirror.url, allow_private=True).look("", ASK)
    assert (found.fault, found.status) == (fault, 0 if fault else status)
