import os
from pathlib import Path

import pytest

from mirrorsite.demo.disk import DemoDisk
from mirrorsite.demo.tree import PLACES, copy_tree, directories_of, publish

UPDATES = "pub/fedora/linux/updates/42/Everything/x86_64"
RELEASE = "pub/fedora/linux/releases/42/Everything/x86_64/os"


@pytest.fixture
def disk(tmp_path: Path) -> DemoDisk:
    disk = DemoDisk(tmp_path / "demo")
    disk.build()
    disk.advance()
    return disk


def contents(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def repomd(root: Path, repository: str) -> bytes:
    return (root / repository / "repodata/repomd.xml").read_bytes()


def test_the_tree_has_two_repositories_in_two_versions_for_two_arches(disk: DemoDisk) -> None:
    found = {str(path.parent.parent.relative_to(disk.master)) for path in _repomds(disk.master)}
    assert found == {place.path for place in PLACES}
    assert sum("linux/releases" in path for path in found) == 4
    assert sum("linux/updates" in path for path in found) == 4


def _repomds(root: Path) -> list[Path]:
    return list(root.rglob("repodata/repomd.xml"))


def test_a_generation_always_comes_out_the_same(tmp_path: Path) -> None:
    publish(tmp_path / "one", generation=2)
    for generation in (0, 1, 2):
        publish(tmp_path / "two", generation=generation)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert one == {path: two[path] for path in one}


def test_the_stale_mirror_lacks_the_last_update_and_has_the_release(disk: DemoDisk) -> None:
    stale = disk.mirror("stale")
    assert repomd(stale, UPDATES) != repomd(disk.master, UPDATES)
    assert repomd(stale, RELEASE) == repomd(disk.master, RELEASE)


def test_the_broken_mirror_lacks_most_files(disk: DemoDisk) -> None:
    broken, master = contents(disk.mirror("broken")), contents(disk.master)
    assert 0 < len(broken) < len(master) / 2
    assert not any("/updates/" in path for path in broken)


def test_an_update_reaches_the_good_mirror_and_not_the_others(disk: DemoDisk) -> None:
    before = {name: contents(disk.mirror(name)) for name in ("stale", "broken", "private")}
    old = repomd(disk.mirror("good"), UPDATES)
    assert disk.advance() == 2
    assert repomd(disk.mirror("good"), UPDATES) != old
    assert {name: contents(disk.mirror(name)) for name in before} == before


def test_an_update_keeps_the_metadata_that_somebody_may_still_read(disk: DemoDisk) -> None:
    before = contents(disk.master)
    disk.advance()
    after = contents(disk.master)
    changed = {path for path in before if after.get(path) != before[path]}
    assert {Path(path).name for path in changed} == {"repomd.xml"}


def test_the_private_mirror_follows_when_told(disk: DemoDisk) -> None:
    disk.advance()
    disk.follow("private")
    assert contents(disk.mirror("private")) == contents(disk.master)


def test_building_again_changes_nothing(disk: DemoDisk) -> None:
    disk.advance()
    before = contents(disk.root)
    assert disk.build() is False
    assert contents(disk.root) == before


def test_an_interrupted_build_starts_over(disk: DemoDisk) -> None:
    whole = contents(disk.root)
    (disk.root / "generation").unlink()
    (disk.master / RELEASE / "repodata/repomd.xml").unlink()
    assert disk.build() is True
    disk.advance()
    assert contents(disk.root) == whole


def test_a_copy_loses_what_the_source_lost(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "a").mkdir(parents=True)
    (source / "a/one").write_text("1")
    (source / "two").write_text("2")
    copy_tree(source, target)
    (source / "a/one").unlink()
    copy_tree(source, target)
    assert contents(target) == {"two": b"2"}
    assert directories_of(target, "") == [""]


def test_where_hard_links_do_not_work_files_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "source").mkdir()
    (tmp_path / "source/one").write_text("1")
    copy_tree(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target/one").read_text() == "1"
    assert not (tmp_path / "target/one").samefile(tmp_path / "source/one")


def test_directories_are_named_relative_to_the_top(disk: DemoDisk) -> None:
    found = directories_of(disk.master, "pub/epel")
    assert found[:3] == ["", "9", "9/Everything"]
