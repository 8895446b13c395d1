"""A real rsync daemon as the master: what it lists, and what it refuses."""

import os
import subprocess
from pathlib import Path

import pytest

from crawler.logic.scope import ScanScope
from crawler.master.base import (
    OddityReason,
    ScannedDirectory,
    SourceError,
    SourcePlace,
    SourcePolicy,
)
from crawler.master.rsync import RsyncListing
from tests.crawler.masters import everything, listing, look, rsync_daemon
from tests.crawler.mirrors import Mirror
from tests.crawler.trees import OS, grow
from tests.ports import free_port

pytestmark = pytest.mark.needs("rsync")


def test_a_module_is_listed(tmp_path: Path) -> None:
    root = grow(tmp_path / "m")
    with rsync_daemon(root, tmp_path / "d") as url:
        found, odd = everything("rsync", url)
        part = look("rsync", f"{url}/{OS}/")
    assert {entry[:2] for entry in found[""].entries or ()} == {("README", 7)}
    assert sorted(entry[:2] for entry in part["Packages"].entries or ()) == [
        ("a.rpm", 1),
        ("b.rpm", 2),
    ]
    assert odd == []


def test_names_come_as_they_are(tmp_path: Path) -> None:
    names = ["new\nline", "tab\tx", r"back\#012slash", "  blanks  ", "a -> b", "ünï", "-rf"]
    root = grow(tmp_path / "m", {f"dir/{name}": "x" for name in names})
    deep = "/".join(["d"] * 300)
    grow(root, {f"{deep}/file": "x"})
    with rsync_daemon(root, tmp_path / "d") as url:
        found = look("rsync", url)
    assert sorted(entry[0] for entry in found["dir"].entries or ()) == sorted(names)
    assert [entry[0] for entry in found[deep].entries or ()] == ["file"]


def test_the_other_spelling_and_options_are_understood(tmp_path: Path) -> None:
    root = grow(tmp_path / "m")
    with rsync_daemon(root, tmp_path / "d") as url:
        found = look("rsync", url, options=("--exclude=*.rpm", "--no-inc-recursive"))
        assert found[f"{OS}/Packages"].entries == ()
        port = url.split(":")[2].split("/")[0]
        if port == "873":  # the only one that host::module can mean
            assert look("rsync", "127.0.0.1::tree")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a daemon that may read less")
def test_what_could_not_be_listed_stays_as_known(tmp_path: Path) -> None:
    root = grow(tmp_path / "m", {"closed/file": "x", "open/file": "x"})
    (root / "closed").chmod(0o700)
    for above in (tmp_path, *list(tmp_path.parents)[:2]):
        above.chmod(0o755)
    with rsync_daemon(root, tmp_path / "d", more="uid = nobody\ngid = nogroup") as url:
        found, odd = everything("rsync", url)
    assert {path: each.listed for path, each in found.items()} == {
        "": False, "closed": False, "open": True,
    }  # fmt: skip
    assert [each.reason for each in odd if each.reason is OddityReason.PARTIAL]
    assert "closed" in str(odd)


def test_a_module_that_does_not_exist_is_a_reason(tmp_path: Path) -> None:
    with (
        rsync_daemon(grow(tmp_path / "m"), tmp_path / "d") as url,
        pytest.raises(SourceError, match=r"Unknown module 'other'.*Correct the source"),
    ):
        look("rsync", url.replace("/tree", "/other"))


def test_a_directory_that_does_not_exist_is_a_reason(tmp_path: Path) -> None:
    with (
        rsync_daemon(grow(tmp_path / "m"), tmp_path / "d") as url,
        pytest.raises(SourceError, match=r"ended with 23: .*absent.* failed: No such file"),
    ):
        look("rsync", f"{url}/absent")


def test_a_full_master_is_a_reason_to_try_again(tmp_path: Path) -> None:
    with (
        rsync_daemon(grow(tmp_path / "m"), tmp_path / "d", more="max connections = -1") as url,
        pytest.raises(SourceError, match="Scan again soon"),
    ):
        look("rsync", url)


