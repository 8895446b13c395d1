"""FileDetails of images: what checksum files say, when they are read, and what bad ones do not."""

import hashlib
import os
from pathlib import Path

import pytest
from django.db.models import QuerySet

from crawler.models import MasterScan, RunState
from crawler.services.scan_run import ScanPolicy
from registry.models import Category, FileDetail
from tests.crawler.trees import Clock, grow, linux, rest, scan

pytestmark = pytest.mark.django_db

IMAGES = "releases/42/Server/x86_64/iso"
WHERE = f"pub/linux/{IMAGES}"
FORMATS = {
    "md5": ("MD5SUM", "{digest}  {name}"),
    "sha1": ("SHA1SUM", "{digest} *{name}"),
    "sha256": ("Server-42-CHECKSUM", "SHA256 ({name}) = {digest}"),
    "sha512": ("image.sha512sum", "{digest}  ./{name}"),
}


def details(filename: str = "boot.iso") -> QuerySet[FileDetail]:
    found = FileDetail.objects.filter(directory__path=WHERE, filename=filename)
    return found.newest_first()


def publish(tree: Path, content: str = "boot", *, kinds: tuple[str, ...] = ("sha256",)) -> None:
    """Write an image with its checksum files."""
    lines = {}
    for kind in kinds:
        name, form = FORMATS[kind]
        digest = hashlib.new(kind, content.encode()).hexdigest()
        lines[f"{IMAGES}/{name}"] = form.format(digest=digest, name="boot.iso") + "\n"
    grow(tree, {f"{IMAGES}/boot.iso": content, **lines})


@pytest.fixture
def category(tree: Path) -> Category:
    return linux(tree)


def rested(tree: Path, category: Category, clock: Clock) -> MasterScan:
    """Scan twice with days between, so that nothing counts as fresh anymore."""
    rest(tree, clock.back(days=9))
    scan(category, clock)
    clock.forward(days=3)
    return scan(category, clock)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_digest_of_an_image(
    tree: Path, category: Category, clock: Clock, kind: str
) -> None:
    publish(tree, kinds=(kind,))
    scan(category, clock)
    assert getattr(details().get(), kind) == hashlib.new(kind, b"boot").hexdigest()


def test_several_checksum_files_make_one_row_with_size_and_time_of_the_listing(
    tree: Path, category: Category, clock: Clock
) -> None:
    publish(tree, kinds=tuple(FORMATS))
    os.utime(tree / IMAGES / "boot.iso", (1_700_000_000, 1_700_000_000))
    scan(category, clock)
    row = details().get()
    assert (row.size_bytes, row.timestamp, row.seen_at) == (4, 1_700_000_000, clock.now)
    assert all((row.md5, row.sha1, row.sha256, row.sha512))


def test_a_checksum_file_has_a_row_itself(tree: Path, category: Category, clock: Clock) -> None:
    publish(tree)
    scan(category, clock)
    data = (tree / IMAGES / "Server-42-CHECKSUM").read_bytes()
    assert details("Server-42-CHECKSUM").get().sha256 == hashlib.sha256(data).hexdigest()


def test_a_scan_without_changes_reads_no_checksum_file(
    tree: Path, category: Category, clock: Clock
) -> None:
    publish(tree)
    rested(tree, category, clock)
    listing = (tree / IMAGES / "Server-42-CHECKSUM").stat()
    (tree / IMAGES / "Server-42-CHECKSUM").write_text("x" * listing.st_size)
    os.utime(tree / IMAGES / "Server-42-CHECKSUM", (listing.st_mtime, listing.st_mtime))
    result = scan(category, clock, thorough=True)
    assert result.counts["file_details"] == 0
    assert details().count() == 1


def test_a_new_image_gets_a_new_state_and_the_old_one_stays_as_alternate(
    tree: Path, category: Category, clock: Clock
) -> None:
    publish(tree)
    rested(tree, category, clock)
    publish(tree, "boots")
    scan(category, clock, thorough=True)
    assert [row.size_bytes for row in details()] == [5, 4]


