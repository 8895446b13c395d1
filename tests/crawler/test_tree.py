"""The adapter of a local tree, on real trees with everything that file systems can do."""

import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.logic.scope import ScanScope, compile_excludes
from crawler.master.base import (
    EPOCH,
    FIRST,
    LAST,
    Oddity,
    OddityReason,
    ScannedDirectory,
    SourceError,
    SourcePlace,
    SourcePolicy,
    moment,
)
from crawler.master.sources import open_source
from crawler.master.tree import LocalTree
from tests.crawler.trees import grow


def walk(root: Path, **scope: object) -> dict[str, ScannedDirectory]:
    tree = LocalTree(str(root), ScanScope("pub", **scope))  # type: ignore[arg-type]
    found = list(tree.directories(unchanged={}))
    return {item.path: item for item in found if isinstance(item, ScannedDirectory)}


def names(directory: ScannedDirectory) -> list[str]:
    return sorted(name for name, _, _ in directory.entries or ())


def odd(directories: Iterable[ScannedDirectory]) -> dict[OddityReason, str]:
    return {o.reason: o.sentence for directory in directories for o in directory.oddities}


def test_every_directory_has_its_files_with_size_and_time(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {"a/b/file": "12345", "top": ""})
    os.utime(root / "a/b/file", (1_700_000_000.75, 1_700_000_000.75))
    found = walk(root)
    assert sorted(found) == ["", "a", "a/b"]
    assert found["a/b"].entries == (("file", 5, 1_700_000_000),)
    assert names(found[""]) == ["top"]
    assert found["a"].changed_at == moment((root / "a").stat().st_ctime_ns)
    assert not odd(found.values())


def test_files_of_an_unchanged_directory_are_not_looked_at(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {"a/file": "", "b/file": ""})
    times = {path: found.changed_at for path, found in walk(root).items()} | {"b": EPOCH}
    source = LocalTree(str(root), ScanScope("pub"))
    found = {
        d.path: d for d in source.directories(unchanged=times) if isinstance(d, ScannedDirectory)
    }
    assert found["a"].entries is None
    assert names(found["b"]) == ["file"]


def test_others_may_read_a_directory_only_with_both_bits_and_all_above(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {"r/x/f": "", "x/f": "", "ok/f": ""})
    (root / "r").chmod(0o754)
    (root / "x").chmod(0o751)
    found = walk(root)
    assert {path for path, d in found.items() if not d.readable} == {"r", "r/x", "x"}
    assert names(found["r/x"]) == ["f"]
    assert "“pub/r” is not readable by others (mode 0754)" in found["r"].oddities[0].sentence
    assert found["r/x"].oddities == ()


def test_a_file_that_others_may_not_read_is_left_out(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {"secret": "", "public": ""})
    (root / "secret").chmod(0o640)
    found = walk(root)
    assert names(found[""]) == ["public"]
    assert "“pub/secret”" in odd(found.values())[OddityReason.FILE_UNREADABLE]


def test_a_symlink_to_a_file_counts_as_its_target(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {"a/real": "12345"})
    os.utime(root / "a/real", (7, 7))
    (root / "link").symlink_to("a/real")
    times = {"": walk(root)[""].changed_at}
    found = next(LocalTree(str(root), ScanScope("")).directories(unchanged=times))
    assert isinstance(found, ScannedDirectory)
    assert found.entries == (("link", 5, 7),)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("nowhere", OddityReason.DANGLING_LINK),
        ("link", OddityReason.DANGLING_LINK),
        ("a", OddityReason.LINKED_DIRECTORY),
        ("../outside", OddityReason.LINK_OUTSIDE),
        ("/dev/null", OddityReason.LINK_OUTSIDE),
        ("pipe", OddityReason.SPECIAL_FILE),
    ],
)
def test_any_other_symlink_is_noted_and_left_out(
    tmp_path: Path, target: str, reason: OddityReason
) -> None:
    grow(tmp_path, {"outside": "", "m/a/file": ""})
    os.mkfifo(tmp_path / "m/pipe")
    (tmp_path / "m/link").symlink_to(target)
    found = walk(tmp_path / "m")
    assert sorted(found) == ["", "a"]
    assert names(found[""]) == []
    assert any(o.reason is reason and "“pub/link”" in o.sentence for o in found[""].oddities)


def test_pipes_and_sockets_are_noted_and_left_out(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {})
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "socket"))
    assert len(walk(root)[""].oddities) == 2
    assert names(walk(root)[""]) == []