def test_nobody_at_home_is_a_reason() -> None:
    with pytest.raises(SourceError, match=r"connection could not be made .rsync ended with 10"):
        look("rsync", f"rsync://127.0.0.1:{free_port()}/tree")


def test_a_name_that_leads_nowhere_is_a_reason() -> None:
    with pytest.raises(SourceError, match=r"The name nowhere.invalid leads nowhere"):
        look("rsync", "rsync://nowhere.invalid/tree")


def test_an_address_inside_is_refused() -> None:
    with pytest.raises(SourceError, match="this machine itself"):
        look("rsync", "rsync://127.0.0.1/tree", policy=SourcePolicy())


@pytest.mark.parametrize(
    "location",
    ["/srv/tree", "https://x/y", "rsync://host", "rsync://host:x/m", "host:/path", "--daemon"],
)
def test_what_is_no_rsync_address_is_refused(location: str) -> None:
    with pytest.raises(SourceError, match="is not where rsync can list"):
        look("rsync", location)


def test_credentials_have_no_place_in_a_source() -> None:
    with pytest.raises(SourceError, match="no user name or password"):
        look("rsync", "rsync://ada:secret@127.0.0.1/tree")


def test_a_server_that_is_no_rsync_is_a_reason() -> None:
    with Mirror({}) as web, pytest.raises(SourceError, match="rsync ended with"):
        look("rsync", f"rsync://127.0.0.1:{web.port}/tree", policy=SourcePolicy(
            allow_private=True, silence_seconds=2
        ))  # fmt: skip


def test_a_scan_that_is_given_up_leaves_no_rsync_behind(tmp_path: Path) -> None:
    def give_up() -> None:
        raise KeyboardInterrupt

    with rsync_daemon(grow(tmp_path / "m"), tmp_path / "d") as url:
        source = RsyncListing(
            SourcePlace("rsync", url), ScanScope("pub"), SourcePolicy(allow_private=True)
        )
        with pytest.raises(KeyboardInterrupt):
            list(source.directories(unchanged={}, beat=give_up))
        running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
        assert f"{url}/" not in running.stdout


def source_of(url: str) -> RsyncListing:
    policy = SourcePolicy(allow_private=True, answer_seconds=2)
    return RsyncListing(SourcePlace("rsync", url), ScanScope("pub"), policy)


def running() -> str:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return listed.stdout


def test_rsync_lists_while_the_caller_does_something_else(tmp_path: Path) -> None:
    root = grow(tmp_path / "m")
    with rsync_daemon(root, tmp_path / "d") as url:
        source = source_of(url)
        with source.started():
            (root / "late").touch()
            early = list(source.directories(unchanged={}))
        later = list(source.directories(unchanged={}))
    tops = [item for item in (*early, *later) if isinstance(item, ScannedDirectory) and not item[0]]
    assert ["late" in {entry.name for entry in top.entries or ()} for top in tops] == [False, True]


def test_rsync_ends_with_a_caller_that_does_not_ask(tmp_path: Path) -> None:
    files = {f"{number:05d}-a-name-so-long-that-no-pipe-holds-all": "" for number in range(20_000)}
    with rsync_daemon(grow(tmp_path / "m", files), tmp_path / "d") as url:
        with pytest.raises(KeyError), source_of(url).started():
            raise KeyError
        assert f"{url}/" not in running()


def test_nobody_at_home_is_noticed_at_the_start() -> None:
    with (
        pytest.raises(SourceError, match="rsync"),
        source_of(f"rsync://127.0.0.1:{free_port()}/tree").started(),
    ):
        raise AssertionError("It began.")


def test_a_stored_listing_is_what_rsync_prints(tmp_path: Path) -> None:
    root = grow(tmp_path / "m")
    with rsync_daemon(root, tmp_path / "d") as url:
        (tmp_path / "listing").write_bytes(listing(url))
        assert look("listing", str(tmp_path / "listing")) == look("rsync", url)
