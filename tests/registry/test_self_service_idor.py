"""Every address below /my/, tried by those who have no business there."""

from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from registry.models import (
    Event,
    Host,
    HostAclIp,
    HostCategory,
    HostCategoryUrl,
    HostCountryAllowed,
    HostNetblock,
    HostPeerAsn,
    HostToken,
    HostTransfer,
    Invitation,
    PersonalToken,
    Question,
    Site,
    SiteAdmin,
    SiteToSite,
    Webhook,
)
from registry.self_service_urls import urlpatterns
from registry.services.credentials import issue_host_token
from tests.factories import (
    CategoryFactory,
    HostCategoryFactory,
    HostCategoryUrlFactory,
    HostCountryAllowedFactory,
    HostFactory,
    HostNetblockFactory,
    HostPeerAsnFactory,
    HostTransferFactory,
    InvitationFactory,
    PersonalTokenFactory,
    QuestionFactory,
    SiteAdminFactory,
    SiteFactory,
    UserFactory,
    WebhookFactory,
)

pytestmark = pytest.mark.django_db

PERSONAL = {
    str(pattern.name): sorted(pattern.pattern.converters)
    for pattern in urlpatterns
    if str(pattern.pattern).startswith("my/")
}
OF_ONE = sorted(name for name, arguments in PERSONAL.items() if arguments)
CHANGING = sorted(set(OF_ONE) - {"site", "host", "host-lint", "clients"})
DATA = {
    "ip": "203.0.113.99",
    "name": "A third University",
    "person": "dora",
    "answer": "The computing centre does.",
    "url": "https://hooks.example.org/new",
    "kinds": ["deleted"],
}
# What these pages need besides, or instead.
DATA_OF: dict[str, dict[str, Any]] = {
    "site-edit": {"name": "Renamed", "revision": "0"},
    "site-delete": {"name": "Example University"},
    "host-new": {"name": "new.example.org", "country": "DE", "bandwidth_mbps": "10"}
    | {"max_connections": "1", "reach": "everybody"},
    "host-edit": {"name": "inside.example.org", "country": "FR", "bandwidth_mbps": "10"}
    | {"max_connections": "1", "reach": "everybody", "revision": "0"},
    "host-switch": {"reason": "Moves to a new rack."},
    "host-delete": {"name": "inside.example.org"},
    "offer": {"site": "A third University"},
    "netblocks": {"netblocks": "9.9.9.0/24"},
    "country-add": {"country": "FR"},
    "peer-add": {"asn": "64511"},
}
# What only operators may do; SiteAdmins are told so.
OPERATORS = {"peer-add", "peer-remove"}
ABOUT_ONESELF = {"own-token-revoke"}
# What is looked at with GET; the others answer to POST only.
PAGES = {"site", "host", "host-lint", "webhook", "webhooks", "clients"}
STATEFUL: tuple[type[Model], ...] = (
    Site, Host, HostCategory, HostCategoryUrl, HostNetblock, HostCountryAllowed, HostPeerAsn,
    HostTransfer, HostAclIp, HostToken, SiteToSite, SiteAdmin, Invitation, PersonalToken, Question,
    Webhook, Event,
)  # fmt: skip


@pytest.fixture
def bens(ben: User, site: Site, other_site: Site, now: datetime) -> dict[str, Any]:
    """Ben's objects, by the names that the addresses give them."""
    return _objects(site, other_site, now)


@pytest.fixture
def caras(cara: User, other_site: Site, site: Site, now: datetime) -> dict[str, Any]:
    return _objects(other_site, site, now)


def _objects(site: Site, reader: Site, now: datetime) -> dict[str, Any]:
    SiteFactory._meta.model.objects.get_or_create(name="A third University")
    name = "inside.example.org" if site.name.startswith("Example") else "other.example.org"
    host: Host = HostFactory.create(site=site, private=True, name=name)
    copy = HostCategoryFactory.create(host=host)
    offered: Host = HostFactory.create(site=reader)
    HostTransferFactory.create(host=host, to_site=reader)
    UserFactory._meta.model.objects.get_or_create(username="dora")
    colleague = SiteAdminFactory.create(site=site)
    token = PersonalTokenFactory.create(user=site.admins.order_by("pk")[0].user)
    return {
        "admin_id": colleague.pk,
        "invitation_id": InvitationFactory.create(site=site).pk,
        "own_token_id": token.pk,
        "question_id": QuestionFactory.create(site=site).pk,
        "site_id": site.pk,
        "host_id": host.pk,
        "copy_id": copy.pk,
        "url_id": HostCategoryUrlFactory.create(host_category=copy).pk,
        "netblock_id": HostNetblockFactory.create(host=host).pk,
        "kind": "allowed",
        "country_id": HostCountryAllowedFactory.create(host=host).pk,
        "peer_id": HostPeerAsnFactory.create(host=host).pk,
        "offer_id": HostTransferFactory.create(host=offered, to_site=site).pk,
        "address_id": HostAclIp.objects.create(host=host, ip="203.0.113.7").pk,
        "token_id": issue_host_token(host, now=now).row.pk,
        "webhook_id": WebhookFactory.create(site=site).pk,
        "right_id": SiteToSite.objects.create(upstream=site, downstream=reader).pk,
    }


