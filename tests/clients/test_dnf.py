"""Debian's dnf 4 against our answers: it gets the package from the Host that is up2date."""

import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import call_command

from registry.models import HostCategoryUrl
from tests.clients.conftest import TREE, Network, build_package

pytestmark = [
    pytest.mark.needs("dnf", "rpmbuild", "createrepo_c"),
    pytest.mark.sqlite_only,
]
QUERY = "repo=linux-1&arch=x86_64"
CONFIG = """[main]
gpgcheck=0
plugins=0
metadata_expire=0
countme=0
reposdir={work}/repos
cachedir={work}/cache
logdir={work}/state
persistdir={work}/state
"""


@dataclass
class Dnf:
    """A dnf with a configuration, cache and install root of its own."""

    work: Path

    def install(self, source: str) -> tuple[int, list[str]]:
        """Download the package; return the exit status and the names of the files that came."""
        (self.work / "repos").mkdir(parents=True)
        (self.work / "dnf.conf").write_text(CONFIG.format(work=self.work))
        (self.work / "repos/x.repo").write_text(f"[x]\nname=x\nenabled=1\n{source}\n")
        command = [
            "dnf", "-c", f"{self.work}/dnf.conf", f"--installroot={self.work}/root",
            "--releasever=1", "--forcearch=x86_64", "-y", "--downloadonly",
            f"--downloaddir={self.work}/downloads", "install", "hello-mirror",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        downloads = self.work / "downloads"
        names = sorted(path.name for path in downloads.iterdir()) if downloads.exists() else []
        return done.returncode, names

    @property
    def librepo_log(self) -> str:
        return Path(f"{self.work}/root{self.work}/state/dnf.librepo.log").read_text()


@pytest.fixture
def dnf(tmp_path: Path) -> Dnf:
    return Dnf(tmp_path / "dnf")


@pytest.mark.parametrize("kind", ["metalink", "mirrorlist"])
def test_dnf_gets_the_package_from_an_up2date_host(
    kind: str, network: Network, edge: str, dnf: Dnf
) -> None:
    for mirror in network.mirrors.values():
        mirror.asked.clear()
    status, files = dnf.install(f"{kind}={edge}/{kind}?{QUERY}")
    assert (status, files) == (0, ["hello-mirror-2-1.noarch.rpm"])
    assert any(path.endswith(".rpm") for path in network.mirrors["good"].asked)
    assert network.mirrors["stale"].asked == []
    log = dnf.librepo_log
    assert network.mirrors["good"].url in log
    for name in ("stale", "dead"):
        assert network.mirrors[name].url not in log


def test_a_wrong_hash_on_the_first_host_makes_dnf_fail_over(
    network: Network, edge: str, dnf: Dnf
) -> None:
    repomd = network.mirrors["good"].repository / "repodata/repomd.xml"
    repomd.write_bytes(repomd.read_bytes() + b"<!-- tampered -->\n")
    status, files = dnf.install(f"metalink={edge}/metalink?{QUERY}")
    assert (status, files) == (0, ["hello-mirror-2-1.noarch.rpm"])
    assert "checksum" in dnf.librepo_log.lower()
    assert any(path.endswith(".rpm") for path in network.mirrors["spare"].asked)


def test_a_damaged_package_on_the_first_host_makes_dnf_fail_over(
    network: Network, edge: str, dnf: Dnf
) -> None:
    (package,) = network.mirrors["good"].repository.glob("hello-mirror-2*.rpm")
    package.write_bytes(bytes(reversed(package.read_bytes())))
    status, files = dnf.install(f"mirrorlist={edge}/mirrorlist?{QUERY}")
    assert (status, files) == (0, ["hello-mirror-2-1.noarch.rpm"])
    assert any(path.endswith(".rpm") for path in network.mirrors["spare"].asked)


def test_dnf_is_told_when_every_listed_host_lies(network: Network, edge: str, dnf: Dnf) -> None:
    for name in ("good", "spare"):
        repomd = network.mirrors[name].repository / "repodata/repomd.xml"
        repomd.write_bytes(repomd.read_bytes().replace(b"sha256", b"sha255"))
    status, files = dnf.install(f"metalink={edge}/metalink?{QUERY}")
    assert status != 0
    assert files == []


@pytest.fixture
def moved_on(network: Network) -> None:
    """The master changed once more; what all Hosts have is the state before."""
    build_package(network.master / TREE, "3")
    call_command("umdl", verbosity=0)
    call_command("build_snapshot", verbosity=0)


def test_dnf_takes_the_state_before_while_hosts_follow_the_master(
    network: Network, moved_on: None, edge: str, dnf: Dnf
) -> None:
    with urllib.request.urlopen(f"{edge}/metalink?{QUERY}") as answer:
        assert b"<mm0:alternate>" in answer.read()
    status, files = dnf.install(f"metalink={edge}/metalink?{QUERY}")
    assert (status, files) == (0, ["hello-mirror-2-1.noarch.rpm"])


@pytest.fixture
def by_ipv6(network: Network) -> str:
    """The base URL of a mirror that speaks IPv6 only, as its owner registered it."""
    url = network.serve_by_ipv6("good").url
    urls = HostCategoryUrl.objects.filter(host_category__host__name="good.example.org")
    urls.update(url=url)
    call_command("build_snapshot", verbosity=0)
    return url


@pytest.mark.parametrize("kind", ["metalink", "mirrorlist"])
def test_dnf_speaks_ipv6_with_the_edge_and_a_mirror(
    kind: str, network: Network, by_ipv6: str, edge6: str, dnf: Dnf
) -> None:
    network.stop("spare")
    status, files = dnf.install(f"{kind}={edge6}/{kind}?{QUERY}")
    assert (status, files) == (0, ["hello-mirror-2-1.noarch.rpm"])
    assert by_ipv6 in dnf.librepo_log
