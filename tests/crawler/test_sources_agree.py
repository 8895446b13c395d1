"""The same tree, looked at in three ways, is the same tree: one digest for each Directory."""

import os
from pathlib import Path

import pytest

from crawler.models import MasterScan, RunState
from crawler.services.scan_run import ScanPolicy
from crawler.services.umdl import scan_category
from registry.models import Category, Directory, FileDetail, Repository
from tests.crawler.masters import POLICY, file_list, rsync_daemon
from tests.crawler.mirrors import Mirror
from tests.crawler.trees import OS, TREE, UPDATES, Clock, grow, linux, repomd

SCANS = ScanPolicy(source=POLICY)


def scan(category: Category, clock: Clock) -> MasterScan:
    return scan_category(category, clock=clock, policy=SCANS)


def digests() -> dict[str, tuple[bytes, bool, int]]:
    rows = Directory.objects.values_list("path", "digest", "readable", "file_count")
    return {path: (bytes(digest), readable, files) for path, digest, readable, files in rows}


def point(category: Category, kind: str, location: str, **over: str) -> None:
    category.source_kind, category.source_location = kind, location
    for name, value in over.items():
        setattr(category, name, value)
    category.save()


@pytest.fixture
def master(tmp_path: Path) -> Path:
    """A tree with what sources could see differently: symlinks, modes, strange names."""
    root = grow(tmp_path / "linux", {**TREE, "a b/new\nline": "x", "closed/below/file": "x"})
    (root / "latest").symlink_to("README")
    (root / "outside").symlink_to("/etc/passwd")
    (root / "here").symlink_to("releases")
    (root / "closed").chmod(0o750)
    (root / "README").chmod(0o644)
    secret = root / "secret"
    secret.write_text("")
    secret.chmod(0o600)
    return root


@pytest.mark.django_db
@pytest.mark.needs("rsync")
def test_a_local_tree_and_its_rsync_listing_have_the_same_digests(
    master: Path, tmp_path: Path, clock: Clock
) -> None:
    os.utime(master / "README", (10**9, 10**9))
    category = linux(master)
    scan(category, clock)
    local = digests()
    assert len(local) > 10
    with rsync_daemon(master, tmp_path / "d") as url:
        point(category, "rsync", url)
        again = scan(category, clock)
    assert digests() == local
    assert again.counts["added"] == again.counts["vanished"] == 0


@pytest.mark.django_db
def test_a_local_tree_and_its_file_list_have_the_same_digests(
    master: Path, tmp_path: Path, clock: Clock
) -> None:
    (master / "a b/new\nline").unlink()  # the format of the list has no such names
    (master / "latest").unlink()  # nor the targets of symlinks
    category = linux(master)
    scan(category, clock)
    local = digests()
    (tmp_path / "fullfiletimelist-x").write_text(file_list(master, above="linux/"))
    point(category, "file_list", str(master))
    scan(category, clock)
    assert digests() == local


@pytest.mark.django_db
def test_files_older_than_their_arrival_have_the_time_of_arrival_in_a_file_list(
    tmp_path: Path, clock: Clock
) -> None:
    root = grow(tmp_path / "linux", {"file": "x"})
    os.utime(root / "file", (10**9, 10**9))
    (tmp_path / "fullfiletimelist-x").write_text(file_list(root, above="linux/"))
    category = linux(root)
    scan(category, clock)
    local = digests()
    point(category, "file_list", str(root))
    scan(category, clock)
    assert digests() != local
    assert scan(category, clock).counts["changed"] == 0


@pytest.mark.django_db
@pytest.mark.needs("rsync")
def test_a_remote_master_gets_its_metadata_from_the_checksum_base(
    tmp_path: Path, clock: Clock
) -> None:
    root = grow(tmp_path / "linux")
    category = linux(root)
    with rsync_daemon(root, tmp_path / "d") as url:
        point(category, "rsync", url)
        without = scan(category, clock)
        assert "the Category has no checksum base to read it from" in without.log
        assert not FileDetail.objects.exists()
        files = {f"/pub/{name}": text.encode() for name, text in TREE.items()}
        with Mirror(files) as web:
            point(category, "rsync", url, checksum_base=web.url)
            assert scan(category, clock).state == RunState.FINISHED
    assert sorted(FileDetail.objects.values_list("directory__path", "timestamp")) == [
        (f"pub/linux/{OS}/repodata", 1_700_000_000),
        (f"pub/linux/{UPDATES}/repodata", 1_700_000_099),
    ]
    assert Repository.objects.count() == 2


