"""What Ben says on his pages about what a Host carries and for whose clients it is."""

from datetime import datetime
from html import unescape
from time import perf_counter
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from registry.models import (
    Category,
    Event,
    Host,
    HostCategory,
    HostCategoryUrl,
    HostNetblock,
    HostPeerAsn,
    Site,
)
from registry.services.netblocks import add_netblocks
from tests.factories import (
    CategoryFactory,
    HostCategoryFactory,
    HostCategoryUrlFactory,
    HostFactory,
    HostNetblockFactory,
    HostNetblockSourceFactory,
    HostPeerAsnFactory,
)
from tests.test_pages import Outline, assert_well_formed

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def host(site: Site) -> Host:
    made: Host = HostFactory.create(site=site, name="mirror.example.org")
    return made


@pytest.fixture
def copy(host: Host) -> HostCategory:
    made: HostCategory = HostCategoryFactory.create(host=host, category__name="Fedora Linux")
    return made


@pytest.fixture
def bens(client: Client, ben: User) -> Client:
    client.force_login(ben)
    return client


def page(answer: Any) -> str:
    text = answer.content.decode()
    assert_well_formed(text)
    assert "script" not in Outline(text).counts
    return " ".join(unescape(text).split())


def urls_of(copy: HostCategory) -> str:
    return f"/my/hosts/{copy.host_id}/categories/{copy.pk}/urls/"


def test_only_categories_that_are_ones_own_to_add_are_offered(
    bens: Client, ada: User, copy: HostCategory
) -> None:
    internal: Category = CategoryFactory.create(name="Internal", admin_only=True)
    CategoryFactory.create(name="Free")
    address = f"/my/hosts/{copy.host_id}/categories/"
    text = page(bens.get(address))
    assert ">Free</option>" in text
    assert ">Internal</option>" not in text
    assert ">Fedora Linux</option>" not in text
    assert bens.post(address, {"category": internal.pk}).status_code == 400
    operators = Client()
    operators.force_login(ada)
    assert operators.post(address, {"category": internal.pk}).status_code == 302


@pytest.mark.parametrize("category", ["", "0", "nan", "99999999999999999999", HOSTILE])
def test_what_is_no_category_is_refused(bens: Client, host: Host, category: str) -> None:
    answer = bens.post(f"/my/hosts/{host.pk}/categories/", {"category": category})
    assert answer.status_code == 400
    assert "errorlist" in page(answer)


def test_a_url_counts_or_waits_and_the_page_says_which(bens: Client, copy: HostCategory) -> None:
    own = bens.post(urls_of(copy), {"url": "https://Mirror.example.org:443/pub/"}, follow=True)
    assert "https://mirror.example.org/pub is stored" in page(own)
    strange = bens.post(urls_of(copy), {"url": "https://cdn.example.net/pub"}, follow=True)
    text = page(strange)
    assert "https://cdn.example.net/pub waits for an operator" in text
    assert "pending" in text
    assert text.count("cdn.example.net is a new name for this Host") == 2


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "required"),
        ("javascript:alert(1)", "must begin with one of"),
        ("https://mirror.exаmple.org/", "mixes letters of Cyrillic and Latin"),
        (f"https://mirror.example.org/{HOSTILE}?{HOSTILE}", "has no ? or #"),
        (f"https://{HOSTILE}/", "not the name of a host"),
        ("https://mirror.example.org/\0", "Null characters"),
        ("https://mirror.example.org/\u202egnp", "blanks or control characters"),
        ("https://mirror.example.org/" + "x" * 1_000_000, "at most 500 characters"),
        ("https://ben:secret@mirror.example.org/", "user name or password"),
    ],
)
def test_what_is_no_url_is_said_beside_the_field(
    bens: Client, copy: HostCategory, url: str, problem: str
) -> None:
    answer = bens.post(urls_of(copy), {"url": url})
    assert answer.status_code == 400
    assert problem in page(answer)
    assert not copy.urls.exists()


def test_a_url_is_changed_and_removed(bens: Client, copy: HostCategory) -> None:
    url = HostCategoryUrlFactory.create(host_category=copy, url="https://mirror.example.org/old")
    address = f"{urls_of(copy)}{url.pk}/"
    assert "https://mirror.example.org/old" in page(bens.get(address))
    answer = bens.post(address, {"url": "https://mirror.example.org/new", "private": "on"})
    assert answer.status_code == 302
    changed = copy.urls.get()
    assert (changed.url, changed.private) == ("https://mirror.example.org/new", False)
    bens.post(f"{urls_of(copy)}{changed.pk}/remove/")
    assert not HostCategoryUrl.objects.exists()
    assert Event.objects.filter(host=copy.host).count() == 3


def test_removing_a_category_is_asked_for_first(bens: Client, copy: HostCategory) -> None:
    HostCategoryUrlFactory.create(host_category=copy)
    address = f"/my/hosts/{copy.host_id}/categories/{copy.pk}/remove/"
    assert "1 URL goes with it" in page(bens.get(address))
    assert "was removed" in page(bens.post(address, follow=True))
    assert not HostCategory.objects.exists()


