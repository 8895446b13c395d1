"""What Ben does on the pages of his Site and his Host, through the front door."""

import configparser
import json
import re
import shlex
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from registry.models import (
    Category,
    Event,
    EventKind,
    Host,
    HostAclIp,
    HostCategory,
    HostToken,
    Site,
    SiteToSite,
)
from registry.services.credentials import TOKENS_PER_HOST, issue_host_token
from tests.factories import (
    CategoryFactory,
    DirectoryFactory,
    DirectoryIssueFactory,
    HostFactory,
    carry,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def category() -> Category:
    category: Category = CategoryFactory.create(
        name="Fedora Linux", top_directory="pub/fedora/linux"
    )
    for path in ("", "/releases", "/updates"):
        DirectoryFactory.create(category=category, path=f"pub/fedora/linux{path}")
    return category


@pytest.fixture
def host(site: Site, category: Category) -> Host:
    host: Host = HostFactory.create(site=site, name="inside.example.org", private=True)
    carry(host, category, "https://inside.example.org/pub")
    return host


@pytest.fixture
def bens(client: Client, ben: User) -> Client:
    """A test client on which Ben is signed in."""
    client.force_login(ben)
    return client


def page(answer: Any) -> str:
    return unescape(answer.content.decode())


def shown(answer: Any) -> list[str]:
    """Return what a page shows for copying."""
    return [
        unescape(code) for code in re.findall(r"<pre.*?><code>(.*?)</code>", page(answer), re.S)
    ]


def url(name: str, *ids: int) -> str:
    return reverse(f"my:{name}", args=ids)


def test_ben_signs_in_sees_his_host_and_signs_out(client: Client, ben: User, host: Host) -> None:
    answer = client.get(url("sites"), follow=True)
    credentials = {"username": "ben", "password": "ben's password", "next": "/my/"}
    answer = client.post(url("login"), credentials, follow=True)
    assert answer.redirect_chain == [("/my/", 302)]
    for text in ("Example University", "inside.example.org", "only its own clients are sent to it"):
        assert text in page(answer)
    answer = client.post(url("logout"), follow=True)
    assert "You are signed out" in page(answer)
    assert client.get(url("sites")).status_code == 302


def test_a_wrong_password_is_told_without_saying_what_was_wrong(client: Client, ben: User) -> None:
    for name in ("ben", "nobody"):
        answer = client.post(url("login"), {"username": name, "password": "guess"})
        assert "The user name or the password is wrong" in page(answer)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"]
)
def test_signing_in_leads_to_no_other_host(elsewhere: str, client: Client, ben: User) -> None:
    credentials = {"username": "ben", "password": "ben's password", "next": elsewhere}
    assert client.post(url("login"), credentials)["Location"] == "/my/"


def test_signing_out_needs_a_form(bens: Client) -> None:
    assert bens.get(url("logout")).status_code == 405
    assert bens.get(url("sites")).status_code == 200


def test_operators_sign_in_at_the_same_place_and_see_all_sites(
    client: Client, ada: User, site: Site, other_site: Site
) -> None:
    credentials = {"username": "ada", "password": "ada's password"}
    text = page(client.post(url("login"), credentials, follow=True))
    assert "Example University" in text
    assert "Another University" in text
    assert 'href="/admin/"' in text


def test_a_user_without_a_site_learns_what_to_do(client: Client) -> None:
    client.force_login(User.objects.create_user("dora"))
    text = page(client.get(url("sites")))
    assert "register yours" in text
    assert f'href="{url("site-new")}"' in text
    assert "<strong>dora</strong>" in text


def test_a_new_password_is_asked_for_shown_once_and_works(bens: Client, site: Site) -> None:
    asked = bens.get(url("password-new", site.pk))
    assert "The one it has ends at once" in page(asked)
    assert Site.objects.get(pk=site.pk).password == ""
    answer = bens.post(url("password-new", site.pk))
    (password,) = shown(answer)
    assert "no-store" in answer["Cache-Control"]
    assert check_password(password, Site.objects.get(pk=site.pk).password)
    later = page(bens.get(url("site", site.pk)))
    assert password not in later
    assert Site.objects.get(pk=site.pk).password not in later