def test_names_that_are_not_utf8_are_noted_and_left_out(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {"größe/file": "", "größe.txt": ""})
    for name in (b"caf\xe9", b"dir\xff/below"):
        path = os.path.join(os.fsencode(root), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb"):
            pass
    found = walk(root)
    assert sorted(found) == ["", "größe"]
    assert names(found[""]) == ["größe.txt"]
    sentences = sorted(o.sentence for o in found[""].oddities)
    assert sentences[0] == "“pub/caf\\xe9” has a name that is not UTF-8; it is left out."


def test_a_name_may_contain_a_line_end(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {"two\nlines/a\nfile": ""})
    (root / "a\nlink").symlink_to("nowhere")
    found = walk(root)
    assert names(found["two\nlines"]) == ["a\nfile"]
    assert "“pub/a\\nlink”" in found[""].oddities[0].sentence


def test_snapshots_and_unfinished_transfers_are_left_out_anywhere(tmp_path: Path) -> None:
    paths = (".snapshot/x/f", ".~tmp~/f", "a/.snapshot/f", "a/.~tmp~/f", "a/.hidden/f")
    assert sorted(walk(grow(tmp_path / "m", dict.fromkeys(paths, "")))) == ["", "a", "a/.hidden"]


def test_excludes_and_the_trees_of_other_categories_are_left_out(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", dict.fromkeys(("a/x.iso", "a/x", "b/x", "c/b/x", "d.iso/x"), ""))
    (root / "link.iso").symlink_to("a/x")
    found = walk(root, excludes=compile_excludes(r"\.iso$"), foreign=frozenset({"b"}))
    assert sorted(found) == ["", "a", "c", "c/b"]
    assert names(found["a"]) == ["x"]
    assert names(found[""]) == []


def test_a_tree_may_be_300_levels_deep(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {})
    deep = "/".join(f"level{number}" for number in range(300))
    (root / deep).mkdir(parents=True)
    (root / deep / "file").touch()
    found = walk(root)
    assert len(found) == 301
    assert names(found[deep]) == ["file"]


def test_a_directory_too_deep_to_open_is_noted_and_not_fatal(tmp_path: Path) -> None:
    """The kernel takes paths of 4,096 bytes; deeper ones are only reached step by step."""
    root = grow(tmp_path / "m", {"a/file": ""})
    descriptor = os.open(root, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=descriptor)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    found = walk(root)
    assert "a" in found
    [closed] = [d for d in found.values() if not d.listed]
    assert closed.entries is None
    assert "cannot be listed (File name too long)" in closed.oddities[0].sentence


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look through another user's eyes")
def test_a_directory_that_we_may_not_list_is_noted_and_not_fatal() -> None:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        root = grow(Path(directory) / "m", {"closed/below/f": "", "open/f": ""})
        (root / "closed").chmod(0o700)
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
        try:
            found = walk(root)
        finally:
            os.seteuid(0)
    assert sorted(found) == ["", "closed", "open"]
    closed = found["closed"]
    assert (closed.readable, closed.listed, closed.entries) == (False, False, None)
    assert "“pub/closed” cannot be listed (Permission denied)" in closed.oddities[0].sentence


def test_what_vanishes_during_the_scan_is_noted(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {"a/f": "", "b/f": "", "c/f": ""})
    source = LocalTree(str(root), ScanScope("pub"))
    found = []
    for item in source.directories(unchanged={}):
        found.append(item)
        if len(found) == 1:
            shutil.rmtree(root / "b")
            shutil.rmtree(root / "c")
            (root / "c").write_text("now a file")
    vanished = [item.sentence for item in found if isinstance(item, Oddity)]
    assert vanished == [
        "“pub/b” vanished during the scan.",
        "“pub/c” vanished during the scan.",
    ]


def test_a_directory_that_becomes_a_symlink_is_not_followed(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {"a/f": ""})
    grow(tmp_path / "outside", {"secret": ""})
    walker = LocalTree(str(root), ScanScope("pub")).directories(unchanged={})
    next(walker)
    shutil.rmtree(root / "a")
    (root / "a").symlink_to("../outside")
    assert [type(item) for item in walker] == [Oddity]


def test_a_tree_that_is_not_there_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not there; mount the"):
        walk(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="is not a directory"):
        walk(grow(tmp_path, {"file": ""}) / "file")


@pytest.mark.parametrize("replaced", [True, False])
def test_a_tree_that_goes_during_the_scan_is_an_error(tmp_path: Path, replaced: bool) -> None:
    root = grow(tmp_path / "m", {"a/f": ""})
    walker = LocalTree(str(root), ScanScope("pub")).directories(unchanged={})
    next(walker)
    root.rename(tmp_path / "unmounted")
    if replaced:
        grow(root, {})
    with pytest.raises(SourceError, match="replaced by another" if replaced else "not there"):
        list(walker)


def test_a_tree_that_goes_before_its_top_is_opened_is_an_error(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {})
    source = LocalTree(str(root), ScanScope("pub"))

    class Vanishing(dict[str, datetime]):
        def get(self, path: str, default: object = None) -> None:  # type: ignore[override]
            root.rmdir()

    with pytest.raises(SourceError, match="is not there"):
        list(source.directories(unchanged=Vanishing()))


def test_the_top_directory_may_be_a_symlink(tmp_path: Path) -> None:
    grow(tmp_path / "real", {"file": ""})
    (tmp_path / "m").symlink_to("real")
    assert names(walk(tmp_path / "m")[""]) == ["file"]


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    source = LocalTree(f"{grow(tmp_path / 'm', {'a/file': '12345'})}/", ScanScope("pub"))
    assert source.read_file("a/file", limit=3) == b"123"
    assert source.read_file("a/file", limit=9) == b"12345"


def test_a_source_without_location_or_of_no_kind_is_refused() -> None:
    with pytest.raises(SourceError, match="has no source; say on its page"):
        open_source(SourcePlace("local", ""), ScanScope("pub"), SourcePolicy())
    with pytest.raises(SourceError, match="no kind of source called “carrier pigeon”"):
        open_source(SourcePlace("carrier pigeon", "/srv"), ScanScope("pub"), SourcePolicy())


@pytest.mark.parametrize(
    ("nanoseconds", "expected"),
    [
        (1_700_000_000_123_456_789, datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC)),
        (-1000, datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        (10**30, LAST),
        (-(10**30), FIRST),
    ],
)
def test_file_times_that_no_calendar_has_become_its_ends(
    nanoseconds: int, expected: datetime
) -> None:
    assert moment(nanoseconds) == expected
