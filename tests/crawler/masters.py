"""Masters that are not on this machine: rsync daemons, file lists and stored listings of a tree."""

import hashlib
import os
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crawler.logic.scope import ScanScope
from crawler.master.base import Oddity, ScannedDirectory, SourcePlace, SourcePolicy
from crawler.master.sources import open_source
from tests.ports import free_port

POLICY = SourcePolicy(allow_private=True, answer_seconds=5)


@contextmanager
def rsync_daemon(root: Path, state: Path, *, more: str = "") -> Iterator[str]:
    """Serve a tree as a module of a real daemon; yield its URL."""
    port = free_port()
    state.mkdir()
    configuration = state / "rsyncd.conf"
    configuration.write_text(
        f"use chroot = no\nport = {port}\naddress = 127.0.0.1\nmotd file = {state}/motd\n"
        f"pid file = {state}/pid\nlog file = {state}/log\nuid = {os.geteuid()}\ngid = *\n{more}\n"
        f"[tree]\npath = {root}\nread only = yes\n"
    )
    (state / "motd").write_text("Welcome to the master!\n-rw-r--r-- this is no file\n")
    command = ["rsync", "--daemon", "--no-detach", f"--config={configuration}"]
    daemon = subprocess.Popen(command)
    try:
        while not (state / "pid").exists() and daemon.poll() is None:
            time.sleep(0.01)
        time.sleep(0.1)
        yield f"rsync://127.0.0.1:{port}/tree"
    finally:
        daemon.terminate()
        daemon.wait()


def file_list(root: Path, *, above: str = "") -> str:
    """Return the fullfiletimelist of a tree as create-filelist writes it, children first."""
    rows, sums = [], []
    for directory, _, names in os.walk(root, topdown=False):
        for path in [*(Path(directory, name) for name in sorted(names)), Path(directory)]:
            status = path.lstat()
            kind = "l" if path.is_symlink() else "d" if path.is_dir() else "f"
            closed = "" if status.st_mode & stat.S_IROTH else "-"
            relative = str(path.relative_to(root))
            name = above + relative if relative != "." else above.rstrip("/") or "."
            newest = int(max(status.st_mtime, status.st_ctime))
            rows.append(f"{newest}\t{kind}{closed}\t{status.st_size}\t{name}\n")
            if path.name == "repomd.xml":
                digest = hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()
                sums.append(f"{digest}\t{name}\n")
    return f"[Version]\n2\n\n[Files]\n{''.join(rows)}\n[Checksums SHA1]\n{''.join(sums)}\n[End]\n"


def listing(url: str) -> bytes:
    """Return what rsync prints about a tree."""
    command = ["rsync", "-rl", "--list-only", "--no-human-readable", "--no-motd", f"{url}/"]
    environment = os.environ | {"LC_ALL": "C", "TZ": "UTC"}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout


def look(kind: str, location: str, **over: Any) -> dict[str, ScannedDirectory]:
    """Return what a source sees, by path."""
    return dict(everything(kind, location, **over)[0])


def everything(
    kind: str, location: str, **over: Any
) -> tuple[dict[str, ScannedDirectory], list[Oddity]]:
    """Return what a source sees and all that was odd."""
    excludes = over.pop("excludes", ())
    policy = over.pop("policy", POLICY)
    source = open_source(
        SourcePlace(kind, location, **over), ScanScope("pub", excludes=excludes), policy
    )
    found = list(source.directories(unchanged={}))
    directories = [item for item in found if isinstance(item, ScannedDirectory)]
    odd = [item for item in found if isinstance(item, Oddity)]
    for directory in directories:
        odd.extend(directory.oddities)
    return {item.path: item for item in directories}, odd