def test_an_image_that_arrives_after_its_checksum_file_is_recorded_then(
    tree: Path, category: Category, clock: Clock
) -> None:
    publish(tree)
    image = tree / IMAGES / "boot.iso"
    content = image.read_bytes()
    image.unlink()
    result = rested(tree, category, clock)
    assert not details().exists()
    image.write_bytes(content)
    result = scan(category, clock)
    assert result.counts["file_details"] == 1
    assert details().exists()


def test_files_that_are_named_but_absent_are_noted(
    tree: Path, category: Category, clock: Clock
) -> None:
    publish(tree)
    (tree / IMAGES / "boot.iso").unlink()
    result = scan(category, clock)
    assert result.state == RunState.FINISHED
    assert (
        f"The checksum files of “{WHERE}” name 1 file that is not there: boot.iso."
        in result.log.splitlines()
    )


def test_checksum_files_that_contradict_each_other_are_noted_and_not_believed(
    tree: Path, category: Category, clock: Clock
) -> None:
    publish(tree)
    grow(tree, {f"{IMAGES}/sha256sum.txt": f"{'0' * 64}  boot.iso\n"})
    result = scan(category, clock)
    assert "contradict each other, so that none is believed: boot.iso." in result.log
    assert not details().exists()


def test_a_huge_checksum_file_leaves_what_is_known(
    tree: Path, category: Category, clock: Clock
) -> None:
    publish(tree)
    scan(category, clock)
    publish(tree, "boots")
    with (tree / IMAGES / "Server-42-CHECKSUM").open("a") as file:
        file.write("#" * 6000)
    result = scan(category, clock, policy=ScanPolicy(greatest_metadata_bytes=5000))
    assert "has more than the 5,000 bytes that we read" in result.log
    assert details().get().size_bytes == 4


def test_a_checksum_file_that_nobody_can_open_is_noted(
    tree: Path, category: Category, clock: Clock
) -> None:
    publish(tree)
    grow(tree, {f"zzz/{number}/file": "" for number in range(600)})

    def remove(phase: str, count: int) -> None:
        (tree / IMAGES / "Server-42-CHECKSUM").unlink(missing_ok=True)

    result = scan(category, clock, progress=remove)
    assert f"“{WHERE}/Server-42-CHECKSUM” cannot be read (No such file or" in result.log
    assert not details().exists()


def test_metadata_of_repositories_is_not_taken_from_checksum_files(
    tree: Path, category: Category, clock: Clock
) -> None:
    repodata = "releases/42/Everything/x86_64/os/repodata"
    grow(tree, {f"{repodata}/SHA256SUMS": f"{'0' * 64}  repomd.xml\n"})
    scan(category, clock)
    rows = FileDetail.objects.filter(directory__path=f"pub/linux/{repodata}")
    assert set(rows.values_list("filename", flat=True)) == {"repomd.xml", "SHA256SUMS"}
    assert rows.get(filename="repomd.xml").sha256 != "0" * 64


def test_a_dry_run_counts_the_images_and_records_none(
    tree: Path, category: Category, clock: Clock
) -> None:
    before = scan(category, clock, dry_run=True).counts["file_details"]
    publish(tree)
    assert scan(category, clock, dry_run=True).counts["file_details"] == before + 2
    assert not FileDetail.objects.exists()


def test_names_that_are_no_text_do_no_harm(tree: Path, category: Category, clock: Clock) -> None:
    grow(tree, {f"{IMAGES}/sha256sum.txt": f"{'0' * 64}  a\nb\n# comment\n\x00\n"})
    (tree / IMAGES / "MD5SUM").write_bytes(b"\xff\xfe" + b"0" * 32 + b"  x\n")
    result = scan(category, clock)
    assert result.state == RunState.FINISHED
