"""Every public page answers, has one title, one heading, landmarks and captions, and is cheap."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from tests.factories import CategoryFactory, HostFactory, carry

PUBLIC = [
    "/",
    "/mirrors/",
    "/mirrors/for-me/",
    "/mirrors/host/1/",
    "/map/",
    "/status/",
    "/help/",
    "/help/use/",
    "/help/mirror/",
    "/help/api/",
    "/propagation/",
    "/statistics/",
    "/crawler/",
]
BUDGET = 12


class Outline(HTMLParser):
    """Count elements; note what a Content-Security-Policy without 'unsafe-inline' would refuse."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.inline: list[str] = []
        self.unlabeled: list[str] = []
        self.stack: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if not (tag == "title" and "svg" in self.stack):  # that one names a part of a drawing
            self.counts[tag] = self.counts.get(tag, 0) + 1
        self.stack.append(tag)
        if tag == "style" or "style" in names or any(name.startswith("on") for name in names):
            self.inline.append(f"{tag} {names}")
        if tag == "script" and "src" not in names:
            self.inline.append("script")
        if tag == "th" and "scope" not in names:
            self.unlabeled.append("th")
        if tag in {"select", "textarea"} and "label" not in self.stack and "id" not in names:
            self.unlabeled.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop() != tag:
            pass


def assert_well_formed(text: str) -> None:
    outline = Outline(text)
    assert outline.counts["title"] == outline.counts["h1"] == outline.counts["main"] == 1
    assert outline.counts.get("table", 0) == outline.counts.get("caption", 0)
    assert not outline.inline
    assert not outline.unlabeled


@pytest.mark.django_db
@pytest.mark.parametrize("url", PUBLIC)
def test_a_public_page_is_well_formed_and_cheap(
    client: Client, url: str, django_assert_max_num_queries
) -> None:
    carry(HostFactory.create(pk=1), CategoryFactory.create(), "https://m1.example.org/")
    with django_assert_max_num_queries(BUDGET):
        answer = client.get(url)
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    text = answer.content.decode()
    assert_well_formed(text)
    assert 'class="skip" href="#main"' in text


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/", "/map/", "/status/", "/propagation/"])
def test_a_page_with_numbers_says_when_they_were_taken(client: Client, url: str) -> None:
    assert "Numbers as of" in client.get(url).content.decode()


@pytest.mark.django_db
def test_what_does_not_exist_has_a_page_that_leads_on(client: Client) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert_well_formed(answer.content.decode())
    assert 'href="/"' in answer.content.decode()


@pytest.mark.parametrize("status", ["403", "500"])
def test_other_errors_have_pages_that_lead_on(status: str) -> None:
    request = RequestFactory().get("/") if status == "403" else None
    text = render_to_string(f"{status}.html", request=request)
    assert_well_formed(text)
    assert 'href="/"' in text


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/admin/", "/admin/approvals/", "/admin/reference/"])
def test_pages_of_operators_have_nothing_inline(admin: Client, url: str) -> None:
    outline = Outline(admin.get(url).content.decode())
    assert not outline.inline
    assert outline.counts["h1"] == 1


def test_the_style_sheet_stays_small() -> None:
    static = Path(settings.BASE_DIR) / "mirrorsite/static/mirrorsite"
    assert (static / "site.css").stat().st_size <= 10_000
