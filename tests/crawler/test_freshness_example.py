"""The worked example of docs/how-it-works/freshness.md."""

import pytest

from tests.crawler.mirrors import Mirror
from tests.crawler.world import (
    OLD,
    PACKAGES,
    REPODATA,
    copy_of,
    crawl,
    issues,
    make_category,
    mirror_of,
    paths,
)

pytestmark = pytest.mark.django_db


def test_the_worked_example_of_the_documentation() -> None:
    with Mirror({f"/pub/{REPODATA}/repomd.xml": OLD}) as mirror:
        host = mirror_of(make_category(), mirror)
        [run] = crawl(host)
        first, *rest = [f"{each.method} {each.path}" for each in mirror.requests]
    assert first.startswith("HEAD /pub/mirrorsite-")
    assert first.endswith("-does-not-exist")
    assert sorted(rest) == [
        "GET /pub/42/os/repodata/repomd.xml",
        "HEAD /pub/",
        "HEAD /pub/42/",
        "HEAD /pub/42/os/",
        "HEAD /pub/42/os/Packages/bash.rpm",
    ]
    assert issues(copy_of(host)) == {
        PACKAGES: ("missing", "not_found"),
        REPODATA: ("stale", "metadata_older"),
    }
    assert paths(copy_of(host)) == {"", "42", "42/os"}
    assert run.reason == "3 of 5 Directories are up2date; 1 stale, 1 missing."