@pytest.mark.django_db
def test_a_list_that_vouches_for_a_file_saves_reading_it(tmp_path: Path, clock: Clock) -> None:
    root = grow(tmp_path / "linux")
    (tmp_path / "list").write_text(file_list(root))
    files = {f"/pub/{name}": text.encode() for name, text in TREE.items()}
    with Mirror(files) as web:
        category = linux(root)
        point(category, "file_list", str(tmp_path / "list"), checksum_base=web.url)
        scan(category, clock)
        assert web.asked().count("GET") == 2
        (root / OS / "repodata/other").write_text("x")  # changes the directory, not the file
        (tmp_path / "list").write_text(file_list(root))
        scan(category, clock)
        assert web.asked().count("GET") == 2


@pytest.mark.django_db
def test_a_list_newer_than_the_tree_is_asked_for_until_they_agree(
    tmp_path: Path, clock: Clock
) -> None:
    root = grow(tmp_path / "linux")
    files = {f"/pub/{name}": text.encode() for name, text in TREE.items()}
    with Mirror(files) as web:
        category = linux(root)
        point(category, "file_list", str(tmp_path / "list"), checksum_base=web.url)
        (root / OS / "repodata/repomd.xml").write_text(repomd(1_800_000_000))
        (tmp_path / "list").write_text(file_list(root))
        scan(category, clock)
        clock.forward(days=3)
        scan(category, clock)
        repodata = FileDetail.objects.filter(directory__path__endswith=f"{OS}/repodata")
        assert repodata.get().timestamp == 1_700_000_000
        web.files[f"/pub/{OS}/repodata/repomd.xml"] = repomd(1_800_000_000).encode()
        scan(category, clock)
        assert repodata.newest_first()[0].timestamp == 1_800_000_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("source_options", "--rsh=sh", "“--rsh” is not one that may be given to rsync"),
        ("source_location", "rsync://", "is not where rsync can list"),
    ],
)
def test_a_mistake_on_the_page_fails_the_scan_with_its_reason(
    tmp_path: Path, clock: Clock, field: str, value: str, sentence: str
) -> None:
    category = linux(grow(tmp_path / "m"), source_kind="rsync")
    setattr(category, field, value)
    result = scan(category, clock)
    assert result.state == RunState.FAILED
    assert sentence in result.reason


@pytest.mark.django_db
@pytest.mark.needs("rsync")
def test_an_empty_module_is_not_believed(tmp_path: Path, clock: Clock) -> None:
    root = grow(tmp_path / "linux")
    category = linux(root)
    scan(category, clock)
    before = digests()
    with rsync_daemon(grow(tmp_path / "empty", {}), tmp_path / "d") as url:
        point(category, "rsync", url)
        result = scan(category, clock)
    assert result.state == RunState.REFUSED
    assert result.reason.startswith("The tree is empty, but 13 Directories")
    assert digests() == before


@pytest.mark.django_db
@pytest.mark.needs("rsync")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a daemon that may read less")
def test_a_partial_listing_deletes_nothing(tmp_path: Path, clock: Clock) -> None:
    root = grow(tmp_path / "linux")
    for above in (tmp_path, *list(tmp_path.parents)[:2]):
        above.chmod(0o755)
    category = linux(root)
    scan(category, clock)
    before = digests()
    (root / "releases/42/Everything").chmod(0o700)
    with rsync_daemon(root, tmp_path / "d", more="uid = nobody\ngid = nogroup") as url:
        point(category, "rsync", url)
        result = scan(category, clock)
    assert result.state == RunState.FINISHED
    assert "rsync ended with 23" in result.log
    assert (result.counts["vanished"], result.counts["deleted"]) == (0, 0)
    assert {path: row[0] for path, row in digests().items()} == {
        path: row[0] for path, row in before.items()
    }
