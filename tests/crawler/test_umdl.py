"""Scans of a local tree into the tables: what is written, when, and what is refused."""

import shutil
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crawler.models import MasterScan, RunState
from crawler.services.scan_run import ScanPolicy
from registry.logic.listings import unpack_listing
from registry.models import Directory, Event, EventKind, Repository
from tests import factories
from tests.crawler.trees import OS, TREE, Clock, grow, linux, repomd, scan

pytestmark = pytest.mark.django_db


def paths() -> set[str]:
    return set(Directory.objects.values_list("path", flat=True))


def writes(captured: CaptureQueriesContext) -> list[str]:
    statements = [query["sql"] for query in captured]
    return [sql for sql in statements if sql.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_a_first_scan_stores_every_directory_with_its_files(tree: Path, clock: Clock) -> None:
    result = scan(linux(tree), clock)
    assert result.state == RunState.FINISHED
    assert len(paths()) == 13
    assert all(path == "pub/linux" or path.startswith("pub/linux/") for path in paths())
    packages = Directory.objects.get(path=f"pub/linux/{OS}/Packages")
    assert [entry[:2] for entry in unpack_listing(packages.listing)] == [("a.rpm", 1), ("b.rpm", 2)]
    assert (packages.file_count, packages.size_bytes) == (2, 3)
    assert packages.readable
    assert packages.scanned_at == clock.now


def test_a_scan_counts_and_says_what_it_found(tree: Path, clock: Clock) -> None:
    result = scan(linux(tree), clock)
    stored = MasterScan.objects.get()
    assert stored.counts == result.counts
    assert stored.counts.pop("scope") > 0
    assert stored.counts == {
        "directories": 13,
        "files": 5,
        "bytes": sum(map(len, TREE.values())),
        "added": 13,
        "changed": 0,
        "vanished": 0,
        "deleted": 0,
        "moved": 0,
        "unreadable": 0,
        "unlisted": 0,
        "repositories": 2,
        "file_details": 2,
        "odd": 0,
    }
    assert stored.reason == (
        "13 directories with 5 files: 13 added, 0 changed, 0 vanished; "
        "2 Repositories and 2 states of metadata recorded."
    )
    assert stored.finished_at == clock.now


def test_a_rescan_without_change_writes_no_directory(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    clock.forward(minutes=5)
    with CaptureQueriesContext(connection) as captured:
        result = scan(category, clock)
    assert all("crawler_masterscan" in sql for sql in writes(captured))
    assert len(captured) <= 20
    assert (result.counts["added"], result.counts["changed"]) == (0, 0)
    assert (result.counts["directories"], result.counts["files"]) == (13, 5)


def test_a_rescan_reports_exactly_what_was_touched(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    grow(tree, {f"extra/{number}/file": "" for number in range(30)})
    scan(category, clock)
    for number in range(4):
        (tree / f"extra/{number}/file").write_text("changed in place")
    for number in range(4, 7):
        (tree / f"extra/{number}/another").touch()
    for number in range(7, 10):
        (tree / f"extra/{number}").touch()
    result = scan(category, clock)
    assert (result.counts["changed"], result.counts["added"]) == (10, 0)
    entries = unpack_listing(Directory.objects.get(path="pub/linux/extra/3").listing)
    assert entries[0].size == len("changed in place")


def test_a_change_time_is_believed_after_a_day_at_rest(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    clock.forward(days=2)
    assert scan(category, clock).counts["changed"] == 0
    clock.forward(days=1)
    (tree / OS / "Packages/a.rpm").write_text("changed in place")
    (tree / OS / "repodata/repomd.xml").write_text(repomd(1_800_000_000))
    assert scan(category, clock).counts["changed"] == 1  # metadata is always read
    assert scan(category, clock, thorough=True).counts["changed"] == 1


def test_files_are_looked_at_again_when_the_excludes_change(tree: Path, clock: Clock) -> None:
    category = linux(tree, excludes=r"\.rpm$")
    for _ in range(3):
        scan(category, clock)
        clock.forward(days=2)
    category.excludes = ""
    category.save()
    scan(category, clock)
    assert Directory.objects.get(path=f"pub/linux/{OS}/Packages").file_count == 2


def test_readability_is_written_without_reading_files(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    (tree / "releases").chmod(0o750)
    result = scan(category, clock)
    assert result.counts["unreadable"] == 7
    assert "“pub/linux/releases” is not readable by others (mode 0750)" in result.log
    assert "Not readable by others: 7." in result.reason
    assert not Directory.objects.get(path=f"pub/linux/{OS}/Packages").readable
    assert Directory.objects.get(path="pub/linux/updates").readable
    (tree / "releases").chmod(0o755)
    assert scan(category, clock).counts["unreadable"] == 0
    assert Directory.objects.get(path=f"pub/linux/{OS}/Packages").readable


def test_what_is_gone_is_deleted_with_its_repositories(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    shutil.rmtree(tree / "updates")
    result = scan(category, clock)
    assert result.counts["vanished"] == 5
    assert len(paths()) == 8
    assert list(Repository.objects.values_list("prefix", flat=True)) == ["fedora-42"]


@pytest.mark.parametrize("empty", [True, False])
def test_a_tree_that_lost_too_much_is_refused_and_nothing_is_changed(
    tree: Path, clock: Clock, empty: bool
) -> None:
    category = linux(tree)
    scan(category, clock)
    before = paths()
    for child in tree.iterdir():
        shutil.rmtree(child) if child.is_dir() else child.unlink()
    if not empty:
        grow(tree, {"left/over": "", "new/file": ""})
    result = scan(category, clock)
    assert result.state == RunState.REFUSED
    assert "--force" in result.reason
    assert paths() == before
    event = Event.objects.get(kind=EventKind.SCAN_REFUSED)
    assert event.sentence == f"The scan of Linux was refused. {result.reason}"
    assert event.facts["reason"] == ("empty" if empty else "too_much")


def test_a_loss_that_is_meant_can_be_forced(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    for child in ("releases", "updates"):
        shutil.rmtree(tree / child)
    result = scan(category, clock, force=True)
    assert result.state == RunState.FINISHED
    assert "more than 50%. It was forced." in result.reason
    assert paths() == {"pub/linux"}


def test_a_scan_that_cannot_look_fails_and_says_why(tmp_path: Path, clock: Clock) -> None:
    result = scan(linux(tmp_path / "unmounted"), clock)
    assert result.state == RunState.FAILED
    assert "unmounted is not there; mount the master tree" in MasterScan.objects.get().reason


def test_a_bad_exclude_fails_the_scan_rather_than_publish_what_it_hides(
    tree: Path, clock: Clock
) -> None:
    result = scan(linux(tree, excludes="("), clock)
    assert result.state == RunState.FAILED
    assert "The exclude “(” is not a regular expression" in result.reason
    assert not paths()


def test_excludes_of_the_category_are_left_out(tree: Path, clock: Clock) -> None:
    scan(linux(tree, excludes="^pub/linux/updates\n\\.rpm$"), clock)
    assert not any("updates" in path for path in paths())
    assert Directory.objects.get(path=f"pub/linux/{OS}/Packages").file_count == 0


def test_a_dry_run_says_what_would_change_and_writes_nothing(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    scan(category, clock)
    before = paths()
    (tree / "README").write_text("read me again")
    (tree / OS / "repodata/repomd.xml").write_text(repomd(1_800_000_000))
    shutil.rmtree(tree / "updates")
    grow(tree, {"updates/43/Everything/x86_64/repodata/repomd.xml": repomd()})
    with CaptureQueriesContext(connection) as captured:
        result = scan(category, clock, dry_run=True)
    assert writes(captured) == []
    assert MasterScan.objects.count() == 1
    assert paths() == before
    assert "pub/linux: Its files changed." in result.log
    assert "pub/linux/updates/43: It is new." in result.log
    assert "pub/linux/updates/42: It is gone." in result.log
    assert "gets “updates-released-f43”" in result.log
    assert result.reason.endswith("It was a dry run: nothing was written.")
    assert result.counts["file_details"] == 2


def test_a_directory_belongs_to_the_category_with_the_longest_top(tree: Path, clock: Clock) -> None:
    whole, narrow = (
        linux(tree),
        factories.CategoryFactory.create(
            top_directory="pub/linux/updates", source_location=str(tree / "updates")
        ),
    )
    scan(whole, clock)
    scan(narrow, clock)
    owners = dict(Directory.objects.values_list("path", "category"))
    assert owners["pub/linux"] == whole.pk
    assert owners["pub/linux/updates"] == owners["pub/linux/updates/42"] == narrow.pk


def test_directories_move_to_a_category_made_later(tree: Path, clock: Clock) -> None:
    whole = linux(tree)
    scan(whole, clock)
    before = dict(Directory.objects.values_list("path", "id"))
    narrow = factories.CategoryFactory.create(
        top_directory="pub/linux/updates", source_location=str(tree / "updates")
    )
    assert scan(whole, clock).counts["vanished"] == 0
    result = scan(narrow, clock)
    assert (result.counts["added"], result.counts["directories"]) == (0, 5)
    assert dict(Directory.objects.values_list("path", "id")) == before
    assert narrow.directories.count() == 5
    assert narrow.repositories.get().prefix == "updates-released-f42"


def test_a_category_may_be_rooted_at_the_very_top(tree: Path, clock: Clock) -> None:
    scan(linux(tree, top_directory=""), clock)
    assert {"", "releases", "updates"} < paths()


def test_the_log_of_oddities_has_an_end(tree: Path, clock: Clock) -> None:
    for number in range(30):
        (tree / f"link{number:02}").symlink_to("nowhere")
    result = scan(linux(tree), clock, policy=ScanPolicy(log_lines=10))
    assert result.counts["odd"] == 30
    assert result.log.splitlines()[-1] == "… and 20 more."
    assert len(result.log.splitlines()) == 11


def test_what_lies_below_a_directory_that_cannot_be_listed_is_kept(
    tree: Path, clock: Clock
) -> None:
    """A mount under a longer name puts the lowest directories beyond what the kernel opens."""
    whole, rest = divmod(4000 - len(str(tree)), 241)
    deep = "/".join(["d" * 240] * whole + ["d" * (rest + 1)])
    grow(tree, {f"{deep}/below/deeper/file": ""})
    category = linux(tree)
    scan(category, clock)
    before = paths()
    category.source_location = str(tree.rename(tree.with_name("m" * 250)))
    category.save()
    result = scan(category, clock)
    assert (result.state, result.counts["vanished"]) == (RunState.FINISHED, 0)
    assert "cannot be listed (File name too long); it and what is below stay" in result.log
    assert paths() == before


def test_a_directory_that_cannot_be_listed_yet_is_read_when_it_can(
    tree: Path, clock: Clock
) -> None:
    whole, rest = divmod(4000 - len(str(tree)), 241)
    deep = "/".join(["d" * 240] * whole + ["d" * (rest + 1)])
    grow(tree, {f"{deep}/file": ""})
    location = tree.rename(tree.with_name("m" * 250))
    category = linux(location)
    scan(category, clock)
    assert not paths() & {f"pub/linux/{deep}"}
    category.source_location = str(location.rename(tree))
    category.save()
    clock.forward(days=9)
    scan(category, clock)
    assert Directory.objects.get(path=f"pub/linux/{deep}").file_count == 1


def test_a_tree_that_vanishes_during_the_scan_loses_nothing(tree: Path, clock: Clock) -> None:
    """First a part of it, then all: as when a file server goes away."""
    category = linux(grow(tree, {f"many/{number}/file": "" for number in range(600)}))
    scan(category, clock)
    before = paths()
    seen = scan(category, clock, progress=lambda phase, count: shutil.rmtree(tree / "releases"))
    assert seen.state == RunState.FINISHED
    assert "“pub/linux/releases” vanished during the scan." in seen.log
    assert len(paths()) == len(before) - 7
    before = paths()
    result = scan(
        category, clock, progress=lambda phase, count: tree.rename(tree.with_name("gone"))
    )
    assert result.state == RunState.FAILED
    assert "is not there; mount the master tree" in result.reason
    assert paths() == before


@pytest.mark.parametrize("levels", [300])
def test_a_deep_tree_is_stored(tmp_path: Path, clock: Clock, levels: int) -> None:
    root = grow(tmp_path / "m", {})
    deep = "/".join(f"level{number:03}" for number in range(levels))
    (root / deep).mkdir(parents=True)
    assert scan(linux(root), clock).counts["directories"] == levels + 1
    assert f"pub/linux/{deep}" in paths()


def test_a_path_too_long_to_store_is_left_out_and_said(tmp_path: Path, clock: Clock) -> None:
    root = grow(tmp_path / "m", {})
    names = [
        "".join(chr(0x4E00 + (n * 83 + k * 7919) % 20000) for k in range(80)) for n in range(13)
    ]
    (root / "/".join(names)).mkdir(parents=True)
    result = scan(linux(root), clock)
    assert result.state == RunState.FINISHED
    assert "…” has a path too long to store; it is left out." in result.log
    assert max(len(path.encode()) for path in paths()) <= 2600


def test_names_with_line_ends_are_stored(tmp_path: Path, clock: Clock) -> None:
    root = grow(tmp_path / "m", {"two\nlines/a\nfile": ""})
    scan(linux(root), clock)
    [entry] = unpack_listing(Directory.objects.get(path="pub/linux/two\nlines").listing)
    assert entry.name == "a\nfile"


def test_progress_is_reported(tmp_path: Path, clock: Clock) -> None:
    root = grow(tmp_path / "m", {f"{number}/file": "" for number in range(600)})
    phases: list[tuple[str, int]] = []
    scan(linux(root), clock, progress=lambda phase, count: phases.append((phase, count)))
    assert phases[0] == ("scan", 500)
    assert ("write", 601) in phases
