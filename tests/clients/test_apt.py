"""apt against our answers: through the redirector, and by mirrorlist with mirror+http."""

import os
import subprocess
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tests.clients.conftest import Network

pytestmark = [
    pytest.mark.needs("apt-get", "dpkg-deb", "dpkg-scanpackages", "gpg"),
    pytest.mark.sqlite_only,
]
CONTROL = """Package: hello-mirror
Version: 2
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: Says that it was mirrored
"""


@pytest.fixture
def key(network: Network, tmp_path: Path) -> Path:
    """A signed repository at linux/deb, on the master and both mirrors that follow; its key."""
    deb = network.master / "linux/deb"
    deb.mkdir()
    package = tmp_path / "package/DEBIAN"
    package.mkdir(parents=True)
    (package / "control").write_text(CONTROL)
    subprocess.run(
        ["dpkg-deb", "-b", str(package.parent), str(deb / "hello-mirror_2_all.deb")],
        check=True,
        capture_output=True,
    )
    packages = subprocess.run(
        ["dpkg-scanpackages", "."], cwd=deb, check=True, capture_output=True
    ).stdout
    (deb / "Packages").write_bytes(packages)
    date = format_datetime(datetime.now(UTC), usegmt=True).replace("GMT", "UTC")
    (deb / "Release").write_text(
        f"Origin: t\nDate: {date}\nSHA256:\n"
        f" {sha256(packages).hexdigest()} {len(packages)} Packages\n"
    )
    key = sign(deb, tmp_path / "gpg")
    network.publish("linux/deb")
    return key


def sign(deb: Path, home: Path) -> Path:
    home.mkdir(mode=0o700)
    environment = os.environ | {"GNUPGHOME": str(home)}

    def gpg(*arguments: str) -> bytes:
        command = ["gpg", "--batch", "--yes", "--quiet", *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True).stdout

    gpg("--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", "t@example.org",
        "default", "default", "never")  # fmt: skip
    gpg("--clearsign", "-o", str(deb / "InRelease"), str(deb / "Release"))
    (home / "key.gpg").write_bytes(gpg("--export", "t@example.org"))
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=environment, check=False)
    return home / "key.gpg"


def apt(work: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run apt-get with a state and configuration of its own."""
    options = {
        "Dir::State": work, "Dir::State::lists": work / "lists",
        "Dir::State::status": work / "status", "Dir::Cache": work / "cache",
        "Dir::Etc": work / "etc", "Dir::Etc::sourcelist": work / "etc/sources.list",
        "Dir::Etc::sourceparts": "/dev/null", "Acquire::http::Proxy": "DIRECT",
        "APT::Sandbox::User": "root",
    }  # fmt: skip
    given = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    return subprocess.run(
        ["apt-get", *given, *command],
        cwd=work / "out",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def download(work: Path, source: str) -> tuple[int, str, list[str]]:
    """Update and download; return the status, messages and the packages that came."""
    for name in ("lists/partial", "cache/archives/partial", "etc", "out"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()
    (work / "etc/sources.list").write_text(f"deb {source}\n")
    done = apt(work, "--error-on=any", "update")
    if not done.returncode:
        done = apt(work, "download", "hello-mirror")
    return done.returncode, done.stderr, sorted(path.name for path in (work / "out").iterdir())


@pytest.mark.parametrize(
    "source",
    ["{edge}/linux/deb/ ./", "mirror+{edge}/mirrorlist?path=linux/deb ./"],
    ids=["redirector", "mirrorlist"],
)
def test_apt_gets_the_package_from_an_up2date_host(
    source: str, network: Network, key: Path, edge: str, tmp_path: Path
) -> None:
    line = f"[signed-by={key}] {source.format(edge=edge)}"
    status, errors, files = download(tmp_path / "apt", line)
    assert (status, files) == (0, ["hello-mirror_2_all.deb"]), errors
    assert network.asked() <= {"good", "spare"}
    assert any(
        path.endswith(".deb") for name in network.asked() for path in network.mirrors[name].asked
    )


def test_apt_is_answered_that_nothing_changed(
    network: Network, key: Path, edge: str, tmp_path: Path
) -> None:
    """The second update sends the time of the file that the first one got."""
    line = f"[signed-by={key}] {edge}/linux/deb/ ./"
    assert download(tmp_path / "apt", line)[0] == 0
    for mirror in network.mirrors.values():
        mirror.asked.clear()
    done = apt(tmp_path / "apt", "--error-on=any", "update")
    assert (done.returncode, "Hit:" in done.stdout) == (0, True), done.stderr
    assert network.asked() == set()
