"""A newcomer adds a mirror in a real browser, with JavaScript and without."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from playwright.sync_api import Page, expect

from registry.models import Category, Host
from tests.browsing import browse, session_of
from tests.crawler.mirrors import Mirror
from tests.crawler.world import good_files, make_category

# While the browser is open, Playwright runs a loop in this thread: the database waits until then.
pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def category() -> Category:
    return make_category(name="Fedora Linux", top_directory="pub/fedora/linux")


@pytest.fixture
def session() -> str:
    """The session of Dora, who has just registered."""
    return session_of(User.objects.create_user("dora", "dora@example.org", "dora's password"))


def fill_in(page: Page, url: str) -> None:
    page.goto("/my/add/")
    page.get_by_label("Name of the new Site").fill("Dora's University")
    page.get_by_label("Name of the Host").fill("mirror.dora.example")
    page.get_by_label("What it carries").select_option(label="Fedora Linux")
    page.get_by_label("URL:", exact=True).press_sequentially(url)


def add(page: Page) -> None:
    page.get_by_label("Country").select_option("DE")
    page.get_by_role("button", name="Add the mirror").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("mirror.dora.example")
    expect(page.get_by_role("status").first).to_contain_text("An operator looks at it next")


def test_what_is_typed_is_checked_without_leaving_the_page(live_server, session, category) -> None:
    with (
        Mirror(good_files("/pub/linux")) as mirror,
        browse(live_server.url, session) as page,
    ):
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        fill_in(page, mirror.url)
        checked = page.locator("#checked-url1")
        expect(checked).to_contain_text(f"Did you mean {mirror.url}/linux?")
        page.get_by_label("URL:", exact=True).fill(f"{mirror.url}/linux")
        expect(checked).to_contain_text("This looks like “Fedora Linux”")
        assert page.url.endswith("/my/add/")
        assert complaints == []
        add(page)
    assert Host.objects.get().site.name == "Dora's University"


def test_a_button_does_the_same_without_javascript(live_server, session, category) -> None:
    with Mirror(good_files()) as mirror, browse(live_server.url, session, scripts=False) as page:
        fill_in(page, mirror.url)
        page.get_by_role("button", name="Check").click()
        expect(page.locator("#checked-url1")).to_contain_text("This looks like “Fedora Linux”")
        expect(page.get_by_label("Name of the Host")).to_have_value("mirror.dora.example")
        add(page)
    assert Host.objects.get().site.name == "Dora's University"
