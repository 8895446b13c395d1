"""Directories that go away, come back, or turn up elsewhere."""

import shutil
from pathlib import Path

import pytest

from crawler.logic.master_diff import DiffPolicy
from crawler.models import RunState
from crawler.services.scan_run import ScanPolicy
from registry.models import Category, Directory, FileDetail, Repository
from tests.crawler.trees import OS, UPDATES, Clock, grow, linux
from tests.crawler.trees import scan as scan_once

pytestmark = pytest.mark.django_db
GRACE = DiffPolicy().settle  # a day
POLICY = ScanPolicy(diff=DiffPolicy(grace=GRACE))


def scan(category: Category, clock: Clock, **over: object):
    return scan_once(category, clock, **{"policy": POLICY, **over})


def gone() -> list[str]:
    return list(Directory.objects.exclude(vanished_at=None).values_list("path", flat=True))


def test_what_is_gone_is_kept_for_the_grace_and_then_deleted(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    shutil.rmtree(tree / "updates")
    result = scan(category, clock)
    assert (result.counts["vanished"], result.counts["deleted"]) == (5, 0)
    assert len(gone()) == 5
    clock.forward(hours=23)
    assert scan(category, clock).counts["vanished"] == 0
    assert len(gone()) == 5
    clock.forward(hours=1)
    assert scan(category, clock).counts["deleted"] == 5
    assert not Directory.objects.filter(path__startswith="pub/linux/updates").exists()


def test_what_is_gone_is_not_crawled(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    shutil.rmtree(tree / "updates")
    scan(category, clock)
    assert Directory.objects.crawlable().count() == 8


def test_what_comes_back_is_as_if_it_had_never_been_gone(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    before = list(Directory.objects.order_by("path").values_list("id", "path", "digest"))
    details = FileDetail.objects.count()
    (tree / "updates").rename(tree.parent / "away")
    scan(category, clock)
    (tree.parent / "away").rename(tree / "updates")
    result = scan(category, clock)
    assert gone() == []
    assert list(Directory.objects.order_by("path").values_list("id", "path", "digest")) == before
    assert FileDetail.objects.count() == details
    assert result.counts["added"] == 0


def test_the_reason_of_a_return_is_told(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    (tree / "updates").rename(tree.parent / "away")
    waiting = scan(category, clock, dry_run=True)
    assert "pub/linux/updates: It is gone; it is deleted if it stays so for 1 days." in waiting.log
    scan(category, clock)
    (tree.parent / "away").rename(tree / "updates")
    assert "pub/linux/updates/42: It is back." in scan(category, clock, dry_run=True).log


def test_what_moved_is_known_by_its_files_and_has_no_grace(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    (tree / "archive").mkdir(mode=0o755)
    (tree / "releases/42").rename(tree / "archive/42")
    result = scan(category, clock)
    assert result.log.splitlines()[0] == (
        "“pub/linux/releases/42” moved to “pub/linux/archive/42”: the 6 Directories there have "
        "the same files."
    )
    assert (result.counts["moved"], result.counts["deleted"]) == (6, 6)
    assert gone() == []


def test_a_repository_that_moves_takes_its_prefix_along(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    held = Repository.objects.get(directory__path=f"pub/linux/{UPDATES}").prefix
    (tree / "updates/42/Everything/now").mkdir(mode=0o755)
    (tree / UPDATES).rename(tree / "updates/42/Everything/now/x86_64")
    scan(category, clock)
    moved = Repository.objects.get(prefix=held).directory.path
    assert moved == "pub/linux/updates/42/Everything/now/x86_64"


def test_a_repository_that_is_gone_yields_its_prefix(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    held = Repository.objects.get(directory__path=f"pub/linux/{OS}").prefix
    shutil.rmtree(tree / OS)
    grow(tree, {f"{OS.removesuffix('/os')}/tree/repodata/repomd.xml": "<repomd/>"})
    scan(category, clock)
    assert Repository.objects.get(prefix=held).directory.path.endswith("/tree")
    old = Repository.objects.get(directory__path=f"pub/linux/{OS}")
    assert old.reason == "Its Directory is gone, and another Repository has its prefix."


def test_a_great_move_is_no_loss(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    (tree / "new").mkdir(mode=0o755)
    for name in ("releases", "updates"):
        (tree / name).rename(tree / "new" / name)
    assert scan(category, clock).state == RunState.FINISHED


def test_the_guard_comes_before_the_grace(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    for name in ("releases", "updates"):
        shutil.rmtree(tree / name)
    assert scan(category, clock).state == RunState.REFUSED
    assert gone() == []


def test_a_second_loss_is_measured_by_what_was_left(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    shutil.rmtree(tree / "updates")
    assert scan(category, clock).state == RunState.FINISHED
    shutil.rmtree(tree / "releases")
    assert scan(category, clock).state == RunState.REFUSED
    assert len(gone()) == 5
