"""A real browser for tests, beside a live server: pages, sessions, rules of accessibility."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
NARROW, WIDE = 400, 1280


def session_of(user: User) -> str:
    """Return the cookie of somebody who is signed in."""
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


@contextmanager
def browse(
    server: str,
    session: str = "",
    *,
    width: int = WIDE,
    scheme: Any = "light",
    scripts: bool = True,
    language: str = "en",
) -> Iterator[Page]:
    """Open a browser; `session` is a cookie of ours, without one it is a stranger's."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            locale=language,
            base_url=server,
        )
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": server}])
        try:
            yield context.new_page()
        finally:
            browser.close()


def problems(page: Page, *, width: int) -> list[str]:
    """Return what is wrong with the page that is shown, a line each."""
    found = []
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append(f"{page.url}: wider than the window")
    for rule in Axe().run(page).response["violations"]:
        nodes = [node["html"][:200] for node in rule["nodes"][:3]]
        found.append(f"{page.url}: {rule['id']} ({rule['impact']}): {nodes}")
    return found
