"""Owners' and operators' pages in a real browser: no serious finding, and nothing is too wide."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from registry.models import Host, Site
from tests.browsing import NARROW, browse, problems, session_of
from tests.factories import (
    CategoryFactory,
    DirectoryFactory,
    DirectoryIssueFactory,
    HostCategoryUrlFactory,
    HostFactory,
    carry,
)

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.sqlite_only,
]
SERIOUS = ("(serious)", "(critical)", "wider")


@pytest.fixture(autouse=True)
def allow_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    # Playwright runs a loop in this thread, in which Django would refuse to touch the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def host(site: Site) -> Host:
    """A Host with everything on its page."""
    category = CategoryFactory.create(name="Fedora Linux", top_directory="pub/fedora/linux")
    directory = DirectoryFactory.create(category=category, path="pub/fedora/linux/42")
    made: Host = HostFactory.create(site=site, name="mirror.example.org")
    copy = carry(made, category, "https://mirror.example.org/pub")
    HostCategoryUrlFactory.create(
        host_category=copy, url="https://other.example.net/pub", approval="pending"
    )
    DirectoryIssueFactory.create(host_category=copy, directory=directory)
    HostFactory.create(site=site, name="waiting.example.org", approval="pending")
    return made


def owners_pages(host: Host) -> list[str]:
    of_host = ("host", "host-edit", "carriage", "clients", "netblocks", "host-lint", "host-delete")
    of_site = ("site", "site-edit", "people", "webhooks", "host-new", "password-new")
    alone = ("sites", "add", "site-new", "account", "own-token-new", "notifications")
    return [
        *(reverse(f"my:{name}") for name in alone),
        *(reverse(f"my:{name}", args=[host.site_id]) for name in of_site),
        *(reverse(f"my:{name}", args=[host.pk]) for name in of_host),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_owners_pages_break_no_rule_and_fit_a_telephone(
    live_server: LiveServer, ben: User, host: Host, scheme: str
) -> None:
    with browse(live_server.url, session_of(ben), width=NARROW, scheme=scheme) as page:
        found: list[str] = []
        page.on("console", lambda message: found.append(f"{page.url}: {message.text}"))
        for address in owners_pages(host):
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200, address
            found += problems(page, width=NARROW)
    assert found == []


def test_pages_for_signing_in_break_no_rule(live_server: LiveServer, settings) -> None:
    settings.ACCOUNTS_REGISTRATION = True
    with browse(live_server.url, width=NARROW) as page:
        found = []
        for address in ("login/", "register/", "password/", "signed-out/"):
            page.goto(f"/accounts/{address}")
            found += problems(page, width=NARROW)
    assert found == []


def test_operators_own_pages_have_no_serious_finding(
    live_server: LiveServer, ada: User, host: Host
) -> None:
    names = ("/admin/", "/admin/approvals/", "/admin/operations/")
    with browse(live_server.url, session_of(ada)) as page:
        found = []
        for address in names:
            page.goto(address)
            found += [
                line for line in problems(page, width=1280) if any(word in line for word in SERIOUS)
            ]
    assert found == []


def test_an_operator_works_through_the_queue_by_keyboard(
    live_server: LiveServer, ada: User, host: Host
) -> None:
    with browse(live_server.url, session_of(ada)) as page:
        page.goto("/admin/approvals/")
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.keyboard.press("a")
        page.wait_for_load_state()
        page.get_by_text("Approved: 1 object.").wait_for()
    assert Host.objects.get(name="waiting.example.org").approval == "approved"
