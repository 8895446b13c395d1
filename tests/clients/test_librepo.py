"""librepo, the library below dnf, reads our documents completely: asserted with its own binding.

The binding belongs to the system's Python, so the assertions run there in a process of their own.
"""

import json
import subprocess
from pathlib import Path

import pytest

from tests.clients.conftest import Network

pytestmark = [
    pytest.mark.needs("/usr/bin/python3", "rpmbuild", "createrepo_c"),
    pytest.mark.sqlite_only,
]
READ = """
import json, librepo, sys
handle, result = librepo.Handle(), librepo.Result()
setattr(handle, sys.argv[1], sys.argv[2])
handle.repotype, handle.destdir = librepo.LR_YUMREPO, sys.argv[3]
handle.checksum = handle.fetchmirrors = True
handle.perform(result)
found = {"mirrors": handle.mirrors, "metalink": handle.metalink}
handle.fetchmirrors = False
handle.perform(result)
print(json.dumps(found))
"""


def read(option: str, url: str, directory: Path) -> dict[str, object]:
    directory.mkdir()
    command = ["/usr/bin/python3", "-c", READ, option, url, str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_librepo_reads_the_metalink(network: Network, edge: str, tmp_path: Path) -> None:
    url = f"{edge}/metalink?repo=linux-1&arch=x86_64"
    metalink = read("metalinkurl", url, tmp_path / "out")["metalink"]
    repomd = network.master / "linux/releases/1/Everything/x86_64/os/repodata/repomd.xml"
    assert isinstance(metalink, dict)
    assert metalink["filename"] == "repomd.xml"
    assert metalink["size"] == repomd.stat().st_size
    assert [kind for kind, _ in metalink["hashes"]] == ["md5", "sha1", "sha256", "sha512"]
    assert [entry["preference"] for entry in metalink["urls"]] == [100, 99]
    first = metalink["urls"][0]
    assert first["url"].startswith(network.mirrors["good"].url)
    assert (first["protocol"], first["type"], first["location"]) == ("http", "http", "DE")


def test_librepo_reads_the_mirrorlist(network: Network, edge: str, tmp_path: Path) -> None:
    url = f"{edge}/mirrorlist?repo=linux-1&arch=x86_64"
    mirrors = read("mirrorlisturl", url, tmp_path / "out")["mirrors"]
    assert isinstance(mirrors, list)
    assert [mirror.split("/linux/")[0] + "/linux" for mirror in mirrors] == [
        network.mirrors["good"].url,
        network.mirrors["spare"].url,
    ]
