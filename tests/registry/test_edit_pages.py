"""What Ben does with the forms of his Site and his Host, through the front door."""

from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from registry.models import Event, Host, HostTransfer, Site
from registry.services.credentials import issue_host_token
from registry.services.edits import edit
from tests.conftest import NOW
from tests.factories import CategoryFactory, HostFactory, carry
from tests.test_pages import Outline, assert_well_formed

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"
FORM = {
    "name": "mirror.example.org",
    "country": "DE",
    "bandwidth_mbps": "100",
    "max_connections": "1",
    "reach": "everybody",
    "asn_clients": "on",
    "revision": "0",
}


@pytest.fixture
def host(site: Site) -> Host:
    made: Host = HostFactory.create(site=site, name="mirror.example.org")
    return made


@pytest.fixture
def bens(client: Client, ben: User) -> Client:
    client.force_login(ben)
    return client


def page(answer: Any) -> str:
    assert_well_formed(answer.content.decode())
    return unescape(answer.content.decode())


def test_a_registered_site_leads_to_its_first_host(bens: Client) -> None:
    form = {"name": "New University", "organization_url": "new.example.org", "user_active": "on"}
    answer = bens.post("/my/sites/new/", form, follow=True)
    site = Site.objects.get(name="New University")
    assert answer.redirect_chain == [(f"/my/sites/{site.pk}/", 302)]
    assert "Now add your first Host. An operator looks at it meanwhile" in page(answer)
    assert (site.organization_url, site.admins.get().user.username) == (
        "https://new.example.org",
        "ben",
    )


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("name", "", "This field is required"),
        ("name", "EXAMPLE university", "A Site of this name exists already"),
        ("name", "Exаmple", "mixes letters of Cyrillic and Latin"),
        ("name", "a\0b", "Null characters are not allowed"),
        ("name", "a\u202eb", "Leave out the invisible character U+202E"),
        ("name", "x" * 1_000_000, "at most 200 characters"),
        ("organization_url", "javascript:alert(1)", "Enter a valid URL"),
        ("organization_url", "ftp://example.org/", "must begin with one of https://, http://"),
    ],
)
def test_a_site_is_not_registered_with_anything(
    bens: Client, field: str, value: str, problem: str
) -> None:
    answer = bens.post("/my/sites/new/", {"name": "New University", field: value})
    assert answer.status_code == 400
    assert problem in page(answer)
    assert "autofocus" in answer.content.decode()
    assert Site.objects.count() == 1


def test_a_site_is_edited_and_of_two_tabs_one_waits(bens: Client, site: Site) -> None:
    address = f"/my/sites/{site.pk}/edit/"
    form = {"name": site.name, "user_active": "on", "revision": "0"}
    long = bens.post(address, {**form, "downstream_comments": "x" * 5000})
    assert "at most 4,000 characters" in page(long)
    assert (
        bens.post(address, {**form, "organization_url": "https://example.org"}).status_code == 302
    )
    late = bens.post(address, {**form, "name": "Renamed", "admin_active": ""})
    assert late.status_code == 409
    assert "https://example.org" in page(late)
    site.refresh_from_db()
    assert (site.name, site.revision, site.admin_active) == ("Example University", 1, True)


def test_fields_that_are_not_an_owners_are_neither_shown_nor_taken(
    bens: Client, host: Host
) -> None:
    more = {"admin_active": "", "always_listed": "on", "share_percent": "10000", "sponsor": "1"}
    sly = {**more, "approval": "approved", "site": "1", "id": "7", "disable_reason": "x"}
    shown = page(bens.get(f"/my/hosts/{host.pk}/edit/"))
    assert not [name for name in sly if f'name="{name}"' in shown]
    assert (
        bens.post(f"/my/hosts/{host.pk}/edit/", {**FORM, "comment": "x", **sly}).status_code == 302
    )
    (event,) = Event.objects.filter(host=host)
    assert event.facts == {"comment": ["", "x"]}


def test_operators_see_their_own_fields_as_well(admin: Client, host: Host) -> None:
    shown = page(admin.get(f"/my/hosts/{host.pk}/edit/"))
    assert 'name="share_percent"' in shown
    form = {**FORM, "admin_active": "on", "share_percent": "50"}
    assert admin.post(f"/my/hosts/{host.pk}/edit/", form).status_code == 302
    assert Host.objects.get().share_percent == 50


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bandwidth_mbps", "nan"),
        ("bandwidth_mbps", "1e3"),
        ("bandwidth_mbps", "1.5"),
        ("bandwidth_mbps", "0"),
        ("bandwidth_mbps", "9" * 5000),
        ("asn", "-1"),
        ("asn", "4294967296"),
        ("latitude", "nan"),
        ("longitude", "1e3"),
        ("crawl_from", "24"),
        ("max_connections", "9" * 30),
        ("country", "XX"),
        ("country", "DE'"),
        ("reach", "galaxy"),
        ("revision", "nan"),
        ("revision", ""),
        ("contact", "nobody"),
        ("name", "mirror.elsewhere.example"),
        ("name", "a b"),
        ("name", "192.0.2.999"),
    ],
)
def test_what_a_host_cannot_be_is_said_beside_the_form(
    bens: Client, host: Host, field: str, value: str
) -> None:
    answer = bens.post(f"/my/hosts/{host.pk}/edit/", {**FORM, "comment": "x", field: value})
    assert answer.status_code == 400
    assert 'class="errorlist' in page(answer)
    assert Host.objects.get().revision == 0


