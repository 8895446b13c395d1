"""The launcher behind `make run`, as somebody at a terminal sees it."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mirrorsite.demo.__main__ import environment_of, main, parse, ports_of
from tests.mirrorsite.test_demo_processes import are_gone, running
from tests.ports import free_port

pytestmark = pytest.mark.sqlite_only
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a new user: nothing of this test run, and a directory of their own."""
    ours = ("DJANGO_SETTINGS_MODULE", "SECRET_KEY", "DATABASE_URL", "PROBE_ALLOW_PRIVATE")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "STATE_DIR": str(tmp_path / "var")}


def processes_below(leader: int) -> set[int]:
    """Return the launcher and all that descends from it."""
    everybody = running()
    found = {leader}
    while more := {pid for pid, (parent, _) in everybody.items() if parent in found} - found:
        found |= more
    return found


def wait_until_ready(launcher: subprocess.Popen[str]) -> str:
    assert launcher.stdout is not None
    output = ""
    for line in launcher.stdout:
        output += line
        if "Ctrl-C stops everything" in line:
            return output
    raise AssertionError(f"The launcher ended:\n{output}")


@contextmanager
def launched(
    environment: dict[str, str], *options: str
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the launcher on free ports; yield it and the first of its ports."""
    first = free_port(6)
    ports = (f"--port={first}", f"--edge-port={first + 1}", f"--mirror-port={first + 2}")
    with subprocess.Popen(
        [sys.executable, "-m", "mirrorsite.demo", *ports, *options],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process, first
        finally:
            process.terminate()
            process.communicate(timeout=30)


def test_everything_starts_answers_and_is_gone_after_ctrl_c(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with launched(environment) as (process, port):
        output = wait_until_ready(process)
        assert re.search(r"Sign in as “operator” with the password \S{16}", output)
        assert "Mirrorsite" in fetch(f"http://127.0.0.1:{port}/admin/login/")
        metalink = fetch(
            f"http://127.0.0.1:{port + 1}/metalink?repo=updates-released-f42&arch=x86_64"
        )
        assert f"http://127.0.0.1:{port + 2}/pub/fedora/linux/updates/42/" in metalink
        assert f"http://127.0.0.1:{port + 3}/" not in metalink, "the stale mirror is offered"
        ours = processes_below(process.pid)
        assert len(ours) > 10
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
        assert process.returncode == 0, rest
        assert are_gone(ours)
    assert stat.S_IMODE((tmp_path / "var/secret_key").stat().st_mode) == 0o600


def test_an_empty_start_has_pages_and_an_edge_that_says_what_is_missing(
    environment: dict[str, str],
) -> None:
    with launched(environment, "--empty") as (process, port):
        assert "The edge says so until there is content" in wait_until_ready(process)
        assert "Mirrorsite" in fetch(f"http://127.0.0.1:{port}/admin/login/")
        with pytest.raises(urllib.error.HTTPError, match="503"):
            fetch(f"http://127.0.0.1:{port + 1}/metalink?repo=fedora-42&arch=x86_64")


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        content: bytes = answer.read()
        return content.decode()


def test_taken_ports_are_reported_before_anything_happens(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert main([f"--port={port}", "--empty", f"--edge-port={free_port()}"]) == 1
    assert f"Something listens on 127.0.0.1:{port} already" in capsys.readouterr().out
    assert not (tmp_path / "var").exists()


def test_a_step_that_fails_is_named_and_its_words_are_shown(environment: dict[str, str]) -> None:
    broken = {**environment, "DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}
    first = free_port(2)
    ports = (f"--port={first}", f"--edge-port={first + 1}")
    ran = subprocess.run(
        (sys.executable, "-m", "mirrorsite.demo", "--empty", *ports),
        cwd=ROOT,
        env=broken,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    assert "unable to open database file" in ran.stdout
    assert "“manage.py migrate --verbosity=0” failed with exit status 1" in ran.stdout


def test_what_the_environment_says_wins_over_what_a_demo_would_choose(tmp_path: Path) -> None:
    given = {"STATE_DIR": str(tmp_path / "var"), "DEBUG": "0", "SCHEDULE_UMDL_MINUTES": "30"}
    chosen = environment_of(parse([]), given)
    assert (chosen["DEBUG"], chosen["SCHEDULE_UMDL_MINUTES"]) == ("0", "30")
    assert chosen["PROBE_ALLOW_PRIVATE"] == "1"


def test_an_empty_start_never_probes_private_addresses(tmp_path: Path) -> None:
    chosen = environment_of(parse(["--empty"]), {"STATE_DIR": str(tmp_path)})
    assert "PROBE_ALLOW_PRIVATE" not in chosen


def test_the_secret_key_is_written_once_and_for_its_owner_only(tmp_path: Path) -> None:
    given = {"STATE_DIR": str(tmp_path / "var")}
    path = Path(environment_of(parse([]), given)["SECRET_KEY_FILE"])
    key = path.read_text()
    assert len(key.strip()) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    environment_of(parse([]), given)
    assert path.read_text() == key


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FILE"])
def test_a_key_that_is_given_is_used(name: str, tmp_path: Path) -> None:
    chosen = environment_of(parse([]), {"STATE_DIR": str(tmp_path / "var"), name: "given"})
    assert chosen[name] == "given"
    assert not (tmp_path / "var").exists()


def test_the_ports_of_an_empty_start_are_two() -> None:
    assert ports_of(parse(["--empty"])) == [8000, 8080]
    assert ports_of(parse([])) == [8000, 8080, 8181, 8182, 8183, 8184]
