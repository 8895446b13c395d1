"""The edge: the WSGI application, and a real process of it on a loopback address."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mirrorlist.edge.application import EdgeApplication
from mirrorlist.edge_config import EdgeConfig, read_config
from mirrorlist.logic.files import FilePolicy
from mirrorlist.logic.world import AnswerPolicy
from mirrorlist.snapshot_writer import publish_file, write_snapshot
from mirrorlist.watch import Watch
from tests.mirrorlist.memory import OS, FixedGeo
from tests.mirrorlist.test_snapshot_file import CONTENTS
from tests.ports import free_port

EVERYTHING = FilePolicy()
ROOT = Path(__file__).resolve().parents[2]
QUERY = "repo=c%2B%2B&arch=x86_64"


def call(application: EdgeApplication, path: str, query: str = QUERY, **environ: str):
    started: list[Any] = []
    body = b"".join(
        application(
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REMOTE_ADDR": "192.0.2.99",
            }
            | environ,
            lambda status, headers: started.extend([status, dict(headers)]),
        )
    )
    return started[0], started[1], body


@pytest.fixture
def current(tmp_path: Path) -> Path:
    write_snapshot(tmp_path / "one.sqlite", CONTENTS)
    publish_file(tmp_path / "one.sqlite", tmp_path / "current.sqlite")
    return tmp_path / "current.sqlite"


def answering(path: Path, *, files: FilePolicy = EVERYTHING, **config: Any) -> EdgeApplication:
    """Return an application that has read the snapshot and keeps no threads."""
    policy = AnswerPolicy(trusted_proxy_count=1, files=files)
    application = EdgeApplication(
        EdgeConfig(path, policy=policy, **config), clock=lambda: 1_750_000_060.0
    )
    application.watch = Watch(path, FixedGeo(), policy, rng=Random(0))
    application.watch.refresh()
    application._started_in = os.getpid()
    return application


@pytest.fixture
def application(current: Path) -> EdgeApplication:
    return answering(current)


@pytest.mark.parametrize("path", ["/mirrorlist", "/any/where/mirrorlist"])
def test_a_mirrorlist_is_served_below_any_prefix(application, path: str) -> None:
    status, headers, body = call(application, path, HTTP_X_FORWARDED_FOR="192.0.2.1")
    assert status == "200 OK"
    assert headers == {"Content-Type": "text/plain", "Content-Length": str(len(body))}
    assert body.startswith(b"# repo = c++ arch = x86_64 Using preferred netblock country = DE ")
    assert b"https://b/fedora/linux/42/x86_64/os/\n" in body


@pytest.mark.parametrize("path", ["/", "/mirrorlist/", "/robots.txt", "/mirrorlist\xff"])
def test_an_edge_may_serve_nothing_else(current: Path, path: str) -> None:
    application = answering(current, files=FilePolicy(prefix=""))
    assert call(application, path) == (
        "404 Not Found",
        {"Content-Length": "31"},
        b"We don't serve their kind here!",
    )


def test_head_has_the_length_and_no_body(application) -> None:
    _, headers, body = call(application, "/mirrorlist", REQUEST_METHOD="HEAD")
    assert body == b""
    assert int(headers["Content-Length"]) > 50


def test_health_tells_what_is_answered_from(application) -> None:
    status, _, body = call(application, "/healthz")
    facts = json.loads(body)
    assert status == "200 OK"
    assert (facts["snapshot"], facts["age_seconds"], facts["problem"]) == ("one.sqlite", 60, "")


def test_without_a_snapshot_clients_are_told_to_come_back(tmp_path: Path) -> None:
    application = answering(tmp_path / "none")
    assert call(application, "/mirrorlist")[0] == "503 Service Unavailable"
    status, _, body = call(application, "/healthz")
    assert status == "503 Service Unavailable"
    assert json.loads(body)["problem"].endswith("none is missing.")


def test_the_last_good_snapshot_serves_on(current: Path, caplog) -> None:
    application = answering(current)
    watch = application.watch
    good = watch.world
    half = (current.parent / "one.sqlite").read_bytes()[:5000]
    current.with_name("two.sqlite").write_bytes(half)
    publish_file(current.with_name("two.sqlite"), current)
    watch.refresh()
    watch.refresh()
    assert watch.world is good
    assert call(application, "/mirrorlist")[0] == "200 OK"
    assert "it was cut short" in json.loads(call(application, "/healthz")[2])["problem"]
    assert caplog.text.count("Still answering from one.sqlite.") == 1
    current.unlink()
    watch.refresh()
    assert watch.world is good
    publish_file(current.with_name("one.sqlite"), current)
    watch.refresh()
    assert watch.problem == ""
    assert watch.world is not good


def test_an_unchanged_file_is_not_read_again(current: Path) -> None:
    watch = answering(current).watch
    world = watch.world
    assert not watch.refresh()
    assert watch.world is world


def test_the_application_watches_by_itself(current: Path) -> None:
    link = current.with_name("later.sqlite")
    application = EdgeApplication(EdgeConfig(link, look_seconds=0.01))
    assert call(application, "/mirrorlist")[0] == "503 Service Unavailable"
    publish_file(current.with_name("one.sqlite"), link)
    deadline = time.monotonic() + 5
    while call(application, "/healthz")[0] != "200 OK":
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("environment", "snapshot", "policy"),
    [
        ({}, "var/snapshots/current.sqlite", AnswerPolicy(5, 0)),
        ({"STATE_DIR": "/x"}, "/x/snapshots/current.sqlite", AnswerPolicy(5, 0)),
        ({"MIRRORLIST_SNAPSHOT_DIR": "/y"}, "/y/current.sqlite", AnswerPolicy(5, 0)),
        (
            {"MIRRORLIST_SNAPSHOT": "/z", "MIRRORLIST_MINIMUM_HOSTS": "9"},
            "/z",
            AnswerPolicy(9, 0),
        ),
        ({"TRUSTED_PROXY_COUNT": "2"}, "var/snapshots/current.sqlite", AnswerPolicy(5, 2)),
    ],
)
def test_the_environment_configures_an_edge(environment, snapshot: str, policy) -> None:
    config = read_config(environment)
    assert (str(config.snapshot), config.policy) == (snapshot, policy)


def test_a_number_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="TRUSTED_PROXY_COUNT must be a number, not “many”"):
        read_config({"TRUSTED_PROXY_COUNT": "many"})


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        got = connection.getresponse()
        return got.status, got.read()
    finally:
        connection.close()


@pytest.fixture
def edge(current: Path, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A real edge; yields its port and the file of its log."""
    port, log = free_port(), tmp_path / "log"
    arguments = ["-m", "mirrorlist.edge", "--bind", f"127.0.0.1:{port}"]
    environment = {"PATH": os.environ["PATH"], "MIRRORLIST_SNAPSHOT": str(current)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 20
        while b"Booting worker" not in log.read_bytes() or not answers(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield port, log
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def answers(port: int) -> bool:
    try:
        return get(port, "/healthz")[0] == 200
    except OSError:
        return False


def test_a_real_edge_outlives_a_damaged_snapshot(edge, current: Path) -> None:
    port, log = edge
    assert get(port, f"/mirrorlist?{QUERY}")[0] == 200
    assert get(port, f"/metalink?path={OS}/repodata/repomd.xml")[0] == 200
    assert get(port, "/else")[0] == 404
    half = current.with_name("half.sqlite")
    half.write_bytes(current.read_bytes()[:5000])
    publish_file(half, current)
    deadline = time.monotonic() + 15
    while "cut short" not in log.read_text():
        assert get(port, f"/mirrorlist?{QUERY}")[0] == 200
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    shutil.copy(current.with_name("one.sqlite"), current.with_name("three.sqlite"))
    publish_file(current.with_name("three.sqlite"), current)
    while "Answering from three.sqlite" not in log.read_text():
        assert get(port, f"/mirrorlist?{QUERY}")[0] == 200
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    assert "Traceback" not in log.read_text()


def test_an_edge_imports_no_django() -> None:
    """Import-linter reads the code; this asks a process."""
    code = (
        "import sys, mirrorlist.edge.__main__, mirrorlist.edge.wsgi;"
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'psycopg')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_bad_setting_stops_an_edge_with_its_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mirrorlist.edge"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "TRUSTED_PROXY_COUNT": "many"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "TRUSTED_PROXY_COUNT must be a number" in done.stderr
