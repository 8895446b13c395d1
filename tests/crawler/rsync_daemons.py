"""Real rsync daemons on loopback addresses."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port

CONFIG = """
port = {port}
address = {address}
use chroot = no
reverse lookup = no
uid = {uid}
gid = {gid}
log file = {state}/log
pid file = {state}/pid
[pub]
    path = {root}
    read only = yes
[nopath]
    path = {root}/does-not-exist
[full]
    path = {root}
    max connections = -1
"""


@contextmanager
def rsync_daemon(
    root: Path, state: Path, *, address: str = "127.0.0.1", options: Sequence[str] = ()
) -> Iterator[str]:
    """Serve a tree as the module `pub`; yield the URL of the daemon."""
    state.mkdir(exist_ok=True)
    port = free_port()
    facts = {"root": root, "state": state, "uid": os.getuid(), "gid": os.getgid()}
    config = state / "rsyncd.conf"
    config.write_text(CONFIG.format(port=port, address=address, **facts))
    command = ["rsync", "--daemon", "--no-detach", f"--config={config}", *options]
    daemon = subprocess.Popen(command, start_new_session=True)
    try:
        _wait(address, port)
        host = f"[{address}]" if ":" in address else address
        yield f"rsync://{host}:{port}"
    finally:
        os.killpg(daemon.pid, signal.SIGTERM)
        daemon.wait()


def _wait(address: str, port: int) -> None:
    for _ in range(200):
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            if probe.connect_ex((address, port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("The rsync daemon did not start.")


def grow(root: Path, files: dict[str, bytes], *, mtime: int | dict[str, int] = 1000) -> Path:
    """Write files with the times that the master has."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        seconds = mtime if isinstance(mtime, int) else mtime.get(name, 1000)
        os.utime(path, (seconds, seconds))
    return root
