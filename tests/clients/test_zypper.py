"""zypper against our answers: through the redirector, by mirrorlist and by metalink."""

import subprocess
from pathlib import Path

import pytest

from tests.clients.conftest import TREE, Network

pytestmark = [
    pytest.mark.needs("zypper", "rpmbuild", "createrepo_c"),
    pytest.mark.sqlite_only,
]
QUERY = "repo=linux-1&arch=x86_64"


def install(work: Path, source: str) -> tuple[int, list[str]]:
    """Download the package; return the exit status and the names of the packages that came."""
    repos = work / "etc/zypp/repos.d"
    repos.mkdir(parents=True)
    (repos / "z.repo").write_text(
        f"[z]\nname=z\nenabled=1\nautorefresh=1\ntype=rpm-md\ngpgcheck=0\n{source}\n"
    )
    zypper = ["zypper", "--root", str(work), "--non-interactive", "--no-gpg-checks"]
    for command in (["refresh", "-f"], ["install", "--download-only", "hello-mirror"]):
        done = subprocess.run([*zypper, *command], capture_output=True, check=False, timeout=120)
        if done.returncode:
            break
    return done.returncode, sorted(path.name for path in work.rglob("*.rpm"))


@pytest.mark.parametrize(
    "source",
    [
        f"baseurl={{edge}}/{TREE}/",
        f"mirrorlist={{edge}}/mirrorlist?{QUERY}",
        f"mirrorlist={{edge}}/metalink?{QUERY}",
        f"metalink={{edge}}/metalink?{QUERY}",
    ],
    ids=["redirector", "mirrorlist", "metalink as mirrorlist", "metalink"],
)
def test_zypper_gets_the_package_from_an_up2date_host(
    source: str, network: Network, edge: str, tmp_path: Path
) -> None:
    for mirror in network.mirrors.values():
        mirror.asked.clear()
    status, files = install(tmp_path / "root", source.format(edge=edge))
    assert (status, files) == (0, ["hello-mirror-2-1.noarch.rpm"])
    assert network.mirrors["stale"].asked == []
    assert any(path.endswith(".rpm") for path in network.mirrors["good"].asked)


def test_zypper_passes_over_a_host_that_went_down_since(
    network: Network, edge: str, tmp_path: Path
) -> None:
    network.stop("good")
    status, files = install(tmp_path / "root", f"metalink={edge}/metalink?{QUERY}")
    assert (status, files) == (0, ["hello-mirror-2-1.noarch.rpm"])
    assert any(path.endswith(".rpm") for path in network.mirrors["spare"].asked)
