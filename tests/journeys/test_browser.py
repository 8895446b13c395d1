"""Journeys in a real browser: an owner mends a stale mirror, a visitor comes without JavaScript."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django_q.conf import Conf
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from mirrorlist.services.snapshots import build_snapshot, snapshot_policy
from registry.models import Host
from tests.browsing import NARROW, browse, session_of
from tests.crawler.mirrors import Mirror
from tests.crawler.world import OLD, REPODATA, crawl, good_files, make_category, mirror_of
from tests.factories import SiteAdminFactory

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.sqlite_only,
]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path) -> None:
    """Tasks run at once, and the database may be used beside the browser's loop."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    monkeypatch.setattr(Conf, "SYNC", True)
    settings.MIRRORLIST_SNAPSHOT_DIR = tmp_path
    cache.clear()


def test_an_owner_learns_what_is_stale_mends_it_and_sees_that_it_is_well(
    live_server: LiveServer, ben: User
) -> None:
    files = {**good_files(), f"/pub/{REPODATA}/repomd.xml": OLD}
    with Mirror(files) as mirror:
        host = mirror_of(make_category(), mirror)
        SiteAdminFactory.create(site=host.site, user=ben)
        crawl(host)
        with browse(live_server.url, session_of(ben)) as page:
            mend(page, host, mirror)


def mend(page: Page, host: Host, mirror: Mirror) -> None:
    page.goto("/my/")
    page.get_by_role("link", name=host.name).click()
    expect(page.get_by_text("repomd.xml still has the state of")).to_be_visible()
    mirror.files = good_files()
    page.get_by_role("button", name="Crawl me now").click()
    page.wait_for_load_state()
    page.reload()
    expect(page.get_by_text("repomd.xml still has the state of")).to_have_count(0)
    expect(page.get_by_text("100 %").first).to_be_visible()


def test_a_visitor_without_javascript_finds_a_mirror(live_server: LiveServer, now) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(make_category(), mirror)
        crawl(host)
        build_snapshot(now=now, policy=snapshot_policy())
        with browse(live_server.url, scripts=False, width=NARROW) as page:
            page.goto("/")
            page.get_by_role("link", name="Mirrors", exact=True).click()
            page.goto("/mirrors/")
            page.get_by_role("link", name=host.name).click()
            expect(page.get_by_role("heading", level=1)).to_have_text(host.name)
            expect(page.get_by_role("link", name=mirror.url)).to_be_visible()
            page.get_by_role("link", name="Deutsch").click()
            expect(page.locator("html")).to_have_attribute("lang", "de")
