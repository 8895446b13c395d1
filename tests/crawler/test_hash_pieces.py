import hashlib
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from crawler.hashing import hash_file
from registry.models import Category, FilePieces
from tests.crawler.trees import Clock, grow, linux, scan

pytestmark = pytest.mark.django_db
SMALLEST = 256 * 1024
CONTENT = bytes(range(256)) * 2500  # two pieces and a half


def sha1(content: bytes) -> bytes:
    return hashlib.sha1(content, usedforsecurity=False).digest()


DIGESTS = sha1(CONTENT[:SMALLEST]) + sha1(CONTENT[SMALLEST : 2 * SMALLEST]) + sha1(
    CONTENT[2 * SMALLEST :]
)  # fmt: skip


@pytest.fixture
def category(tree: Path, clock: Clock, settings: Settings) -> Category:
    """A Category with one large image and one small."""
    settings.PIECES_FROM_BYTES = 500_000
    grow(tree, {"iso/boot.iso": "", "iso/small.iso": "small"})
    (tree / "iso/boot.iso").write_bytes(CONTENT)
    made = linux(tree)
    scan(made, clock)
    return made


def run(*arguments: str) -> dict[str, int]:
    """Return the number of pieces that were hashed of images, by path."""
    output = io.StringIO()
    arguments = (
        "--category",
        "Linux",
        "--below",
        "pub/linux/iso",
        "--name",
        "*.iso",
        "--json",
        *arguments,
    )
    call_command("hash_files", *arguments, stdout=output)
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    return {line["path"]: line["pieces"] for line in lines}


def test_large_files_get_the_digests_of_their_pieces(category: Category, tree: Path) -> None:
    assert run() == {"pub/linux/iso/boot.iso": 3, "pub/linux/iso/small.iso": 0}
    (row,) = FilePieces.objects.all()
    assert (row.filename, row.directory.path) == ("boot.iso", "pub/linux/iso")
    assert (row.size_bytes, row.piece_bytes) == (len(CONTENT), SMALLEST)
    assert row.mtime == int((tree / "iso/boot.iso").stat().st_mtime)
    assert bytes(row.digests) == DIGESTS


def test_verifying_records_no_pieces(category: Category) -> None:
    run("--verify")
    assert not FilePieces.objects.exists()


def test_without_a_size_there_are_no_pieces(category: Category, settings: Settings) -> None:
    settings.PIECES_FROM_BYTES = 0
    run()
    assert not FilePieces.objects.exists()


def test_only_what_is_missing_is_read_again(
    category: Category, tree: Path, clock: Clock, settings: Settings
) -> None:
    settings.PIECES_FROM_BYTES = 0
    assert len(run("--missing")) == 2
    assert run("--missing") == {}
    settings.PIECES_FROM_BYTES = 500_000
    assert run("--missing") == {"pub/linux/iso/boot.iso": 3}
    assert run("--missing") == {}


def test_pieces_of_a_file_that_changed_are_replaced(
    category: Category, tree: Path, clock: Clock
) -> None:
    run()
    changed = CONTENT * 2
    (tree / "iso/boot.iso").write_bytes(changed)
    (tree / "iso/SHA256SUMS").write_text(f"{hashlib.sha256(changed).hexdigest()}  boot.iso\n")
    scan(category, clock)
    run("--missing")
    assert FilePieces.objects.get().size_bytes == len(changed)


def test_a_damaged_file_keeps_the_pieces_it_had(category: Category, tree: Path) -> None:
    run()
    (tree / "iso/boot.iso").write_bytes(CONTENT[::-1])
    with pytest.raises(CommandError, match="not as recorded"):
        run()
    assert bytes(FilePieces.objects.get().digests) == DIGESTS


def test_pieces_of_a_file_that_is_gone_are_forgotten(
    category: Category, tree: Path, clock: Clock
) -> None:
    run()
    (tree / "iso/boot.iso").unlink()
    scan(category, clock)
    assert FilePieces.objects.exists()
    run("--missing")
    assert not FilePieces.objects.exists()


def test_pieces_do_not_depend_on_how_a_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "boot.iso"
    path.write_bytes(CONTENT)
    for chunk in (1000, SMALLEST, 10**6):
        monkeypatch.setattr("crawler.hashing.CHUNK_BYTES", chunk)
        assert hash_file(str(path), root=str(tmp_path), pieces_from_bytes=1).pieces == DIGESTS


def test_an_empty_file_has_no_pieces(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    found = hash_file(str(tmp_path / "empty"), root=str(tmp_path), pieces_from_bytes=1)
    assert (found.piece_bytes, found.pieces) == (0, b"")
