"""What the people of a stale mirror see: which directories, what was expected, what was found."""

from html import unescape

import pytest
from django.test import Client

from registry.models import Category
from tests.crawler.mirrors import Mirror
from tests.crawler.world import (
    OLD,
    PACKAGES,
    REPODATA,
    crawl,
    good_files,
    make_category,
    mirror_of,
)
from tests.factories import SiteAdminFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def category() -> Category:
    return make_category()


def test_the_page_of_a_stale_mirror_says_what_was_expected_and_what_was_found(
    category, ada, ben
) -> None:
    files = {**good_files(), f"/pub/{REPODATA}/repomd.xml": OLD, f"/pub/{PACKAGES}/bash.rpm": b"x"}
    with Mirror(files) as mirror:
        host = mirror_of(category, mirror)
        SiteAdminFactory.create(site=host.site, user=ben)
        crawl(host)
    copy = host.host_categories.get()
    assert copy.issue_count == 2
    top = category.top_directory
    for person, address in (
        (ben, f"/my/hosts/{host.pk}/"),
        (ada, f"/my/hosts/{host.pk}/"),
        (ada, f"/admin/registry/directoryissue/?host_category__id__exact={copy.pk}"),
    ):
        client = Client()
        client.force_login(person)
        page = unescape(client.get(address).content.decode())
        assert f"{top}/{REPODATA}" in page
        assert "repomd.xml still has the state of 2026-11-18 12:00 UTC" in page
        assert "the master has that of 2026-11-19 12:00 UTC" in page
        assert f"{top}/{PACKAGES}" in page
        assert "bash.rpm should have 500 bytes, but" in page
        assert "bash.rpm has 1." in page
