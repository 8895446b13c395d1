"""Every page of SiteAdmins is well-formed and cheap, however much there is to show."""

from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from registry.models import Host, HostAclIp, Site, SiteToSite
from registry.services.acl import ADDRESSES_PER_HOST, AclError, add_acl_address
from registry.services.credentials import issue_host_token
from registry.services.webhooks import try_webhook
from tests.factories import (
    CategoryFactory,
    DirectoryFactory,
    DirectoryIssueFactory,
    EventFactory,
    HostAclIpFactory,
    HostCountryAllowedFactory,
    HostFactory,
    HostNetblockFactory,
    HostPeerAsnFactory,
    HostTransferFactory,
    SiteFactory,
    WebhookFactory,
    carry,
)
from tests.test_pages import Outline, assert_well_formed

pytestmark = pytest.mark.django_db
BUDGET = 12
PAGES = [
    "/my/",
    "/my/sites/new/",
    "/my/sites/{site}/",
    "/my/sites/{site}/edit/",
    "/my/sites/{site}/delete/",
    "/my/sites/{site}/hosts/new/",
    "/my/sites/{site}/password/",
    "/my/hosts/{host}/",
    "/my/hosts/{host}/edit/",
    "/my/hosts/{host}/switch/",
    "/my/hosts/{host}/offer/",
    "/my/hosts/{host}/delete/",
    "/my/hosts/{host}/categories/",
    "/my/hosts/{host}/categories/{copy}/remove/",
    "/my/hosts/{host}/categories/{copy}/urls/",
    "/my/hosts/{host}/categories/{copy}/urls/{url}/",
    "/my/hosts/{host}/clients/",
    "/my/hosts/{host}/netblocks/",
    "/my/hosts/{host}/tokens/",
    "/my/notifications/",
    "/my/sites/{site}/webhooks/",
    "/my/sites/{site}/webhooks/{webhook}/",
    "/my/sites/{site}/webhooks/{webhook}/secret/",
]


@pytest.fixture
def full(site: Site, other_site: Site, ben: User, now: datetime) -> dict[str, int]:
    """Our Site with several of everything; the ids that addresses name."""
    hosts: list[Host] = [HostFactory.create(site=site, private=True) for _ in range(4)]
    for number in range(4):
        category = CategoryFactory.create()
        copy = carry(hosts[0], category, f"https://in{number}.example.org/pub")
        DirectoryIssueFactory.create(
            host_category=copy, directory=DirectoryFactory.create(category=category)
        )
        issue_host_token(hosts[0], now=now, actor=ben)
        HostAclIpFactory.create(host=hosts[0])
        HostNetblockFactory.create(host=hosts[0])
        HostPeerAsnFactory.create(host=hosts[0])
        HostTransferFactory.create(host__site=other_site, to_site=site)
        HostCountryAllowedFactory.create(host=hosts[0], country_id=("CH", "FR", "AT", "PL")[number])
        EventFactory.create(host=hosts[0])
        SiteToSite.objects.create(upstream=site, downstream=SiteFactory.create())
        upstream = HostFactory.create(private=True)
        SiteToSite.objects.create(upstream=upstream.site, downstream=site)
        carry(upstream, category, f"https://up{number}.example.org/pub")
    for number in range(4):
        webhook = WebhookFactory.create(site=site, url=f"https://hooks.example.org/{number}")
        try_webhook(webhook, actor=ben, now=now)
    url = copy.urls.get()
    HostTransferFactory.create(host=hosts[0], to_site=other_site)
    ids = {"site": site.pk, "host": hosts[0].pk, "webhook": webhook.pk}
    return {**ids, "copy": copy.pk, "url": url.pk}


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("person", ["ben", "ada"])
def test_a_page_of_siteadmins_is_well_formed_and_cheap(
    address: str,
    person: str,
    full: dict[str, int],
    client: Client,
    ada: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client.force_login(User.objects.get(username=person))
    with django_assert_max_num_queries(BUDGET):
        answer = client.get(address.format(**full))
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "no-store" in answer.headers["Cache-Control"]
    text = answer.content.decode()
    assert_well_formed(text)
    assert "Your Sites" in text


@pytest.mark.parametrize("address", PAGES)
def test_a_page_shows_hostile_names_as_text(
    address: str, full: dict[str, int], client: Client, ben: User
) -> None:
    hostile = "<script>alert(1)</script>\"'"
    Site.objects.filter(pk=full["site"]).update(name=hostile, downstream_comments=hostile)
    Host.objects.filter(pk=full["host"]).update(name=hostile)
    client.force_login(ben)
    outline = Outline(client.get(address.format(**full)).content.decode())
    assert not outline.inline


def test_an_empty_site_and_host_say_how_they_fill(client: Client, site: Site, ben: User) -> None:
    client.force_login(ben)
    text = client.get(f"/my/sites/{site.pk}/").content.decode()
    assert f'href="/my/sites/{site.pk}/hosts/new/">Add one' in text
    host = HostFactory.create(site=site)
    text = client.get(f"/my/hosts/{host.pk}/").content.decode()
    assert_well_formed(text)
    for sentence in (
        "No Category yet",
        "nothing to check in",
        "Add the address that your upstream",
    ):
        assert sentence in text


@pytest.mark.parametrize("address", ["/accounts/login/", "/my/"])
def test_strangers_get_a_well_formed_sign_in_page(address: str, client: Client) -> None:
    answer = client.get(address, follow=True)
    text = answer.content.decode()
    assert_well_formed(text)
    assert 'name="csrfmiddlewaretoken"' in text
    assert "Your Sites" not in text


def test_what_needs_a_form_leads_back_to_its_page(
    full: dict[str, int], client: Client, ben: User
) -> None:
    client.force_login(ben)
    for part in ("sites/{site}/readers/", "hosts/{host}/addresses/"):
        address = "/my/" + part.format(**full)
        page = address.removesuffix("readers/").removesuffix("addresses/")
        assert client.get(address)["Location"] == page


def test_a_host_has_only_so_many_addresses(ben: User, site: Site, now: datetime) -> None:
    host = HostFactory.create(site=site)
    for last in range(ADDRESSES_PER_HOST):
        add_acl_address(host, f"192.0.2.{last}", actor=ben, now=now)
    with pytest.raises(AclError, match="at most 50"):
        add_acl_address(host, "192.0.2.200", actor=ben, now=now)
    with pytest.raises(AclError, match="in the list already"):
        add_acl_address(host, "192.0.2.1", actor=ben, now=now)
    assert HostAclIp.objects.count() == ADDRESSES_PER_HOST
