"""Repositories of other formats than RPM: found by scans, recorded, recognized, told apart."""

import os
from pathlib import Path

import pytest

from crawler.models import RunState
from registry.models import FileDetail, Repository
from tests import factories
from tests.crawler.trees import Clock, grow, linux, rest, scan, sha256

pytestmark = pytest.mark.django_db

RELEASE = "Suite: stable\nDate: Sat, 15 Nov 2025 10:13:04 UTC\nSHA256:\n"
FILES = {
    "atomic/42/summary": "refs",
    "atomic/42/objects/00/a.filez": "content",
    "debian/dists/stable/InRelease": RELEASE,
    "debian/dists/stable/Release": RELEASE,
    "debian/dists/stable/main/binary-amd64/Release": "Archive: stable\n",
    "arch/core/os/x86_64/core.db": "tar",
    "iso/24.04/SHA256SUMS": "abc  a.iso\n",
    "notes/summary": "for people",
}


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    root = grow(tmp_path / "mixed", FILES)
    index = root / "alpine/v3/main/x86_64/APKINDEX.tar.gz"
    index.parent.mkdir(parents=True)
    index.write_bytes(b"\x1f\x8b\x08 index")
    return root


def kinds() -> dict[str, str]:
    rows = Repository.objects.values_list("directory__path", "kind")
    return {path.removeprefix("pub/linux/"): kind for path, kind in rows}


def test_every_format_is_found_by_its_files(mixed: Path, clock: Clock) -> None:
    result = scan(linux(mixed), clock)
    assert kinds() == {
        "atomic/42": "ostree",
        "debian/dists/stable": "debian",
        "arch/core/os/x86_64": "arch",
        "alpine/v3/main/x86_64": "alpine",
        "iso/24.04": "plain",
    }
    assert result.counts["repositories"] == 5
    assert result.counts["file_details"] == 6


def test_the_files_that_clients_verify_are_recorded(mixed: Path, clock: Clock) -> None:
    scan(linux(mixed), clock)
    assert set(FileDetail.objects.values_list("filename", flat=True)) == {
        "summary",
        "InRelease",
        "Release",
        "core.db",
        "APKINDEX.tar.gz",
        "SHA256SUMS",
    }
    assert FileDetail.objects.get(filename="summary").sha256 == sha256("refs")
    assert FileDetail.objects.get(filename="InRelease").timestamp == 1_763_201_584


def test_no_prefix_is_expected_of_those_who_are_asked_by_path(mixed: Path, clock: Clock) -> None:
    result = scan(linux(mixed), clock)
    assert list(Repository.objects.unrecognized().values_list("kind", flat=True)) == ["ostree"]
    assert "its clients ask by path" in Repository.objects.get(kind="debian").reason
    assert "debian" not in result.log


def test_rules_give_prefixes_to_all_formats(mixed: Path, clock: Clock) -> None:
    category = linux(mixed)
    factories.RepositoryMappingFactory.create(pattern="^atomic/", prefix="atomic")
    factories.RepositoryMappingFactory.create(
        pattern="/dists/(?P<suite>[^/]+)(?P<version>)", prefix="debian-${suite}"
    )
    scan(category, clock)
    names = Repository.objects.exclude(prefix="").values_list("prefix", "arch__name")
    assert set(names) == {("atomic-42", "x86_64"), ("debian-stable", "noarch")}


def test_a_file_rewritten_in_place_is_noticed(mixed: Path, clock: Clock) -> None:
    category = linux(mixed)
    rest(mixed, clock.back(days=30))
    scan(category, clock)
    clock.forward(days=3)
    scan(category, clock)
    summary = mixed / "atomic/42/summary"
    summary.write_text("refs and more")
    os.utime(summary, (clock.now.timestamp(), clock.now.timestamp()))
    assert scan(category, clock).counts["file_details"] == 1
    history = FileDetail.objects.filter(filename="summary").newest_first()
    assert [state.sha256 for state in history] == [sha256("refs and more"), sha256("refs")]


def test_a_second_scan_changes_nothing(mixed: Path, clock: Clock) -> None:
    category = linux(mixed)
    scan(category, clock)
    clock.forward(days=3)
    again = scan(category, clock)
    assert (again.counts["repositories"], again.counts["file_details"]) == (0, 0)


def test_a_bad_file_is_named_and_the_rest_is_recorded(mixed: Path, clock: Clock) -> None:
    (mixed / "alpine/v3/main/x86_64/APKINDEX.tar.gz").write_text("<html>")
    result = scan(linux(mixed), clock)
    assert result.state == RunState.FINISHED
    assert "APKINDEX.tar.gz” is not compressed with gzip; the last good state" in result.log
    assert result.counts["file_details"] == 5


def test_a_repository_that_lost_its_metadata_is_noted(mixed: Path, clock: Clock) -> None:
    category = linux(mixed)
    scan(category, clock)
    (mixed / "arch/core/os/x86_64/core.db").unlink()
    result = scan(category, clock)
    assert "“pub/linux/arch/core/os/x86_64” has lost its metadata" in result.log


def test_what_a_rule_leaves_out_is_no_repository(mixed: Path, clock: Clock) -> None:
    category = linux(mixed)
    scan(category, clock)
    assert Repository.objects.filter(directory__path="pub/linux/atomic/42").exists()
    factories.RepositoryMappingFactory.create(pattern="^(?:atomic|iso)/", prefix="")
    result = scan(category, clock)
    assert set(kinds().values()) == {"debian", "arch", "alpine"}
    assert "“pub/linux/atomic/42” is none anymore. Rule “^(?:atomic|iso)/” says" in result.log
    assert scan(category, clock).counts["repositories"] == 0


def test_staged_versions_are_not_shown(tmp_path: Path, clock: Clock) -> None:
    root = grow(tmp_path / "m", {"stage/43/x86_64/summary": "a", "stage/43/x86_64/objects/b": "b"})
    category = linux(root)
    factories.RepositoryMappingFactory.create(pattern="^stage/", prefix="staged")
    scan(category, clock)
    version = Repository.objects.select_related("version").get().version
    assert version is not None
    assert (version.name, version.is_test, version.display) == ("43", True, False)
