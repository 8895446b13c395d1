"""Directories whose time changed and whose files did not, and trees that turn out to be empty."""

import shutil
from pathlib import Path

import pytest

from crawler.logic.master_diff import Change, ChangeReason, Known, Seen
from crawler.models import RunState
from crawler.services.master_tables import store_changes
from registry.models import Category, Directory
from tests.conftest import NOW
from tests.crawler.trees import OS, Clock, linux, scan

pytestmark = pytest.mark.django_db
PACKAGES = f"pub/linux/{OS}/Packages"


def write_touched(category: Category, known: Known) -> Directory:
    """Write that a Directory was touched, and return its row."""
    store_changes(
        category,
        [Change(PACKAGES, readable=True, reasons=(ChangeReason.TOUCHED,))],
        seen={PACKAGES: Seen(known.digest, readable=True, changed_at=NOW, file_count=2)},
        listings={},
        known={PACKAGES: known},
        now=NOW,
    )
    return Directory.objects.get(path=PACKAGES)


def known_of(row: Directory) -> Known:
    return Known(row.pk, bytes(row.digest), row.readable, row.changed_at, 2, row.size_bytes)


def test_a_touched_directory_keeps_its_listing(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    before = Directory.objects.get(path=PACKAGES)
    after = write_touched(category, known_of(before))
    assert (after.changed_at, after.scanned_at) == (NOW, NOW)
    assert (after.listing, after.digest, after.file_count) == (before.listing, before.digest, 2)


def test_one_that_was_deleted_meanwhile_is_read_by_the_next_scan(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    row = Directory.objects.get(path=PACKAGES)
    known = known_of(row)
    row.delete()
    assert bytes(write_touched(category, known).digest) == b""
    assert scan(category, clock).counts["changed"] == 1
    assert Directory.objects.get(path=PACKAGES).file_count == 2


def test_an_empty_tree_is_refused_and_nothing_is_deleted(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    shutil.rmtree(tree)
    tree.mkdir()
    result = scan(category, clock)
    assert result.state == RunState.REFUSED
    assert result.reason.startswith("The tree is empty, but 13 Directories with 5 files are known.")
    assert Directory.objects.filter(vanished_at=None).count() == 13
