"""Download programs by file path: redirects, ranges, metalinks of both versions, fail-over."""

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from registry.models import FileDetail
from tests.clients.conftest import TREE, Network

pytestmark = pytest.mark.sqlite_only
NAME = "big file+1%.iso"
ADDRESS = f"{TREE}/big%20file%2B1%25.iso"
CONTENT = bytes(range(256)) * 4096


@pytest.fixture
def image(network: Network) -> bytes:
    """An image that the scan knows the digest of."""
    (network.master / TREE / NAME).write_bytes(CONTENT)
    sums = f"{sha256(CONTENT).hexdigest()}  {NAME}\n"
    (network.master / TREE / "SHA256SUMS").write_text(sums)
    network.publish(f"{TREE}/{NAME}", f"{TREE}/SHA256SUMS")
    assert FileDetail.objects.filter(filename=NAME).exists()
    return CONTENT


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


@pytest.mark.needs("curl")
def test_curl_follows_to_the_best_host(
    network: Network, image: bytes, edge: str, tmp_path: Path
) -> None:
    run("curl", "-fsSL", "-o", str(tmp_path / "x"), f"{edge}/{ADDRESS}")
    assert (tmp_path / "x").read_bytes() == image
    assert network.asked() == {"good"}


@pytest.mark.needs("curl")
def test_curl_gets_a_range_of_the_file(
    network: Network, image: bytes, edge: str, tmp_path: Path
) -> None:
    path = tmp_path / "part"
    written = ["-w", "%{http_code}", "-o", str(path)]
    status = run("curl", "-fsSL", "-r", "1000-1099", *written, f"{edge}/{ADDRESS}")
    assert (status, path.read_bytes()) == ("206", image[1000:1100])


@pytest.mark.needs("curl")
def test_curl_sees_headers_by_head(image: bytes, edge: str) -> None:
    head = run("curl", "-fsSI", "-H", "Accept: application/metalink4+xml", f"{edge}/{ADDRESS}")
    assert head.startswith("HTTP/1.1 302 Found")
    assert "rel=duplicate; pri=1; geo=de" in head
    assert "Repr-Digest: sha-256=:" in head
    assert "Vary: Accept" in head


@pytest.mark.needs("curl")
def test_a_copy_that_is_current_is_not_fetched_again(
    network: Network, image: bytes, edge: str, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"mine")
    time = (network.master / TREE / NAME).stat().st_mtime
    run("touch", "-d", f"@{int(time)}", str(path))
    status = run(
        "curl", "-sS", "-z", str(path), "-o", str(path), "-w", "%{http_code}", f"{edge}/{ADDRESS}"
    )
    assert (status, path.read_bytes()) == ("304", b"mine")


@pytest.mark.needs("wget")
def test_wget_follows_to_the_best_host(
    network: Network, image: bytes, edge: str, tmp_path: Path
) -> None:
    run("wget", "-q", "-O", str(tmp_path / "x"), f"{edge}/{ADDRESS}")
    assert (tmp_path / "x").read_bytes() == image
    assert network.asked() == {"good"}


@pytest.mark.needs("wget")
def test_wget_copies_a_tree_by_the_pages_of_its_directories(
    network: Network, image: bytes, edge: str, tmp_path: Path
) -> None:
    run(
        "wget", "-q", "-r", "-np", "-nH", "-H", "-D", "127.0.0.1", "--no-parent", "--reject-regex",
        r"\?", "-P", str(tmp_path), f"{edge}/{TREE}/repodata/",
    )  # fmt: skip
    assert list(tmp_path.rglob("repomd.xml"))


@pytest.mark.needs("sha256sum", "curl")
def test_sha256sum_reads_the_digest(
    network: Network, image: bytes, edge: str, tmp_path: Path
) -> None:
    run("curl", "-fsSL", "-o", str(tmp_path / NAME), f"{edge}/{ADDRESS}")
    digest = run("curl", "-fsS", f"{edge}/{ADDRESS}.sha256")
    subprocess.run(["sha256sum", "-c", "-"], input=digest, text=True, check=True, cwd=tmp_path)


ARIA2 = ("aria2c", "--no-conf", "--console-log-level=warn", "--summary-interval=0")


@pytest.mark.needs("aria2c")
@pytest.mark.parametrize("ending", ["", ".meta4", ".metalink", "?meta4"])
def test_aria2_downloads_by_metalink(
    ending: str, network: Network, image: bytes, edge: str, tmp_path: Path
) -> None:
    run(*ARIA2, "-d", str(tmp_path), f"{edge}/{ADDRESS}{ending}")
    assert (tmp_path / NAME).read_bytes() == image
    assert not (tmp_path / f"{NAME}.1").exists()
    assert network.asked() <= {"good", "spare"}
    assert not list(tmp_path.glob("*.1.iso"))


@pytest.mark.needs("aria2c")
def test_aria2_passes_over_a_dead_first_mirror(
    network: Network, image: bytes, edge: str, tmp_path: Path
) -> None:
    network.stop("good")
    run(*ARIA2, "--connect-timeout=2", "--max-tries=1", "-d", str(tmp_path), f"{edge}/{ADDRESS}")
    assert (tmp_path / NAME).read_bytes() == image
    assert network.asked() == {"spare"}


@pytest.mark.needs("aria2c")
def test_aria2_notices_a_file_that_was_tampered_with(
    network: Network, image: bytes, edge: str, tmp_path: Path
) -> None:
    for name in ("good", "spare"):
        (network.mirrors[name].repository / NAME).write_bytes(bytes(len(image)))
    command = [*ARIA2, "-d", str(tmp_path), f"{edge}/{ADDRESS}"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert done.returncode == 32


@pytest.mark.needs("xmllint", "curl")
@pytest.mark.parametrize("ending", ["meta4", "metalink"])
def test_metalinks_are_well_formed_and_valid(
    ending: str, image: bytes, edge: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.xml"
    path.write_text(run("curl", "-fsS", f"{edge}/{ADDRESS}.{ending}"))
    schema = Path(__file__).parent.parent / "data" / "metalink4.rng"
    options = ["--relaxng", str(schema)] if ending == "meta4" else []
    run("xmllint", "--noout", "--nonet", *options, str(path))
