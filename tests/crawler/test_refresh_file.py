import hashlib
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from crawler.forms import RefreshForm
from crawler.models import MasterScan
from crawler.services.refresh import look_at_file
from registry.logic.listings import unpack_listing
from registry.models import Category, Directory, Event, FileDetail
from registry.services.operations.base import ChangedError, OperationError, carry_out
from tests import factories
from tests.conftest import NOW
from tests.crawler.trees import OS, Clock, grow, linux, repomd, scan, sha256

pytestmark = pytest.mark.django_db
REPODATA = f"pub/linux/{OS}/repodata"
REPOMD = f"{REPODATA}/repomd.xml"


@pytest.fixture
def category(tree: Path, clock: Clock) -> Category:
    made = linux(tree)
    scan(made, clock)
    return made


def refresh(path: str = REPOMD, *arguments: str) -> str:
    output = io.StringIO()
    call_command("refresh_file", path, *arguments, stdout=output)
    return output.getvalue()


def test_a_file_that_is_as_recorded_is_unchanged(category: Category) -> None:
    printed = refresh()
    assert f"= Listing of {REPODATA}: UNCHANGED, 1 file." in printed
    assert f"= {REPOMD}: UNCHANGED, {len(repomd())} bytes, sha256 {sha256(repomd())}" in printed
    assert not Event.objects.exists()


def test_a_changed_file_is_recorded_with_its_directory(category: Category, tree: Path) -> None:
    (tree / OS / "repodata/repomd.xml").write_text(repomd(1_800_000_000_0))
    printed = refresh()
    assert "1 file changed." in printed
    assert "A new state of it" in printed
    current = FileDetail.objects.filter(directory__path=REPODATA).newest_first()[0]
    assert current.timestamp == 18_000_000_000
    (entry,) = unpack_listing(Directory.objects.get(path=REPODATA).listing)
    assert entry.size == current.size_bytes
    assert "UNCHANGED" in refresh()
    assert Event.objects.count() == 2


def test_a_scan_after_a_refresh_finds_nothing_to_do(
    category: Category, tree: Path, clock: Clock
) -> None:
    grow(tree, {f"{OS}/repodata/filelists.xml": "x"})
    refresh()
    result = scan(category, clock)
    assert (result.counts["added"], result.counts["changed"]) == (0, 0)


def test_a_dry_run_records_nothing(category: Category, tree: Path) -> None:
    (tree / OS / "repodata/repomd.xml").write_text(repomd(1_800_000_000))
    assert "1 to add" in refresh(REPOMD, "--dry-run")
    assert FileDetail.objects.filter(directory__path=REPODATA).count() == 1


def test_metadata_of_every_kind_is_read_by_its_content(
    category: Category, tree: Path, clock: Clock
) -> None:
    suite = "debian/dists/stable"
    grow(tree, {f"{suite}/InRelease": "Origin: x\nDate: Fri, 01 Mar 2024 00:00:00 UTC\n"})
    scan(category, clock)
    (tree / suite / "InRelease").write_text("Origin: x\nDate: Sat, 02 Mar 2024 00:00:00 UTC\n")
    assert "A new state of it" in refresh(f"pub/linux/{suite}/InRelease")
    current = FileDetail.objects.filter(filename="InRelease").newest_first()[0]
    assert current.timestamp == 1_709_337_600


@pytest.mark.parametrize("objects", [True, False])
def test_a_summary_is_metadata_only_beside_its_objects(
    category: Category, tree: Path, clock: Clock, *, objects: bool
) -> None:
    grow(tree, {"ostree/summary": "x"} | ({"ostree/objects/00/a": "x"} if objects else {}))
    scan(category, clock)
    (tree / "ostree/summary").write_text("")
    if objects:
        with pytest.raises(CommandError, match="“summary” is empty"):
            refresh("pub/linux/ostree/summary")
    else:
        assert "A new state of it, 0 bytes" in refresh("pub/linux/ostree/summary")