def test_of_two_tabs_the_second_sees_both_versions_and_decides(
    bens: Client, ada: User, host: Host
) -> None:
    edit(host, {"bandwidth_mbps": 5000, "comment": "Theirs."}, actor=ada, now=NOW)
    mine = {**FORM, "comment": "Mine.", "asn": "64496"}
    answer = bens.post(f"/my/hosts/{host.pk}/edit/", mine)
    assert answer.status_code == 409
    text = " ".join(page(answer).split())
    for label, typed, now in (
        ("Bandwidth (Mbit/s)", "100", "5000"),
        ("Public remark", "Mine.", "Theirs."),
        ("Autonomous system (ASN)", "64496", "–"),
    ):
        assert f'{label}</th> <td data-label="You typed">{typed}</td>' in text
        assert f'<td data-label="It is now">{now}</td>' in text
    assert Host.objects.get().comment == "Theirs."
    assert 'name="revision" value="1"' in text
    again = {**mine, "revision": "1", "bandwidth_mbps": "5000"}
    assert bens.post(f"/my/hosts/{host.pk}/edit/", again).status_code == 302
    changed = Host.objects.get()
    assert (changed.comment, changed.bandwidth_mbps) == ("Mine.", 5000)


def test_a_choice_and_a_switch_are_compared_in_words(bens: Client, ada: User, host: Host) -> None:
    edit(host, {"reach": "country", "private": True}, actor=ada, now=NOW)
    answer = bens.post(f"/my/hosts/{host.pk}/edit/", {**FORM, "country": "FR"})
    text = " ".join(page(answer).split())
    for typed, now in (
        ("everybody", "its country"),
        ("no", "yes"),
        ("France (FR)", "Germany (DE)"),
    ):
        assert f'typed">{typed}</td> <td data-label="It is now">{now}</td>' in text


def test_two_tabs_with_the_same_change_are_told_so(bens: Client, ada: User, host: Host) -> None:
    edit(host, {"comment": "Same."}, actor=ada, now=NOW)
    answer = bens.post(f"/my/hosts/{host.pk}/edit/", {**FORM, "comment": "Same."})
    assert answer.status_code == 409
    assert "exactly what you typed" in page(answer)


def test_a_site_is_only_deleted_by_its_name(bens: Client, site: Site, host: Host) -> None:
    carry(host, CategoryFactory.create(), "https://mirror.example.org/pub")
    issue_host_token(host, now=NOW)
    address = f"/my/sites/{site.pk}/delete/"
    text = page(bens.get(address))
    for line in ("1 Host", "1 Category that is carried", "1 URL", "1 token that works"):
        assert line in text
    refused = bens.post(address, {"name": "Example"})
    assert (refused.status_code, Site.objects.count()) == (400, 1)
    assert "not its name" in page(refused)
    answer = bens.post(address, {"name": "example university"}, follow=True)
    assert "Example University was deleted" in page(answer)
    assert not Site.objects.exists()
    assert Event.objects.filter(kind="deleted").get().facts


def test_a_deleted_host_leads_back_to_its_site(bens: Client, host: Host) -> None:
    answer = bens.post(f"/my/hosts/{host.pk}/delete/", {"name": host.name})
    assert answer["Location"] == f"/my/sites/{host.site_id}/"
    assert not Host.objects.exists()


def test_a_host_is_switched_off_with_a_reason_and_on_again(bens: Client, host: Host) -> None:
    address = f"/my/hosts/{host.pk}/switch/"
    refused = bens.post(address, {"reason": ""})
    assert "Say in a sentence why" in page(refused)
    bens.post(address, {"reason": f"New disks. {HOSTILE}", "revision": "0"})
    shown = bens.get(f"/my/hosts/{host.pk}/")
    assert "New disks." in page(shown)
    assert "script" not in Outline(shown.content.decode()).inline
    assert bens.post(address, {"revision": "0"}).status_code == 409
    assert bens.post(address, {"revision": "1"}).status_code == 302
    assert Host.objects.get().user_active


def test_an_offered_host_waits_on_the_first_page_of_the_other_site(
    bens: Client, cara: User, host: Host, other_site: Site
) -> None:
    address = f"/my/hosts/{host.pk}/offer/"
    assert "no active Site of exactly this name" in page(bens.post(address, {"site": "Nobody"}))
    answer = bens.post(address, {"site": other_site.name}, follow=True)
    assert "is offered to" in page(answer)
    theirs = Client()
    theirs.force_login(cara)
    assert "mirror.example.org" in page(theirs.get("/my/"))
    offer = HostTransfer.objects.get()
    assert bens.post(f"/my/offers/{offer.pk}/accept/").status_code == 404
    answer = theirs.post(f"/my/offers/{offer.pk}/accept/", follow=True)
    assert "belongs to Another University now" in page(answer)
    assert bens.get(f"/my/hosts/{host.pk}/").status_code == 404


def test_an_offer_that_cannot_be_accepted_says_why(
    client: Client, cara: User, ben: User, host: Host, other_site: Site
) -> None:
    HostFactory.create(site=other_site, name=host.name)
    offer = HostTransfer.objects.create(host=host, to_site=other_site, created_at=NOW)
    client.force_login(cara)
    answer = client.post(f"/my/offers/{offer.pk}/accept/", follow=True)
    assert "Rename one of them" in page(answer)
    assert "was declined" in page(client.post(f"/my/offers/{offer.pk}/decline/", follow=True))
    assert not HostTransfer.objects.exists()
