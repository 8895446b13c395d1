"""Hosts that offer rsync: their whole tree is compared, and digests are verified as well."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from crawler.logic.verdicts import UNRECOGNIZED
from crawler.models import CrawlRun, RunState
from crawler.services.held_metadata import held_by
from registry.models import Category, FileDetail, Host, HostCategory, HostCategoryUrl
from tests.crawler.mirrors import Mirror, status
from tests.crawler.rsync_daemons import grow, rsync_daemon
from tests.crawler.world import (
    CURRENT,
    EVERYTHING,
    OLD,
    PACKAGE,
    PACKAGES,
    POLICY,
    REPODATA,
    copy_of,
    crawl,
    good_files,
    issues,
    make_category,
    paths,
)
from tests.factories import HostCategoryUrlFactory, HostFactory, carry
from tests.ports import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.needs("rsync")]

REPOMD, BASH = f"{REPODATA}/repomd.xml", f"{PACKAGES}/bash.rpm"


@pytest.fixture
def category() -> Category:
    return make_category()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return grow(tmp_path / "tree", {REPOMD: CURRENT, BASH: PACKAGE}, mtime={REPOMD: 2000})


@pytest.fixture
def daemon(root: Path, tmp_path: Path) -> Iterator[str]:
    with rsync_daemon(root, tmp_path / "state") as url:
        yield f"{url}/pub"


def visit(category: Category, *urls: str) -> tuple[Host, CrawlRun]:
    host = HostFactory.create()
    copy = carry(host, category, urls[0])
    for url in urls[1:]:
        HostCategoryUrlFactory.create(host_category=copy, url=url)
    [run] = crawl(host)
    return host, run


def test_one_listing_says_everything(category, daemon) -> None:
    host, run = visit(category, daemon)
    assert paths(copy_of(host)) == EVERYTHING
    assert (run.state, run.reason) == (RunState.FINISHED, "5 of 5 Directories are up2date.")
    assert run.counts["requests"] == 2  # the listing, and repomd.xml for its digest


def test_a_file_that_sampling_might_miss_is_missed(category, daemon, root) -> None:
    (root / BASH).unlink()
    host, _ = visit(category, daemon)
    assert issues(copy_of(host))[PACKAGES] == ("missing", "not_found")
    assert paths(copy_of(host)) == EVERYTHING - {PACKAGES}


def test_metadata_of_the_right_size_and_the_wrong_content_is_stale(category, daemon, root) -> None:
    other = b"<repomd>CURRENT</repomd>"
    grow(root, {REPOMD: other}, mtime=2000)
    host, _ = visit(category, daemon)
    assert issues(copy_of(host)) == {REPODATA: ("stale", "metadata_other")}


def test_an_older_state_of_metadata_is_stale(category, daemon, root) -> None:
    grow(root, {REPOMD: OLD}, mtime=2000)
    host, _ = visit(category, daemon)
    assert issues(copy_of(host)) == {REPODATA: ("stale", "size_differs")}


def test_digests_are_verified_by_http_where_there_is_any(category, daemon) -> None:
    with Mirror(good_files()) as mirror:
        host, _ = visit(category, mirror.url, daemon)
        assert mirror.asked(f"/pub/{REPOMD}") == ["GET"]
        assert not mirror.asked(f"/pub/{BASH}")
    assert paths(copy_of(host)) == EVERYTHING
    assert set(HostCategoryUrl.objects.values_list("state", flat=True)) == {"working"}


def test_http_that_serves_other_metadata_than_rsync_is_believed(category, daemon) -> None:
    with Mirror({**good_files(), f"/pub/{REPOMD}": OLD}) as mirror:
        host, _ = visit(category, mirror.url, daemon)
    assert issues(copy_of(host)) == {REPODATA: ("stale", "metadata_older")}


def test_a_silent_http_server_leaves_what_the_listing_says(category, daemon) -> None:
    with Mirror(answer=status(500)) as mirror:
        host, _ = visit(category, mirror.url, daemon)
    assert paths(copy_of(host)) == EVERYTHING


def test_digests_are_verified_by_rsync_where_http_is_silent(category, daemon, root) -> None:
    grow(root, {REPOMD: b"<repomd>CURRENT</repomd>"}, mtime=2000)
    with Mirror() as gone:
        pass
    host, _ = visit(category, gone.url, daemon)
    assert issues(copy_of(host)) == {REPODATA: ("stale", "metadata_other")}


@pytest.mark.parametrize("module", ["nothing", "nopath"])
def test_http_takes_over_for_a_daemon_that_refuses(category, daemon, module) -> None:
    url = daemon.replace("/pub", f"/{module}")
    with Mirror(good_files()) as mirror:
        host, run = visit(category, mirror.url, url)
        assert mirror.asked(f"/pub/{BASH}") == ["HEAD"]
    assert paths(copy_of(host)) == EVERYTHING
    failing = HostCategoryUrl.objects.get(url=url)
    assert (failing.state, run.state) == ("failing", RunState.FINISHED)
    assert "the server refuses (" in failing.reason


def test_a_host_without_any_answer_keeps_what_it_had(category, daemon) -> None:
    host, _ = visit(category, daemon)
    url = HostCategoryUrl.objects.get()
    url.url = f"rsync://127.0.0.1:{free_port()}/pub"
    url.save()
    [run] = crawl(host)
    assert run.state == RunState.FAILED
    assert "Nothing was learned from rsync://" in run.reason
    assert paths(copy_of(host)) == EVERYTHING


def test_a_module_of_something_else_does_not_hide_a_good_url(category, daemon, root) -> None:
    for name in (REPOMD, BASH):
        (root / name).unlink()
    with Mirror(good_files()) as mirror:
        host, _ = visit(category, mirror.url, daemon.replace("/pub", "/pub/42/os/Packages"))
    assert paths(copy_of(host)) == EVERYTHING


def test_listings_with_control_characters_are_harmless(category, daemon, root) -> None:
    (root / "42/os/Packages/\x1b]0;x\x07\n-rw-r--r--").write_bytes(b"")
    host, run = visit(category, daemon)
    assert paths(copy_of(host)) == EVERYTHING
    assert run.log.replace("\n", "").isprintable()


def held(host: Host) -> list[int]:
    copy = HostCategory.objects.select_related("held_metadata").get(host=host)
    return [each.content_at for each in held_by(copy).values()]


def state_of(content: bytes) -> int:
    return FileDetail.objects.get(sha256=sha256(content).hexdigest()).timestamp


@pytest.mark.parametrize("content", [CURRENT, OLD], ids=["current", "older"])
def test_a_listing_alone_says_which_state_of_metadata_is_there(
    category, daemon, root, content
) -> None:
    """Nothing is fetched for its digest, as of most files of a great Host."""
    grow(root, {REPOMD: content}, mtime=2000)
    host = HostFactory.create()
    carry(host, category, daemon)
    [run] = crawl(host, policy=replace(POLICY, files_fetched_by_rsync=0))
    assert run.counts["requests"] == 1
    assert held(host) == [state_of(content)]


def test_what_a_digest_says_counts_before_the_listing(category, daemon, root) -> None:
    grow(root, {REPOMD: b"<repomd>CURRENT</repomd>"}, mtime=2000)
    host, _ = visit(category, daemon)
    assert held(host) == [UNRECOGNIZED]
