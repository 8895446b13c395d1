"""Edges switch snapshots, restart and come back without failing a request, in real processes."""

import json
import os
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from mirrorlist.snapshot_writer import publish_file
from tests.mirrorlist.edges import QUERY, Load, an_edge, publish, running_edge
from tests.ports import free_port

RELOADS = 100
GUNICORN = [
    str(Path(sys.executable).parent / "gunicorn"),
    *("-k", "mirrorlist.edge.worker.EdgeWorker", "--no-control-socket", "mirrorlist.edge.wsgi"),
]
FAST = {"EDGE_LOOK_SECONDS": "0.02"}


def test_a_hundred_reloads_under_load_fail_no_request(tmp_path: Path) -> None:
    """Between good snapshots come damaged ones, which nobody notices but the health check."""
    publish(tmp_path)
    damaged = tmp_path / "damaged.sqlite"
    with an_edge(tmp_path, **FAST) as edge:

        def health() -> dict[str, Any]:
            return json.loads(edge.get("/healthz")[1])

        with Load(edge.port) as load:
            for number in range(1, RELOADS + 1):
                if number % 10 == 0:
                    good = (tmp_path / "one.sqlite").read_bytes()
                    damaged.write_bytes(good[: len(good) * number // 200])
                    publish_file(damaged, tmp_path / "current.sqlite")
                    edge.wait_for(lambda: "damaged" in health()["problem"])
                publish(tmp_path, f"{number}.sqlite", built_at=1_750_000_000 + number)
                edge.wait_for(lambda n=number: health()["snapshot"] == f"{n}.sqlite")
                (tmp_path / f"{number - 2}.sqlite").unlink(missing_ok=True)
        assert health()["reloads"] == RELOADS + 1
    assert load.failures == []
    assert load.answered > RELOADS


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_graceful_restart_under_load_fails_no_request(tmp_path: Path, workers: str) -> None:
    publish(tmp_path)
    with an_edge(tmp_path, "--workers", workers) as edge:
        with Load(edge.port) as load:
            for _ in range(3):
                before, answered = set(edge.workers()), load.answered
                edge.process.send_signal(signal.SIGHUP)
                edge.wait_for(lambda b=before: not b & set(edge.workers()))
                edge.wait_for(lambda a=answered: load.answered > a + 50)
        assert len(edge.workers()) == int(workers)
    assert load.failures == []


def test_a_new_master_takes_over_under_load(tmp_path: Path) -> None:
    """USR2 starts a new master beside the old one, as an upgrade of the program needs."""
    publish(tmp_path)
    pid_file = tmp_path / "edge.pid"
    arguments = [*GUNICORN, "--pid", str(pid_file)]
    with running_edge(tmp_path, arguments) as edge, Load(edge.port) as load:
        edge.process.send_signal(signal.SIGUSR2)
        edge.wait_for(Path(f"{pid_file}.2").exists)
        new = int(Path(f"{pid_file}.2").read_text())
        edge.wait_for(lambda: bool(Path(f"/proc/{new}/task/{new}/children").read_text().split()))
        answered = load.answered
        edge.wait_for(lambda: load.answered > answered + 50)
        os.kill(new, signal.SIGTERM)
        edge.wait_for(lambda: not Path(f"/proc/{new}").exists())
    assert load.failures == []


def test_an_edge_takes_the_socket_that_systemd_opened(tmp_path: Path) -> None:
    """LISTEN_FDS: the first socket is descriptor 3, and LISTEN_PID says for whom it is."""
    publish(tmp_path)
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as listener:
        os.set_inheritable(listener.fileno(), True)
        script = (
            f'exec 3<&{listener.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" -m mirrorlist.edge'
        )
        arguments = ["bash", "-c", script, sys.executable]
        with (
            running_edge(tmp_path, arguments, pass_fds=(listener.fileno(),), port=port) as edge,
            Load(port) as load,
        ):
            edge.wait_for(lambda: load.answered > 20)
    assert load.failures == []


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    publish(tmp_path)
    with an_edge(tmp_path, "--workers", "2") as edge:
        victim = edge.workers()[0]
        os.kill(victim, signal.SIGKILL)
        edge.wait_for(lambda: victim not in edge.workers() and len(edge.workers()) == 2)
        assert edge.get(f"/mirrorlist?{QUERY}")[0] == 200


def test_plain_gunicorn_has_the_same_limits(tmp_path: Path) -> None:
    publish(tmp_path)
    with running_edge(tmp_path, GUNICORN) as edge:
        assert edge.get(f"/mirrorlist?{QUERY}")[0] == 200
        assert edge.get("/" + "a" * 8000)[0] == 404  # gunicorn's own limit would be 4,094
        assert edge.get("/" + "a" * 9000)[0] == 414


def test_the_command_starts_the_same_edge(tmp_path: Path) -> None:
    snapshots = tmp_path / "snapshots"
    snapshots.mkdir()
    publish(snapshots)
    shutil.copy(snapshots / "one.sqlite", tmp_path / "current.sqlite")
    with running_edge(
        tmp_path,
        [sys.executable, "manage.py", "edge"],
        STATE_DIR=str(tmp_path),
        SECRET_KEY="only for this test",
    ) as edge:
        assert edge.get(f"/mirrorlist?{QUERY}")[0] == 200
        assert edge.get("/" + "a" * 9000)[0] == 414
