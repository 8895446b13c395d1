"""Real edges for tests: processes on loopback, what they log, and clients that ask without end."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mirrorlist.snapshot_writer import publish_file, write_snapshot
from tests.mirrorlist.test_snapshot_file import CONTENTS
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
QUERY = "repo=c%2B%2B&arch=x86_64"
EDGE = ["-m", "mirrorlist.edge"]


class RunningEdge:
    """An edge that answers: its port, its master process and its log."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.port = port
        self.process = process
        self.log = log

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Ask once, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers=headers)
            got = connection.getresponse()
            return got.status, got.read()
        finally:
            connection.close()

    def answers(self) -> bool:
        try:
            return self.get("/healthz")[0] in (200, 503)
        except OSError:
            return False

    def wait_for(self, condition: Callable[[], bool], *, seconds: float = 30) -> None:
        """Wait until something is so, and fail with the log if it does not come."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        pid = self.process.pid
        return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def running_edge(
    directory: Path,
    arguments: list[str],
    *,
    pass_fds: tuple[int, ...] = (),
    port: int = 0,
    **over: str,
) -> Iterator[RunningEdge]:
    """Start a program that becomes an edge; stop it and expect that it ends well."""
    port = port or free_port()
    log = directory / "edge.log"
    environment = {
        "PATH": os.environ["PATH"],
        "MIRRORLIST_SNAPSHOT": str(directory / "current.sqlite"),
    }
    bind = [] if pass_fds else ["--bind", f"127.0.0.1:{port}"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*arguments, *bind],
            cwd=ROOT,
            env=environment | over,
            stdout=output,
            stderr=output,
            pass_fds=pass_fds,
        )
    edge = RunningEdge(port, process, log)
    try:
        edge.wait_for(edge.answers)
        yield edge
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0, log.read_text()
    assert "Traceback" not in log.read_text(), log.read_text()


def an_edge(directory: Path, *arguments: str, **over: Any):
    """Start an edge of our own program."""
    return running_edge(directory, [sys.executable, *EDGE, *arguments], **over)


def publish(directory: Path, name: str = "one.sqlite", *, built_at: int = 0) -> Path:
    """Put a good snapshot in place; return where edges look for it."""
    contents = CONTENTS
    if built_at:
        contents = CONTENTS.__class__(**(vars(CONTENTS) | {"built_at": built_at}))
    (directory / name).unlink(missing_ok=True)
    write_snapshot(directory / name, contents)
    publish_file(directory / name, directory / "current.sqlite")
    return directory / "current.sqlite"


class Load:
    """Clients that ask without end, each on a connection that it keeps as long as it is let."""

    def __init__(self, port: int, *, clients: int = 4, path: str = f"/mirrorlist?{QUERY}") -> None:
        self.answered = 0
        self.failures: list[str] = []
        self._port = port
        self._path = path
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        while not self._stop.is_set():
            try:
                connection.request("GET", self._path)
                got = connection.getresponse()
                body = got.read()
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                connection.close()
                continue
            if got.status != 200 or not body.startswith(b"# repo = c++ "):
                self.failures.append(f"{got.status} {body[:80]!r}")
            self.answered += 1
        connection.close()
