"""Pages for everybody and for owners say nothing in English to those who read another language."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.test import Client

from crawler.logic.freshness import judge_file
from registry.models import Country, EventKind, Host, Site
from registry.services.events import record_event
from registry.services.hosts import add_url
from registry.services.netblocks import add_netblocks
from registry.services.owner_switches import switch_host
from registry.services.switches import disable_hosts, enable_hosts
from tests.conftest import NOW
from tests.crawler.logic.test_freshness import TABLE
from tests.factories import (
    CategoryFactory,
    DirectoryFactory,
    DirectoryIssueFactory,
    HostFactory,
    carry,
)
from tests.registry.test_accessibility import owners_pages
from tests.test_pages import PUBLIC

pytestmark = pytest.mark.django_db
LANGUAGES = ["de", "zh-hans"]
MINUTE = timedelta(minutes=1)
EVENTS = (
    "All its URLs failed 4 visits in a row or more, the last time because: Nothing was learned "
    "from https://m1.example.org/pub: no connection. It comes back by itself once one of them "
    "works.",
    "It could not be reached 3 times in a row. By IPv4: no answer in time.",
)
# Words that are in nearly every English sentence, and in none of the other languages.
ENGLISH = re.compile(
    r"\b(the|is|it|its|has|have|had|of|to|and|with|from|are|not|by|for|you|your|be|this|no)\b", re.I
)
CODE = {"code", "pre", "script", "style"}


class Words(HTMLParser):
    """The texts of a page for people in the page's language, a line each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.stack: list[bool] = []
        self.lines: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag not in {"meta", "link", "input", "br", "hr", "img"}:
            self.stack.append(tag in CODE or (tag != "html" and "lang" in names))
        self.lines += [names[name] or "" for name in ("title", "aria-label") if name in names]

    def handle_endtag(self, tag: str) -> None:
        if self.stack:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.stack):
            self.lines.append(" ".join(data.split()))


def english(page: str) -> list[str]:
    """Return the lines of a page that are English."""
    # Names of countries are shown as the table of countries has them.
    countries = {name for row in Country.objects.all() for name in (row.name, str(row))}
    return [line for line in Words(page).lines if ENGLISH.search(line) and line not in countries]


@pytest.fixture
def host(site: Site, ben: User, ada: User) -> Host:
    """A Host to which much has happened."""
    category = CategoryFactory.create(name="Linux", top_directory="pub/linux")
    made: Host = HostFactory.create(site=site, name="m1.example.org")
    copy = carry(made, category, "https://m1.example.org/pub")
    for number, row in enumerate(TABLE[:12]):
        directory = DirectoryFactory.create(category=category, path=f"pub/linux/{number}")
        verdict = judge_file(row[0], row[1])
        if not verdict.good:
            DirectoryIssueFactory.create(
                host_category=copy,
                directory=directory,
                state=verdict.state.value,
                sentence=verdict.sentence,
            )
    add_url(copy, "https://other.example.net/pub", private=False, actor=ben, now=NOW)
    disable_hosts([made], actor=ada, now=NOW, sentence="Platte defekt.")
    enable_hosts([made], actor=ada, now=NOW + MINUTE)
    add_netblocks(made, ["192.0.2.0/24", "198.51.100.0/24"], actor=ben, now=NOW)
    made.refresh_from_db()
    switch_host(made, active=False, reason="Umzug.", actor=ben, now=NOW + MINUTE)
    for text in EVENTS:
        record_event(made, EventKind.URL_FAILED, text, now=NOW)
    return made


@pytest.mark.parametrize("language", LANGUAGES)
def test_owners_pages_say_nothing_in_english(
    client: Client, ben: User, host: Host, language: str
) -> None:
    client.force_login(ben)
    assert said_in_english(client, owners_pages(host), language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_for_everybody_say_nothing_in_english(
    client: Client, host: Host, language: str
) -> None:
    listed = HostFactory.create(name="m2.example.org")
    carry(listed, host.host_categories.get().category, "https://m2.example.org/pub")
    pages = [page.replace("/host/1/", f"/host/{listed.pk}/") for page in PUBLIC]
    assert said_in_english(client, pages, language) == []


def said_in_english(client: Client, addresses: list[str], language: str) -> list[str]:
    found = []
    for address in addresses:
        page = client.get(address, headers={"accept-language": language})
        assert page.status_code == 200, address
        assert f'<html lang="{language}"' in page.text
        found += [f"{address}: {line}" for line in english(page.text)]
    return found
