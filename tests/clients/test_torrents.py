"""Torrents, magnet links and pieces in the hands of a real client, without any peer."""

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from registry.models import FilePieces
from tests.clients.conftest import TREE, Network

pytestmark = [pytest.mark.sqlite_only, pytest.mark.needs("aria2c", "curl")]
NAME = "big file+1%é.iso"
ADDRESS = f"{TREE}/big%20file%2B1%25%C3%A9.iso"
CONTENT = bytes(range(256)) * 4096 + b"the end"  # four pieces and a bit
ARIA2 = (
    "aria2c", "--no-conf", "--console-log-level=warn", "--summary-interval=0", "--enable-dht=false",
    "--enable-dht6=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false", "--seed-time=0",
    "--file-allocation=none",
)  # fmt: skip


@pytest.fixture
def image(network: Network, settings: Settings) -> bytes:
    """An image whose pieces are known."""
    settings.PIECES_FROM_BYTES = 2**20
    (network.master / TREE / NAME).write_bytes(CONTENT)
    network.publish(f"{TREE}/{NAME}")
    call_command("hash_files", "--category", "Linux", "--name", "*.iso", verbosity=0)
    call_command("build_snapshot", verbosity=0)
    assert len(FilePieces.objects.get().digests) == 5 * 20
    return CONTENT


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def fetch(url: str, path: Path) -> str:
    run("curl", "-fsS", "-o", str(path), url)
    return str(path)


def test_aria2_shows_what_a_torrent_says(image: bytes, edge: str, tmp_path: Path) -> None:
    torrent = fetch(f"{edge}/{ADDRESS}.torrent", tmp_path / "x.torrent")
    shown = run("aria2c", "-S", torrent)
    assert f"Name: {NAME}" in shown
    assert "Piece Length: 256KiB" in shown
    assert "The Number of Pieces: 5" in shown
    assert f"({len(image):,})" in shown
    info_hash = re.search("Info Hash: ([0-9a-f]{40})", shown)
    assert info_hash
    magnet = run("curl", "-fsS", f"{edge}/{ADDRESS}?magnet")
    assert f"xt=urn:btih:{info_hash[1]}&" in magnet
    assert f"Magnet URI: magnet:?xt=urn:btih:{info_hash[1].upper()}" in shown


def test_aria2_downloads_a_torrent_from_mirrors(
    network: Network, image: bytes, edge: str, tmp_path: Path
) -> None:
    torrent = fetch(f"{edge}/{ADDRESS}.torrent", tmp_path / "x.torrent")
    run(*ARIA2, "-d", str(tmp_path / "here"), torrent)
    assert (tmp_path / "here" / NAME).read_bytes() == image
    assert network.asked()
    assert network.asked() <= {"good", "spare"}


def test_aria2_follows_the_address_of_a_torrent(image: bytes, edge: str, tmp_path: Path) -> None:
    run(*ARIA2, "-d", str(tmp_path), f"{edge}/{ADDRESS}?torrent")
    assert (tmp_path / NAME).read_bytes() == image


def test_aria2_repairs_a_damaged_copy_by_its_pieces(
    image: bytes, edge: str, tmp_path: Path
) -> None:
    (tmp_path / NAME).write_bytes(bytes([image[0] ^ 1]) + image[1:])
    run(*ARIA2, "--check-integrity", "-d", str(tmp_path), f"{edge}/{ADDRESS}.meta4")
    assert (tmp_path / NAME).read_bytes() == image


def test_aria2_keeps_no_piece_of_a_mirror_that_was_tampered_with(
    network: Network, image: bytes, edge: str, tmp_path: Path
) -> None:
    wrong = bytes([image[0] ^ 1]) + image[1:]
    for name in ("good", "spare"):
        (network.mirrors[name].repository / NAME).write_bytes(wrong)
    command = [*ARIA2, "-d", str(tmp_path), f"{edge}/{ADDRESS}.meta4"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode
    assert "checksum" in (done.stdout + done.stderr).lower()


def test_a_metalink_with_pieces_is_valid(image: bytes, edge: str, tmp_path: Path) -> None:
    path = fetch(f"{edge}/{ADDRESS}.meta4", tmp_path / "x.meta4")
    assert Path(path).read_text().count("<hash>") == 5
    schema = Path(__file__).parent.parent / "data" / "metalink4.rng"
    run("xmllint", "--noout", "--nonet", "--relaxng", str(schema), path)
