"""Public pages in a real browser: no rule of accessibility is broken, and nothing is too wide."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django.live_server_helper import LiveServer

from mirrorlist.services.snapshots import build_snapshot
from registry.models import Version
from tests import factories
from tests.browsing import NARROW, browse, problems

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
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
    found: list[str] = []
    with browse(server, width=NARROW, scheme=scheme) as page:
        page.on("console", lambda message: found.append(f"{page.url}: {message.text}"))
        for url in PAGES:
            page.goto(url)
            found += problems(page, width=NARROW)
    return [line for line in found if "404 (Not Found)" not in line]