def address(name: str, ids: dict[str, Any]) -> str:
    return reverse(f"my:{name}", kwargs={key: ids[key] for key in PERSONAL[name]})


def data(name: str) -> dict[str, Any]:
    category, _ = CategoryFactory._meta.model.objects.get_or_create(
        name="Free", product=None, top_directory="pub/free"
    )
    return {**DATA, "category": str(category.pk), **DATA_OF.get(name, {})}


def state() -> dict[str, Any]:
    """Everything that these pages can change."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values_list())
        for model in STATEFUL
    }


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_strangers_are_asked_to_sign_in(
    name: str, method: str, bens: dict[str, Any], client: Client
) -> None:
    before = state()
    url = address(name, bens)
    answer = getattr(client, method)(url, data(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/my/")
    assert state() == before


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize("name", OF_ONE)
def test_others_do_not_find_what_is_bens(
    name: str, method: str, bens: dict[str, Any], client: Client, cara: User
) -> None:
    client.force_login(cara)
    before = state()
    answer = getattr(client, method)(address(name, bens), data(name))
    served = "get" if name in PAGES else "post"
    assert answer.status_code in ({404} if method == served else {404, 405})
    assert b"203.0.113.7" not in answer.content
    assert state() == before


@pytest.mark.parametrize(
    "name",
    [
        "address-remove",
        "token-revoke",
        "reader-remove",
        "person-remove",
        "invitation-withdraw",
        "own-token-revoke",
        "question-answer",
        "webhook",
        "webhook-remove",
        "webhook-secret",
        "webhook-switch",
        "webhook-try",
        "category-remove",
        "url-new",
        "url-edit",
        "url-remove",
        "netblock-remove",
        "country-remove",
    ],
)
def test_an_own_parent_does_not_open_what_is_bens(
    name: str, bens: dict[str, Any], caras: dict[str, Any], client: Client, cara: User
) -> None:
    client.force_login(cara)
    before = state()
    mixed = {**bens, "host_id": caras["host_id"], "site_id": caras["site_id"]}
    assert client.post(address(name, mixed), data(name)).status_code == 404
    assert state() == before
    assert client.post(address(name, caras), data(name)).status_code in {200, 302}
    assert state() != before


@pytest.mark.parametrize("name", ["site", "host"])
def test_an_id_beyond_all_numbers_is_not_found(name: str, client: Client, ben: User) -> None:
    client.force_login(ben)
    ids = dict.fromkeys(PERSONAL[name], 10**30)
    assert client.get(address(name, ids)).status_code == 404


def test_a_former_siteadmin_finds_nothing(bens: dict[str, Any], client: Client, ben: User) -> None:
    client.force_login(ben)
    assert client.get(address("host", bens)).status_code == 200
    ben.site_adminships.all().delete()
    assert client.get(address("host", bens)).status_code == 404


@pytest.mark.parametrize("name", CHANGING)
def test_a_form_of_another_site_changes_nothing(name: str, bens: dict[str, Any], ben: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ben)
    before = state()
    answer = strict.post(address(name, bens), data(name))
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()
    assert state() == before


@pytest.mark.parametrize("name", CHANGING)
def test_looking_changes_nothing(
    name: str, bens: dict[str, Any], client: Client, ben: User
) -> None:
    client.force_login(ben)
    before = state()
    assert client.get(address(name, bens), data(name)).status_code in {200, 302, 405}
    assert state() == before


@pytest.mark.parametrize("name", sorted(set(CHANGING) - OPERATORS))
def test_ben_himself_changes_something(
    name: str, bens: dict[str, Any], client: Client, ben: User
) -> None:
    client.force_login(ben)
    before = state()
    assert client.post(address(name, bens), data(name)).status_code in {200, 302}
    after = state()
    assert after != before
    assert name in ABOUT_ONESELF or len(after["Event"]) > len(before["Event"])


def test_fields_that_no_form_has_are_not_taken(
    bens: dict[str, Any], client: Client, ben: User, other_site: Site
) -> None:
    client.force_login(ben)
    other = HostFactory.create(site=other_site)
    client.post(
        address("address-add", bens),
        {"ip": "203.0.113.8", "host": str(other.pk), "host_id": str(other.pk), "id": "1"},
    )
    assert HostAclIp.objects.get(ip="203.0.113.8").host_id == bens["host_id"]
