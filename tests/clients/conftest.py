"""A small network for real clients: a master with one real package, mirrors of it, and an edge."""

import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
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
    def log_message(self, format: str, *args: Any) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]


@dataclass
class Mirror:
    """One loopback mirror: its files, its address and what clients asked it for."""

    root: Path
    server: ThreadingHTTPServer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/linux"

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
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.asked = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.mirrors[name] = Mirror(root, server)
        return self.mirrors[name]


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
    port = free_port()
    environment = os.environ | {
        "SECRET_KEY": "tests only",
        "STATE_DIR": str(settings.STATE_DIR),
        "MIRRORLIST_SNAPSHOT_DIR": str(settings.MIRRORLIST_SNAPSHOT_DIR),
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "edge", "--bind", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env=environment,
    )
    url = f"http://127.0.0.1:{port}"
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