def test_any_file_can_be_hashed(category: Category) -> None:
    refresh(f"pub/linux/{OS}/Packages/a.rpm")
    detail = FileDetail.objects.get(filename="a.rpm")
    assert detail.sha512 == hashlib.sha512(b"a").hexdigest()


def test_files_that_are_symlinks_stay_in_the_listing(
    category: Category, tree: Path, clock: Clock
) -> None:
    (tree / OS / "Packages/latest.rpm").symlink_to("a.rpm")
    (tree / OS / "Packages/readme").symlink_to(tree / "README")
    scan(category, clock)
    assert "UNCHANGED, 4 files" in refresh(f"pub/linux/{OS}/Packages/a.rpm")


def test_a_file_that_is_gone_is_refused_and_leaves_the_listing(
    category: Category, tree: Path
) -> None:
    (tree / OS / "Packages/a.rpm").unlink()
    with pytest.raises(CommandError, match="1 refused"):
        refresh(f"pub/linux/{OS}/Packages/a.rpm")
    rows = unpack_listing(Directory.objects.get(path=f"pub/linux/{OS}/Packages").listing)
    assert [entry.name for entry in rows] == ["b.rpm"]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("pub/linux/nowhere/file", "“pub/linux/nowhere” is not a known Directory."),
        ("pub/../etc/passwd", "is not a path inside the master tree"),
        ("", "is not a known Directory."),
    ],
)
def test_a_path_that_nobody_knows_is_an_error(category: Category, path: str, sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        refresh(path)
    assert sentence in str(caught.value)


def test_broken_metadata_changes_nothing(category: Category, tree: Path) -> None:
    (tree / OS / "repodata/repomd.xml").write_text("<repomd>")
    with pytest.raises(CommandError, match="is not well-formed XML"):
        refresh()
    assert unpack_listing(Directory.objects.get(path=REPODATA).listing)[0].size == len(repomd())


def test_a_running_scan_is_waited_for(category: Category) -> None:
    MasterScan.objects.create(
        category=category, started_at=NOW, lease_until_at=NOW + timedelta(hours=1)
    )
    with pytest.raises(CommandError, match="is being scanned now"):
        refresh()


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"source_location": ""}, "is not on this machine"),
        ({"source_location": "/nowhere/at/all"}, "mount the master tree"),
        ({"excludes": "["}, "is not a regular expression"),
        ({"excludes": "repodata"}, "is not on the master, or cannot be listed"),
    ],
)
def test_a_source_that_cannot_be_looked_at_is_an_error(
    category: Category, over: dict[str, str], sentence: str
) -> None:
    Category.objects.update(**over)
    with pytest.raises(CommandError) as caught:
        refresh()
    assert sentence in str(caught.value)


def test_a_directory_that_another_category_owns_now_is_an_error(category: Category) -> None:
    factories.CategoryFactory.create(top_directory=f"pub/linux/{OS}")
    with pytest.raises(CommandError, match="belongs to another Category now"):
        refresh()


def test_a_directory_that_changed_since_it_was_looked_at_is_left_alone(
    category: Category, tree: Path
) -> None:
    grow(tree, {f"{OS}/repodata/filelists.xml": "x"})
    looked = look_at_file(REPOMD)
    Directory.objects.filter(path=REPODATA).update(digest=b"other")
    with pytest.raises(ChangedError):
        carry_out(looked, now=NOW)


def test_a_page_refuses_what_takes_too_long(category: Category) -> None:
    with pytest.raises(OperationError, match="too many to hash while somebody waits"):
        look_at_file(REPOMD, greatest_bytes=10)


def test_the_admin_refreshes_a_file(category: Category, tree: Path, admin: Client) -> None:
    grow(tree, {f"{OS}/Packages/c.rpm": "c"})
    url, data = "/admin/operations/refresh-file/", {"path": f"pub/linux/{OS}/Packages/c.rpm"}
    page = admin.post(url, data)
    assert isinstance(page.context["form"], RefreshForm)
    assert not FileDetail.objects.filter(filename="c.rpm").exists()
    admin.post(url, {**data, "shown": page.context["plan"].fingerprint})
    assert FileDetail.objects.filter(filename="c.rpm").exists()
