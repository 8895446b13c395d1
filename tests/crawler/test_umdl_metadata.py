"""FileDetails: what is recorded of repomd.xml, and what a bad one does not do."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from django.db.models import QuerySet

from crawler.models import RunState
from crawler.services.file_details import age_out_file_details
from crawler.services.scan_run import ScanPolicy
from registry.models import Category, FileDetail
from tests import factories
from tests.crawler.trees import OS, UPDATES, Clock, grow, linux, repomd, scan, sha256

pytestmark = pytest.mark.django_db

REPODATA = f"pub/linux/{OS}/repodata"
BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "&{a};&{a};&{a};&{a};">' for a, b in zip("abcdefg", "bcdefgh", strict=True)
    )
    + "]><repomd>&h;</repomd>"
)


def history() -> QuerySet[FileDetail]:
    return FileDetail.objects.filter(directory__path=REPODATA).newest_first()


def publish(tree: Path, content: str, *, at: datetime | None = None) -> None:
    path = tree / OS / "repodata/repomd.xml"
    path.write_text(content)
    if at is not None:
        os.utime(path, (at.timestamp(), at.timestamp()))


def test_a_repomd_is_recorded_with_all_digests(tree: Path, clock: Clock) -> None:
    scan(linux(tree), clock)
    detail = history().get()
    assert detail.sha256 == sha256(repomd())
    assert (len(detail.md5), len(detail.sha1), len(detail.sha512)) == (32, 40, 128)
    assert (detail.timestamp, detail.size_bytes) == (1_700_000_000, len(repomd()))
    assert detail.seen_at == clock.now


def test_each_new_state_is_added_to_the_history(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    for timestamp in (1_700_000_000, 1_700_000_500, 1_700_000_100):
        publish(tree, repomd(timestamp), at=clock.now)
        scan(category, clock)
        clock.forward(hours=1)
    assert [detail.timestamp for detail in history()] == [
        1_700_000_100,
        1_700_000_500,
        1_700_000_000,
    ]


def test_a_state_that_is_back_becomes_current_again(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    for timestamp in (1_700_000_000, 1_700_000_500, 1_700_000_000):
        publish(tree, repomd(timestamp), at=clock.now)
        result = scan(category, clock)
        clock.forward(hours=1)
    assert result.counts["file_details"] == 1
    assert [detail.timestamp for detail in history()] == [1_700_000_000, 1_700_000_500]


def test_a_state_of_the_same_size_in_the_same_second_is_not_missed(
    tree: Path, clock: Clock
) -> None:
    """Only the content differs, as when a compose replaces another within a second."""
    category = linux(tree)
    publish(tree, repomd(), at=clock.now)
    scan(category, clock)
    publish(tree, repomd(1_700_000_001), at=clock.now)
    scan(category, clock)
    assert history()[0].timestamp == 1_700_000_001


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (repomd()[:-9], "is not well-formed XML"),
        ("", "is not well-formed XML"),
        (BILLION_LAUGHS, "is not XML that we accept"),
        ("<html/>", "is not repository metadata but <html>"),
        (repomd() + " " * 5000, "has 5,162 bytes, more than the 5,000 that we read"),
    ],
)
def test_a_bad_repomd_leaves_the_last_good_one_and_says_why(
    tree: Path, clock: Clock, content: str, sentence: str
) -> None:
    category = linux(tree)
    scan(category, clock)
    publish(tree, content)
    policy = ScanPolicy(greatest_metadata_bytes=5000)
    for _ in range(2):
        result = scan(category, clock, policy=policy)
        assert result.state == RunState.FINISHED
        assert f"“{REPODATA}/repomd.xml” {sentence}" in result.log
        assert history().get().sha256 == sha256(repomd())
    publish(tree, repomd(1_800_000_000))
    scan(category, clock, policy=policy)
    assert history()[0].timestamp == 1_800_000_000


def test_a_repomd_without_timestamps_has_the_time_of_its_file(tree: Path, clock: Clock) -> None:
    publish(tree, "<repomd><data/></repomd>")
    scan(linux(tree), clock)
    modified = (tree / OS / "repodata/repomd.xml").stat().st_mtime
    assert history().get().timestamp == int(modified)


def test_repodata_without_repomd_is_noted(tree: Path, clock: Clock) -> None:
    (tree / OS / "repodata/repomd.xml").rename(tree / OS / "repodata/repomd.xml.new")
    result = scan(linux(tree), clock)
    assert f"“{REPODATA}” has no repomd.xml." in result.log
    assert not history().exists()


def test_a_repomd_that_vanishes_before_it_is_read_is_noted(tree: Path, clock: Clock) -> None:
    grow(tree, {f"many/{number}/file": "" for number in range(600)})

    def remove(phase: str, count: int) -> None:
        (tree / UPDATES / "repodata/repomd.xml").unlink(missing_ok=True)

    (tree / "many").rename(tree / "zzz")
    result = scan(linux(tree), clock, progress=remove)
    assert result.state == RunState.FINISHED
    assert "repomd.xml” cannot be read (No such file or directory)" in result.log


@pytest.fixture
def category() -> Category:
    made: Category = factories.CategoryFactory.create()
    return made


def test_states_age_out_but_the_newest_never_does(category: Category, clock: Clock) -> None:
    for filename, ages in (("repomd.xml", (1, 6, 9)), ("a.iso", (15, 40)), ("b.iso", (400,))):
        directory = factories.DirectoryFactory.create(category=category)
        for days in ages:
            factories.FileDetailFactory.create(
                directory=directory,
                filename=filename,
                timestamp=days,
                seen_at=clock.back(days=days),
            )
    dropped = age_out_file_details(category, now=clock.now, policy=ScanPolicy().history)
    assert dropped == 2
    assert set(FileDetail.objects.values_list("filename", "timestamp")) == {
        ("repomd.xml", 1),
        ("repomd.xml", 6),
        ("a.iso", 15),
        ("b.iso", 400),
    }


def test_every_scan_drops_what_is_too_old(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    publish(tree, repomd(1_800_000_000))
    clock.forward(days=1)
    scan(category, clock)
    assert history().count() == 2
    clock.forward(days=5)
    scan(category, clock)
    assert history().count() == 1
