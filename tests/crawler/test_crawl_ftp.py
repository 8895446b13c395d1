"""Whole visits by FTP."""

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.models import RunState
from crawler.probes.ftp_client import FtpLimits
from registry.models import Category, Host
from tests.crawler.ftp_servers import ftp_server, needs_pyftpdlib
from tests.crawler.rsync_daemons import grow
from tests.crawler.world import (
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
from tests.factories import DirectoryFactory, HostFactory, carry

pytestmark = [pytest.mark.django_db, needs_pyftpdlib]

LIMITS = FtpLimits(answer_seconds=2, listing_seconds=5)


def visited(category: Category, root: Path, limits: FtpLimits) -> Host:
    host = HostFactory.create()
    with ftp_server(root) as server:
        carry(host, category, f"{server}/pub")
        [run] = crawl(host, policy=replace(POLICY, ftp=limits))
    assert run.state == RunState.FINISHED, run.reason
    return host


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return grow(tmp_path / "m", {path.lstrip("/"): text for path, text in good_files().items()})


def test_a_good_mirror_has_everything(root) -> None:
    host = visited(make_category(), root, LIMITS)
    assert not issues(copy_of(host))
    assert {PACKAGES, REPODATA} <= set(paths(copy_of(host)))


def test_what_a_listing_without_end_hides_is_unknown(root) -> None:
    """Of a Directory without files, too, of which nothing but the listing is asked for."""
    category = make_category()
    path = f"{category.top_directory}/empty"
    DirectoryFactory.create(category=category, path=path, entries=())
    for name in (PACKAGES, "empty"):
        grow(root, {f"pub/{name}/more-{number}": b"" for number in range(30)})
    host = visited(category, root, LIMITS._replace(listing_lines=20))
    unknown = ("unknown", "too_large")
    assert issues(copy_of(host)) == {PACKAGES: unknown, "empty": unknown}
    for issue in copy_of(host).issues.all():
        assert "could not be seen: the listing has more than 20 lines" in issue.sentence
