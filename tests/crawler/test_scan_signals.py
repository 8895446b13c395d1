"""Scheduled scans ask the master whether anything changed before they read its tree."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from crawler import tasks
from crawler.models import MasterScan, RunState
from crawler.services.scan_run import ScanPolicy
from crawler.services.umdl import scan_categories
from registry.models import Category
from tests.crawler.masters import POLICY, file_list
from tests.crawler.mirrors import Mirror, status
from tests.crawler.trees import Clock, grow, linux, scan

pytestmark = pytest.mark.django_db
SCANS = ScanPolicy(source=POLICY)


def scheduled(category: Category, clock: Clock) -> MasterScan:
    clock.forward(minutes=10)
    [found] = scan_categories([category], clock=clock, policy=SCANS, if_changed=True)
    return found


def test_a_list_that_did_not_change_is_not_read_again(tmp_path: Path, clock: Clock) -> None:
    root = grow(tmp_path / "linux")
    (tmp_path / "fullfiletimelist-x").write_text(file_list(root, above="linux/"))
    category = linux(root, source_kind="file_list")
    assert scheduled(category, clock).state == RunState.FINISHED
    skipped = scheduled(category, clock)
    assert skipped.state == RunState.SKIPPED
    assert skipped.reason.startswith("The change signal is the same as in the scan of ")
    os.utime(tmp_path / "fullfiletimelist-x")
    assert scheduled(category, clock).state == RunState.FINISHED


def test_skips_fill_one_row_between_two_scans(tree: Path, clock: Clock) -> None:
    category = linux(tree, change_signals="README")
    for _ in range(4):
        scheduled(category, clock)
    (tree / "README").write_text("new")
    for _ in range(3):
        scheduled(category, clock)
    rows = MasterScan.objects.order_by("id").values_list("state", "counts__skipped")
    assert list(rows) == [
        ("finished", None), ("skipped", 3), ("finished", None), ("skipped", 2),
    ]  # fmt: skip
    latest = MasterScan.objects.latest("id")
    assert latest.finished_at == clock.now
    assert latest.started_at == clock.now - timedelta(minutes=10)


def test_once_a_day_a_scan_runs_anyway(tree: Path, clock: Clock) -> None:
    category = linux(tree, change_signals="README")
    scheduled(category, clock)
    clock.forward(hours=23, minutes=30)
    assert scheduled(category, clock).state == RunState.SKIPPED
    clock.forward(minutes=20)
    assert scheduled(category, clock).state == RunState.FINISHED


def test_a_master_that_is_being_filled_is_left_alone(tree: Path, clock: Clock) -> None:
    category = linux(tree, change_signals="releases/42/COMPOSE_ID")
    scheduled(category, clock)
    marker = tree / "releases/42/.sync_in_progress"
    marker.touch()
    skipped = scheduled(category, clock)
    assert skipped.reason == f"The master is being changed: {marker} is there."
    marker.unlink()
    (tree / "releases/42/COMPOSE_ID").write_text("42")
    assert scheduled(category, clock).state == RunState.FINISHED


def test_a_failed_scan_is_not_what_signals_are_compared_with(tree: Path, clock: Clock) -> None:
    category = linux(tree, change_signals="README")
    scheduled(category, clock)
    (tree / "README").write_text("new")
    category.excludes = "("
    assert scheduled(category, clock).state == RunState.FAILED
    category.excludes = ""
    assert scheduled(category, clock).state == RunState.FINISHED


def test_a_change_on_the_page_of_the_category_is_a_change(tree: Path, clock: Clock) -> None:
    category = linux(tree, change_signals="README")
    scheduled(category, clock)
    category.excludes = "^pub/linux/updates"
    assert scheduled(category, clock).state == RunState.FINISHED


@pytest.mark.parametrize("signals", ["", "absent"])
def test_without_a_signal_every_scheduled_scan_runs(tree: Path, clock: Clock, signals: str) -> None:
    category = linux(tree, change_signals=signals)
    scheduled(category, clock)
    assert scheduled(category, clock).state == RunState.FINISHED


def test_a_remote_master_is_asked_by_http(tree: Path, clock: Clock) -> None:
    behave = status(200, b"", "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n")
    with Mirror(special={"/pub/9-stream/COMPOSE_ID": behave}) as web:
        category = linux(tree, checksum_base=web.url, change_signals="9-stream/COMPOSE_ID")
        scheduled(category, clock)
        assert scheduled(category, clock).state == RunState.SKIPPED
        web.files["/pub/9-stream/.sync_in_progress"] = b""
        assert "is being changed" in scheduled(category, clock).reason
        del web.files["/pub/9-stream/.sync_in_progress"]
        web.special["/pub/9-stream/COMPOSE_ID"] = status(200, b"", 'ETag: "b"\r\n')
        assert scheduled(category, clock).state == RunState.FINISHED
        web.special["/pub/9-stream/COMPOSE_ID"] = status(500)
        assert scheduled(category, clock).state == RunState.FINISHED
    assert set(web.asked()) == {"HEAD"}


def test_a_manual_scan_runs_whatever_the_signal_says(tree: Path, clock: Clock) -> None:
    category = linux(tree, change_signals="README")
    scheduled(category, clock)
    assert scan(category, clock).state == RunState.FINISHED


def test_the_scheduled_task_says_what_it_skipped(tree: Path) -> None:
    linux(tree, change_signals="README")
    assert "13 directories" in tasks.umdl()
    assert "Linux: The change signal is the same" in tasks.umdl()
