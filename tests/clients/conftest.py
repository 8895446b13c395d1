"""A small network for real clients: a master with one real package, mirrors of it, and an edge."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from registry.models import Category, Country, NetblockCountry, Product, RepositoryMapping
from tests.factories import HostFactory, HostNetblockFactory, carry
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
TREE = "linux/releases/1/Everything/x86_64/os"
SPEC = """
Name: hello-mirror
Version: {version}
Release: 1
Summary: Says that it was mirrored
License: MIT
BuildArch: noarch
%description
A package without files.
%files
"""


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        """Serve one range of a file, which the base class does not know, or the whole file."""
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if not wanted or not path.is_file():
            super().do_GET()
            return
        first, last = int(wanted[1]), int(wanted[2])
        part = path.read_bytes()[first : last + 1]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{path.stat().st_size}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, format: str, *args: Any) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]


class _IPv6Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6


@dataclass
class Mirror:
    """One loopback mirror: its files, its address and what clients asked it for."""

    root: Path
    server: ThreadingHTTPServer

    @property
    def url(self) -> str:
        host = "[::1]" if isinstance(self.server, _IPv6Server) else "127.0.0.1"
        return f"http://{host}:{self.server.server_address[1]}/linux"

    @property
    def asked(self) -> list[str]:
        return self.server.asked  # type: ignore[attr-defined]

    @property
    def repository(self) -> Path:
        return self.root / TREE


@dataclass
class Network:
    """The master and its mirrors by name, and where the edge answers."""

    master: Path
    mirrors: dict[str, Mirror] = field(default_factory=dict)
    edge: str = ""

    def copy_to(self, name: str) -> Mirror:
        """Let a new mirror copy the master as it is now."""
        root = self.master.parent / name
        shutil.copytree(self.master, root)
        handler = partial(_Handler, directory=str(root))
        return self.serve(name, root, ThreadingHTTPServer(("127.0.0.1", 0), handler))

    def serve_by_ipv6(self, name: str) -> Mirror:
        """Let a mirror answer at an IPv6 address instead; nobody is told."""
        self.stop(name)
        root = self.mirrors[name].root
        return self.serve(
            name, root, _IPv6Server(("::1", 0), partial(_Handler, directory=str(root)))
        )

    def serve(self, name: str, root: Path, server: ThreadingHTTPServer) -> Mirror:
        """Start a mirror."""
        server.asked = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.mirrors[name] = Mirror(root, server)
        return self.mirrors[name]

    def publish(self, *paths: str) -> None:
        """Let the mirrors that follow the master copy some paths, and everybody learn of it."""
        for path in paths:
            for name in ("good", "spare"):
                source, target = self.master / path, self.mirrors[name].root / path
                if source.is_dir():
                    shutil.copytree(source, target, dirs_exist_ok=True)
                else:
                    shutil.copy2(source, target)
        for command in ("umdl", "crawl", "build_snapshot"):
            call_command(command, verbosity=0)
        for mirror in self.mirrors.values():
            mirror.asked.clear()

    def asked(self) -> set[str]:
        """Return the names of the mirrors that clients asked for anything since `publish`."""
        return {name for name, mirror in self.mirrors.items() if mirror.asked}

    def stop(self, name: str) -> None:
        """Let a mirror go down after it was found up2date."""
        self.mirrors[name].server.shutdown()
        self.mirrors[name].server.server_close()


def build_package(directory: Path, version: str) -> Path:
    """Build the package with rpmbuild and index the directory that it is put into."""
    work = directory.parent / f"rpmbuild-{version}"
    work.mkdir(parents=True)
    (work / "hello.spec").write_text(SPEC.format(version=version))
    _run("rpmbuild", "--quiet", "--define", f"_topdir {work}", "-bb", str(work / "hello.spec"))
    directory.mkdir(parents=True, exist_ok=True)
    (package,) = (work / "RPMS").rglob("*.rpm")
    shutil.copy(package, directory)
    shutil.rmtree(work)
    _run("createrepo_c", "--quiet", "--update", str(directory))
    return directory / package.name


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def network(
    tmp_path: Path,
    settings: Settings,
    django_db_serialized_rollback: None,
    transactional_db: None,
) -> Iterator[Network]:
    """A master that moved on after *stale* copied it; *good*, *spare* followed; *dead* is off."""
    settings.MIRRORLIST_SNAPSHOT_DIR = tmp_path / "snapshots"
    network = Network(tmp_path / "master")
    build_package(network.master / TREE, "1")
    network.copy_to("stale")
    build_package(network.master / TREE, "2")
    for name in ("good", "spare", "dead"):
        network.copy_to(name)
    network.mirrors["dead"].server.shutdown()
    network.mirrors["dead"].server.server_close()
    _register(network)
    call_command("umdl", verbosity=0)
    call_command("crawl", verbosity=0)
    call_command("build_snapshot", verbosity=0)
    yield network
    for mirror in network.mirrors.values():
        mirror.server.shutdown()
        mirror.server.server_close()


def _register(network: Network) -> None:
    category = Category.objects.create(
        name="Linux",
        product=Product.objects.create(name="Linux"),
        top_directory="linux",
        source_location=str(network.master / "linux"),
    )
    RepositoryMapping.objects.create(pattern=r"^releases/", prefix="linux")
    NetblockCountry.objects.create(netblock="127.0.0.0/8", country=Country.objects.get(code="DE"))
    for name, mirror in network.mirrors.items():
        host = HostFactory.create(name=f"{name}.example.org")
        carry(host, category, mirror.url)
        if name == "good":  # so that it comes before the spare one
            HostNetblockFactory.create(host=host, netblock="127.0.0.0/8")


@pytest.fixture
def edge(network: Network, settings: Settings) -> Iterator[str]:
    """The address of a real edge process that answers from the network's snapshot."""
    with serving(settings, "127.0.0.1") as url:
        yield url


@pytest.fixture
def edge6(network: Network, settings: Settings) -> Iterator[str]:
    """The address of one that speaks IPv6 only."""
    with serving(settings, "[::1]") as url:
        yield url


@contextmanager
def serving(settings: Settings, address: str) -> Iterator[str]:
    port = free_port()
    environment = os.environ | {
        "SECRET_KEY": "tests only",
        "STATE_DIR": str(settings.STATE_DIR),
        "MIRRORLIST_SNAPSHOT_DIR": str(settings.MIRRORLIST_SNAPSHOT_DIR),
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "edge", "--bind", f"{address}:{port}"],
        cwd=ROOT,
        env=environment,
    )
    url = f"http://{address}:{port}"
    try:
        _wait_for(f"{url}/healthz", process)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "the edge ended"
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"{url} did not answer within 20 s")
