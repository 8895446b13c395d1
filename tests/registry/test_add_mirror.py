"""The page on which somebody adds a mirror: everything at once, or nothing."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from registry.models import Category, Host, HostCategoryUrl, HostNetblock, Site
from registry.services.edits import EditRefusedError
from registry.services.new_mirrors import Draft, add_mirror
from tests.conftest import NOW
from tests.factories import CategoryFactory, HostFactory, carry

pytestmark = pytest.mark.django_db

ADD = "/my/add/"


@pytest.fixture
def category() -> Category:
    return CategoryFactory.create(name="Fedora Linux")


@pytest.fixture
def dora() -> User:
    """Dora, who just registered and has nothing yet."""
    return User.objects.create_user("dora", "dora@example.org", "dora's password")


def filled_in(category: Category, **changes: Any) -> dict[str, Any]:
    return {
        "site": "",
        "new_site": "Dora's University",
        "name": "mirror.dora.example",
        "category": category.pk,
        "url1": "https://mirror.dora.example/pub/linux",
        "url2": "rsync://mirror.dora.example/linux",
        "country": "DE",
        "bandwidth_mbps": "1000",
        "netblocks": "9.9.9.0/24\n",
    } | changes


def everything() -> list[int]:
    return [model.objects.count() for model in (Site, Host, HostCategoryUrl, HostNetblock)]


def test_a_newcomer_gets_a_site_a_host_and_urls_at_once(client, category, dora) -> None:
    client.force_login(dora)
    answer = client.post(ADD, filled_in(category), follow=True)
    host = Host.objects.get(name="mirror.dora.example")
    assert answer.redirect_chain == [(reverse("my:host", args=[host.pk]), 302)]
    assert "An operator looks at it next" in answer.content.decode()
    assert (host.approval, host.site.approval) == ("pending", "pending")
    assert host.site.admins.get().user == dora
    assert host.netblocks.get().netblock == "9.9.9.0/24"
    assert sorted(HostCategoryUrl.objects.values_list("url", flat=True)) == [
        "https://mirror.dora.example/pub/linux",
        "rsync://mirror.dora.example/linux",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "This field is required"),
        ({"new_site": ""}, "Choose a Site, or give the name of a new one."),
        ({"url1": "mirror.dora.example"}, "must begin with one of"),
        ({"url2": "https://taken.example.org/pub"}, "belongs to another mirror already"),
        ({"netblocks": "nonsense"}, "is not an address range"),
        ({"netblocks": "\n".join(["9.9.9.0/24"] * 101)}, "At most 100 networks"),
        ({"private": "on", "netblocks": ""}, "needs a network or an ASN"),
        ({"bandwidth_mbps": "0"}, "greater than or equal to 1"),
        ({"country": "XX"}, "Select a valid choice"),
        ({"new_site": "Example University"}, "already"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_added(
    client, category, dora, site, changes, said
) -> None:
    carry(HostFactory.create(), CategoryFactory.create(), "https://taken.example.org/pub")
    client.force_login(dora)
    before = everything()
    answer = client.post(ADD, filled_in(category, **changes))
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert everything() == before


def test_sites_of_others_cannot_be_chosen(client, category, ben, other_site) -> None:
    client.force_login(ben)
    answer = client.post(ADD, filled_in(category, site=other_site.pk))
    assert answer.status_code == 400
    assert not other_site.hosts.exists()
    assert "Another University" not in client.get(ADD).content.decode()


def test_categories_for_operators_are_not_offered(client, ben) -> None:
    secret = CategoryFactory.create(name="Secret", admin_only=True)
    client.force_login(ben)
    assert "Secret" not in client.get(ADD).content.decode()
    assert client.post(ADD, filled_in(secret)).status_code == 400


def test_fields_of_operators_are_not_taken(client, category, ben, site) -> None:
    client.force_login(ben)
    client.post(ADD, filled_in(category, site=site.pk, approval="approved", admin_active=""))
    host = site.hosts.get()
    assert (host.approval, host.admin_active) == ("pending", True)


def test_a_private_host_is_told_to_check_in(admin, category) -> None:
    answer = admin.post(ADD, filled_in(category, private="on"), follow=True)
    assert "it tells us itself what it has" in answer.content.decode()


def test_what_an_operator_adds_is_visited_next(admin, category) -> None:
    answer = admin.post(ADD, filled_in(category), follow=True)
    assert "We visit it soon" in answer.content.decode()


def test_the_asn_makes_its_clients_come_first(admin, category) -> None:
    admin.post(ADD, filled_in(category, asn="64500"))
    assert Host.objects.get(asn=64500).asn_clients
    admin.post(ADD, filled_in(category, name="b", new_site="b", url1="http://b/", url2=""))
    assert not Host.objects.get(name="b").asn_clients


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    for method in (client.get, client.post):
        assert method(ADD).status_code == 302
        assert method("/my/add/check/").status_code == 302


def test_other_sites_cannot_send_the_form(category, dora) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(dora)
    assert strict.post(ADD, filled_in(category)).status_code == 403
    assert strict.post("/my/add/check/", filled_in(category)).status_code == 403


def test_hostile_text_is_shown_as_text(client, category, dora) -> None:
    client.force_login(dora)
    evil = '"><script>alert(1)</script>'
    text = client.post(ADD, filled_in(category, name=evil, url1=evil)).content.decode()
    assert "<script>alert" not in text


def test_a_mirror_needs_a_url(category, ada, site) -> None:
    draft = Draft(site, "", {"name": "x", "country_id": "DE"}, category, ())
    with pytest.raises(EditRefusedError, match="at least one URL"):
        add_mirror(draft, actor=ada, now=NOW)


def test_the_page_costs_few_queries(client, ben, django_assert_max_num_queries) -> None:
    client.force_login(ben)
    with django_assert_max_num_queries(8):
        assert client.get(ADD).status_code == 200
