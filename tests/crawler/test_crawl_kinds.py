"""From the master to a mirror, by format of Repository: an old copy of the same size is found."""

from pathlib import Path

import pytest

from tests.crawler.mirrors import Mirror
from tests.crawler.trees import Clock, grow, linux, scan
from tests.crawler.world import copy_of, crawl, issues, mirror_of

pytestmark = pytest.mark.django_db

RELEASE = "Date: Sat, 15 Nov 2025 10:13:0{} UTC\nSHA256:\n"
# What the master has, and what a mirror still has: as long, and of another digest.
COPIES = {
    "atomic/42/summary": ("refs 2", "refs 1"),
    "debian/dists/stable/InRelease": (RELEASE.format(4), RELEASE.format(3)),
    "arch/core/os/x86_64/core.db": ("tar 2", "tar 1"),
    "iso/SHA256SUMS": ("abc  a.iso\n", "abd  a.iso\n"),
}


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("stale", [False, True])
def test_an_old_copy_of_the_same_size_is_found(
    tmp_path: Path, clock: Clock, name: str, stale: bool
) -> None:
    master, old = COPIES[name]
    there = {"atomic/42/objects/00/a.filez": "content"} if "atomic" in name else {}
    category = linux(grow(tmp_path / "m", {name: master, **there}))
    scan(category, clock)
    files = {name: old if stale else master, **there}
    with Mirror({f"/pub/{path}": text.encode() for path, text in files.items()}) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
    directory = name.rpartition("/")[0]
    expected = {directory: ("stale", "metadata_other")} if stale else {}
    assert issues(copy_of(host)) == expected
