"""ostree against our answers: by mirrorlist, and by a metalink of its summary."""

import subprocess
from pathlib import Path

import pytest

from tests.clients.conftest import Network

pytestmark = [pytest.mark.needs("ostree"), pytest.mark.sqlite_only]
PATH = "linux/ostree"


@pytest.fixture
def tree(network: Network, tmp_path: Path) -> str:
    """An OSTree Repository on the master and both mirrors that follow; the commit of `main`."""
    content = tmp_path / "content"
    content.mkdir()
    (content / "hello").write_text("mirrored\n")
    repository = f"--repo={network.master / PATH}"
    ostree(repository, "init", "--mode=archive")
    commit = ostree(repository, "commit", "-b", "main", str(content), "-s", "x").strip()
    ostree(repository, "summary", "-u")
    network.publish(PATH)
    return commit


def ostree(repository: str, *arguments: str) -> str:
    command = ["ostree", repository, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


REDIRECTOR = f"{{edge}}/{PATH}"
LISTS = [
    f"mirrorlist={{edge}}/mirrorlist?path={PATH}",
    f"metalink={{edge}}/metalink?path={PATH}/summary",
    f"metalink={{edge}}/{PATH}/summary.metalink",
]


@pytest.mark.parametrize("url", [REDIRECTOR, *LISTS])
def test_ostree_pulls_from_an_up2date_host(
    url: str, network: Network, tree: str, edge: str, tmp_path: Path
) -> None:
    pull(url.format(edge=edge), tree, tmp_path)
    assert network.asked() <= {"good", "spare"}


@pytest.mark.parametrize("url", LISTS)
def test_ostree_passes_over_a_host_that_went_down_since(
    url: str, network: Network, tree: str, edge: str, tmp_path: Path
) -> None:
    network.stop("good")
    pull(url.format(edge=edge), tree, tmp_path)
    assert network.asked() == {"spare"}


def pull(url: str, tree: str, tmp_path: Path) -> None:
    """Copy the branch and read a file of it."""
    repository = f"--repo={tmp_path / 'copy'}"
    ostree(repository, "init", "--mode=bare-user")
    ostree(repository, "remote", "add", "--no-gpg-verify", "us", url)
    ostree(repository, "pull", "us", "main")
    assert ostree(repository, "rev-parse", "us:main").strip() == tree
    assert ostree(repository, "cat", tree, "/hello") == "mirrored\n"