def test_a_new_token_is_shown_once_and_checks_in(bens: Client, host: Host) -> None:
    answer = bens.post(url("token-new", host.pk))
    (token,) = shown(answer)
    assert "no-store" in answer["Cache-Control"]
    assert token not in page(bens.get(url("host", host.pk)))
    words = shlex.split(shown(bens.get(url("host", host.pk)))[3])
    report = json.loads(words[words.index("--data") + 1]) | {"dry_run": False}
    answer = Client().post(
        words[-1].removeprefix("http://127.0.0.1:8000"),
        json.dumps(report),
        "application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200, answer.content
    assert "1 of 3" in page(bens.get(url("host", host.pk)))


def test_a_token_is_revoked_and_leaves_the_list(bens: Client, host: Host, now: datetime) -> None:
    row = issue_host_token(host, now=now).row
    assert row.prefix in page(bens.get(url("host", host.pk)))
    answer = bens.post(url("token-revoke", host.pk, row.pk), follow=True)
    assert "is refused from now on" in page(answer)
    assert HostToken.objects.get().revoked_at is not None
    assert f"mirrorsite_{row.prefix}" not in page(bens.get(url("host", host.pk)))


def test_a_host_has_only_so_many_tokens(bens: Client, host: Host, now: datetime) -> None:
    for _ in range(TOKENS_PER_HOST):
        issue_host_token(host, now=now)
    answer = bens.post(url("token-new", host.pk), follow=True)
    assert "revoke one that is not in use" in page(answer)
    assert HostToken.objects.count() == TOKENS_PER_HOST


def test_an_address_is_added_published_and_removed(bens: Client, host: Host, ben: User) -> None:
    bens.post(url("address-add", host.pk), {"ip": " 2001:DB8::0:1 "})
    row = HostAclIp.objects.get()
    assert row.ip == "2001:db8::1"
    assert bens.get("/rsync_acl").content == b"2001:db8::1\n"
    answer = bens.post(url("address-remove", host.pk, row.pk), follow=True)
    assert "2001:db8::1 was removed" in page(answer)
    assert bens.get("/rsync_acl").content == b""
    kinds = {event.kind: event.actor for event in Event.objects.filter(host=host)}
    assert kinds == {EventKind.CREATED: ben, EventKind.DELETED: ben}


@pytest.mark.parametrize("ip", ["", "example.org", "192.0.2.0/24", "127.0.0.1", "1\0", "<b>"])
def test_what_is_no_address_is_refused_beside_its_field(ip: str, bens: Client, host: Host) -> None:
    answer = bens.post(url("address-add", host.pk), {"ip": ip})
    assert answer.status_code == 400
    assert 'id="problem"' in page(answer)
    assert 'aria-describedby="problem"' in page(answer)
    assert b"<b>" not in answer.content
    assert not HostAclIp.objects.exists()


def test_a_site_is_let_read_and_its_people_see_the_private_url(
    bens: Client, site: Site, other_site: Site, host: Host, cara: User
) -> None:
    caras = Client()
    caras.force_login(cara)
    assert "inside.example.org" not in page(caras.get(url("site", other_site.pk)))
    bens.post(url("reader-add", site.pk), {"name": "Another University"})
    assert "https://inside.example.org/pub" in page(caras.get(url("site", other_site.pk)))
    right = SiteToSite.objects.get()
    bens.post(url("reader-remove", site.pk, right.pk))
    assert "https://inside.example.org/pub" not in page(caras.get(url("site", other_site.pk)))
    assert Event.objects.filter(site=other_site).count() == 2


@pytest.mark.parametrize("name", ["", "another university", "Nobody", "Nobody\0", "Pending"])
def test_only_the_exact_name_of_an_active_site_is_taken(
    name: str, bens: Client, site: Site, other_site: Site
) -> None:
    Site.objects.create(name="Pending", approval="pending")
    answer = bens.post(url("reader-add", site.pk), {"name": name})
    assert "There is no active Site of exactly this name" in page(answer)
    assert not SiteToSite.objects.exists()


def test_a_site_is_named_once_and_is_not_oneself(
    bens: Client, site: Site, other_site: Site
) -> None:
    SiteToSite.objects.create(upstream=site, downstream=other_site)
    for name, sentence in (
        ("Another University", "may read already"),
        ("Example University", "reads its own URLs anyway"),
    ):
        assert sentence in page(bens.post(url("reader-add", site.pk), {"name": name}))


def test_the_host_page_says_what_is_wrong_and_why(
    bens: Client, host: Host, category: Category
) -> None:
    row = host.host_categories.get()
    HostCategory.objects.filter(pk=row.pk).update(
        up2date_count=2, issue_count=1, reason="The last check-in named 2 directories."
    )
    wrong = category.directories.get(path="pub/fedora/linux/updates")
    DirectoryIssueFactory.create(host_category=row, directory=wrong)
    text = page(bens.get(url("host", host.pk)))
    for said in (
        "66 %",
        "2 of 3",
        "The last check-in named 2",
        "older than the master's",
        "1 are listed",
    ):
        assert said in text


def test_what_is_to_paste_has_the_names_of_the_host(bens: Client, host: Host) -> None:
    conf, prepare, script, _ = shown(bens.get(url("host", host.pk)))
    parsed = configparser.ConfigParser()
    parsed.read_string(conf)
    assert parsed["site"]["name"] == "Example University"
    assert parsed["host"]["name"] == "inside.example.org"
    assert parsed["global"]["server"] == "http://127.0.0.1:8000/xmlrpc"
    assert parsed["Fedora Linux"]["path"] == "/srv/mirror/pub/fedora/linux"
    assert prepare.startswith("curl -O http://127.0.0.1:8000/check-in.sh\n")
    assert script == "sh check-in.sh -n 'Fedora Linux' /srv/mirror/pub/fedora/linux"


def test_hosts_that_may_not_check_in_are_told(bens: Client, host: Host) -> None:
    Host.objects.update(private=False)
    answer = bens.get(url("host", host.pk))
    assert "We visit this Host" in page(answer)
    assert shown(answer) == []


def test_hosts_of_a_private_site_check_in_like_private_ones(bens: Client, host: Host) -> None:
    Host.objects.update(private=False)
    Site.objects.update(private=True)
    answer = bens.get(url("host", host.pk))
    assert "The Site is private: the Host tells us what it has" in page(answer)
    assert len(shown(answer)) == 4
