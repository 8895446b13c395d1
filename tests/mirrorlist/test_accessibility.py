"""Public pages in a real browser: no rule of accessibility is broken, and nothing is too wide."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from mirrorlist.services.snapshots import build_snapshot
from registry.models import Version
from tests import factories

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
WIDTH = 400
PAGES = [
    "/",
    "/mirrors/",
    "/mirrors/Fedora/42/x86_64/",
    "/mirrors/?country=AQ",
    "/mirrors/host/good.example.org/",
    "/mirrors/for-me/?ip=193.99.144.80",
    "/mirrors/for-me/?ip=nonsense",
    "/map/",
    "/status/",
    "/help/",
    "/help/use/",
    "/help/mirror/",
    "/help/api/",
    "/propagation/",
    "/statistics/",
    "/crawler/",
    "/no-such-page",
]


@pytest.fixture
def served(network, policy, now, live_server: LiveServer) -> LiveServer:
    product = factories.ProductFactory.create(name="Fedora")
    network.repository.version = Version.objects.create(product=product, name="42")
    network.repository.save()
    network.host("good.example.org", country="DE", latitude=50.1, longitude=8.6)
    network.host("far.example.org", country="JP", has=[network.os])
    build_snapshot(now=now, policy=policy)
    return live_server


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_public_pages_break_no_rule_and_fit_a_telephone(served: LiveServer, scheme: str) -> None:
    # Playwright runs an event loop in its thread, and Django refuses tables beside one.
    with ThreadPoolExecutor(1) as elsewhere:
        found = elsewhere.submit(look_at_pages, served.url, scheme).result()
    assert found == []


def look_at_pages(server: str, scheme: str) -> list[str]:
    """Return what is wrong with the pages, a line each."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = chromium.new_page(
            viewport={"width": WIDTH, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        found: list[str] = []
        page.on("console", lambda message: found.append(f"{page.url}: {message.text}"))
        for url in PAGES:
            page.goto(f"{server}{url}")
            found += problems(page, url)
        chromium.close()
    return [line for line in found if "404 (Not Found)" not in line]


def problems(page: Page, url: str) -> list[str]:
    found = []
    if page.evaluate("document.documentElement.scrollWidth") > WIDTH:
        found.append(f"{url}: wider than the window")
    for rule in Axe().run(page).response["violations"]:
        nodes = [node["html"][:200] for node in rule["nodes"][:3]]
        found.append(f"{url}: {rule['id']} ({rule['impact']}): {nodes}")
    return found
