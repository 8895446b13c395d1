"""Several URLs of one Host: who is asked, who takes over, and what each is told."""

import pytest

from crawler.models import RunState
from registry.models import Category, HostCategoryUrl
from tests.crawler.mirrors import Mirror, status
from tests.crawler.world import (
    EVERYTHING,
    PACKAGES,
    REPODATA,
    copy_of,
    crawl,
    good_files,
    make_category,
    mirror_of,
    paths,
)
from tests.factories import HostCategoryUrlFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def category() -> Category:
    return make_category()


def test_the_next_url_is_asked_about_the_same_directory(category) -> None:
    broken = {f"/pub/{REPODATA}/repomd.xml": status(500)}
    with Mirror(good_files(), special=broken) as first, Mirror(good_files()) as second:
        host = mirror_of(category, first, second)
        [run] = crawl(host)
        assert second.asked(f"/pub/{REPODATA}/repomd.xml") == ["GET"]
        assert not second.asked(f"/pub/{PACKAGES}/bash.rpm")
    assert paths(copy_of(host)) == EVERYTHING
    assert run.categories.get().url == second.url


def test_a_dead_url_leaves_the_work_to_the_next(category) -> None:
    with Mirror() as gone:
        pass
    with Mirror(good_files()) as second:
        host = mirror_of(category, gone, second)
        [run] = crawl(host)
    assert paths(copy_of(host)) == EVERYTHING
    states = dict(HostCategoryUrl.objects.values_list("url", "state"))
    assert states == {gone.url: "failing", second.url: "working"}
    assert run.state == RunState.FINISHED


def test_a_url_to_the_wrong_place_does_not_hide_a_good_one(category) -> None:
    with Mirror() as wrong, Mirror(good_files()) as right:
        host = mirror_of(category, wrong, right)
        crawl(host)
    assert paths(copy_of(host)) == EVERYTHING
    url = HostCategoryUrl.objects.get(url=wrong.url)
    assert url.state == "failing"
    assert "Check that it leads to the top directory" in url.reason


def test_a_protocol_that_the_category_leaves_out_is_not_used(category) -> None:
    category.crawl_protocols = "http"
    category.save()
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        rsync = HostCategoryUrlFactory.create(
            host_category=copy_of(host), url="rsync://mirror.example.org/pub"
        )
        crawl(host)
    rsync.refresh_from_db()
    assert (rsync.state, rsync.last_probed_at) == ("unknown", None)
