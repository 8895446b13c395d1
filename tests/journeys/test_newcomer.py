"""From nobody to a listed mirror in a real browser, for somebody who reads German."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django_q.conf import Conf
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from registry.models import Directory, Host
from tests.browsing import browse, session_of
from tests.crawler.mirrors import Mirror
from tests.crawler.world import crawl, good_files, make_category
from tests.factories import RepositoryFactory

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.sqlite_only,
]
PASSWORD = "correct horse battery"
NAME = "mirror.dora.example"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    """Tasks run at once, visitors may register, and the database may be used beside the browser."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    monkeypatch.setattr(Conf, "SYNC", True)
    settings.MIRRORLIST_SNAPSHOT_DIR = tmp_path
    settings.ACCOUNTS_REGISTRATION = True
    cache.clear()


def test_a_newcomer_registers_adds_a_mirror_is_approved_and_listed(
    live_server: LiveServer, ada: User
) -> None:
    category = make_category(name="Fedora Linux", top_directory="pub/fedora/linux")
    directory = Directory.objects.get(path=f"{category.top_directory}/42/os")
    RepositoryFactory.create(directory=directory, prefix="fedora-42")
    with Mirror(good_files()) as mirror:
        with browse(live_server.url, language="de") as page:
            register(page)
            add(page, mirror.url)
            expect(page.get_by_text("Es wartet, bis ein Betreiber es").first).to_be_visible()
        publish()
        assert NAME not in listed(live_server)
        approve(live_server, ada)
        publish()
        assert NAME in listed(live_server)


def register(page: Page) -> None:
    """Make an account, follow the link in the letter, sign in."""
    page.goto("/accounts/register/")
    page.get_by_label("Benutzername").fill("dora")
    page.get_by_label("E-Mail-Adresse").fill("dora@example.org")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name="Registrieren").click()
    page.wait_for_load_state()
    (letter,) = mail.outbox
    assert letter.subject == "Bestätigen Sie Ihre Adresse für Mirrorsite"
    found = re.search(r"https?://[^/]+(/\S+)", str(letter.body))
    assert found
    page.goto(found[1])
    page.get_by_role("button", name="Ja, es ist meine").click()
    page.goto("/accounts/login/")
    page.get_by_label("Benutzername").fill("dora")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page).to_have_url(re.compile("/my/$"))


def add(page: Page, url: str) -> None:
    page.goto("/my/add/")
    page.get_by_label("Name der neuen Site").fill("Doras Universität")
    page.get_by_label("Name des Hosts").fill(NAME)
    page.get_by_label("Was er führt").select_option(label="Fedora Linux")
    page.get_by_label("URL:", exact=True).press_sequentially(url)
    expect(page.locator("#checked-url1")).to_contain_text("Das sieht nach „Fedora Linux“ aus")
    page.get_by_label("Land").select_option("DE")
    page.get_by_role("button", name="Den Spiegel hinzufügen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)


def approve(live_server: LiveServer, operator: User) -> None:
    """Approve what waits, one after the other, until nothing does."""
    with browse(live_server.url, session_of(operator)) as page:
        page.goto("/admin/approvals/")
        for name in ("Doras Universität", NAME):
            page.get_by_role("button", name=f"Approve {name}").click()
            page.get_by_text("Approved: 1 object.").wait_for()
        expect(page.get_by_text("Nothing waits.").first).to_be_visible()
        expect(page.locator(".queue button")).to_have_count(0)


def publish() -> None:
    crawl(Host.objects.get())
    call_command("build_snapshot", "--force", verbosity=0)


def listed(live_server: LiveServer) -> str:
    """Return the list of mirrors as a stranger reads it."""
    cache.clear()
    with browse(live_server.url) as page:
        page.goto("/mirrors/")
        return page.locator("main").inner_text()