def test_pasted_netblocks_are_answered_line_by_line(bens: Client, host: Host) -> None:
    address = f"/my/hosts/{host.pk}/netblocks/"
    pasted = f"8.8.0.0/16\r\n8.8.0.0/16\n4.0.0.0/8 # wide\n{HOSTILE}\n"
    text = page(bens.post(address, {"netblocks": pasted, "name": "campus"}))
    assert "1 added, 1 wait for an operator, 1 were there already, 1 were not taken" in text
    assert f"{HOSTILE}</textarea>" in text
    assert "4.0.0.0/8 is wider than /16" in text
    assert host.netblocks.count() == 2


@pytest.mark.parametrize("pasted", ["", "# nothing", "\n\n", "\0"])
def test_no_netblock_at_all_is_said(bens: Client, host: Host, pasted: str) -> None:
    answer = bens.post(f"/my/hosts/{host.pk}/netblocks/", {"netblocks": pasted})
    assert answer.status_code == 400
    assert "errorlist" in page(answer)


def test_ten_thousand_netblocks_make_a_page_of_a_hundred(
    bens: Client,
    ben: User,
    host: Host,
    now: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    lines = "\n".join(f"20.{n // 256}.{n % 256}.0/24" for n in range(10_000))
    address = f"/my/hosts/{host.pk}/netblocks/"
    started = perf_counter()
    assert bens.post(address, {"netblocks": lines}).status_code == 302
    assert perf_counter() - started < 20
    with django_assert_max_num_queries(12):
        text = page(bens.get(f"{address}?q=20.3.&page=2"))
    assert "Page 2 of 3" in text
    assert "256 netblocks" in text
    again = bens.post(address, {"netblocks": lines})
    assert "10000 were there already" in page(again)
    assert len(again.content) < 200_000


def test_what_a_published_list_wrote_is_not_removed_by_hand(bens: Client, host: Host) -> None:
    source = HostNetblockSourceFactory.create(host=host)
    row = HostNetblockFactory.create(host=host, source=source)
    address = f"/my/hosts/{host.pk}/netblocks/"
    assert "from a published list" in page(bens.get(address))
    assert bens.post(f"{address}{row.pk}/remove/").status_code == 404
    assert HostNetblock.objects.exists()


def test_netblocks_that_wait_say_why(bens: Client, ben: User, host: Host, now: datetime) -> None:
    add_netblocks(host, ["10.0.0.0/8"], actor=ben, now=now)
    assert "only an operator can allow it" in page(bens.get(f"/my/hosts/{host.pk}/netblocks/"))


def test_countries_are_added_and_removed(bens: Client, host: Host) -> None:
    address = f"/my/hosts/{host.pk}/countries/allowed/"
    assert "France (FR) was added" in page(bens.post(address, {"country": "FR"}, follow=True))
    again = bens.post(address, {"country": "FR"})
    assert (again.status_code, "in the list already" in page(again)) == (400, True)
    row = host.countries_allowed.get()
    # A row of one list is not found in another.
    assert bens.post(f"/my/hosts/{host.pk}/countries/excluded/{row.pk}/remove/").status_code == 404
    assert "was removed" in page(bens.post(f"{address}{row.pk}/remove/", follow=True))
    assert not host.countries_allowed.exists()


@pytest.mark.parametrize(
    ("kind", "country", "status"),
    [
        ("allowed", "XX", 400),
        ("allowed", "fr", 400),
        ("allowed", "", 400),
        ("served", "FR", 400),
        ("nonsense", "FR", 404),
    ],
)
def test_what_is_no_country_or_no_own_list_is_refused(
    bens: Client, host: Host, kind: str, country: str, status: int
) -> None:
    answer = bens.post(f"/my/hosts/{host.pk}/countries/{kind}/", {"country": country})
    assert answer.status_code == status
    assert not host.countries_served.exists()


def test_owners_see_peers_and_whom_to_ask(bens: Client, host: Host) -> None:
    row = HostPeerAsnFactory.create(host=host, asn=64510, name=HOSTILE)
    text = page(bens.get(f"/my/hosts/{host.pk}/clients/"))
    assert "AS64510" in text
    assert "Only operators change these" in text
    assert bens.post(f"/my/hosts/{host.pk}/peers/", {"asn": "64511"}).status_code == 400
    answer = bens.post(f"/my/hosts/{host.pk}/peers/{row.pk}/remove/", follow=True)
    assert "Only operators change the peer ASNs" in page(answer)
    assert HostPeerAsn.objects.get() == row


def test_operators_change_peers(admin: Client, host: Host) -> None:
    address = f"/my/hosts/{host.pk}/peers/"
    for wrong in ("nan", "0", "4294967296", "1e3", ""):
        assert admin.post(address, {"asn": wrong}).status_code == 400
    assert "AS64511 was added" in page(admin.post(address, {"asn": "64511"}, follow=True))
    row = HostPeerAsn.objects.get()
    assert "AS64511 was removed" in page(admin.post(f"{address}{row.pk}/remove/", follow=True))
