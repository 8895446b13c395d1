"""How much may be asked for: rates, pages, and queries that stay the same however much there is."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import Country, Host, HostCategory, HostCountryAllowed, Site
from tests import factories
from tests.registry.api.calling import Caller, World

pytestmark = pytest.mark.django_db

BUDGET = 12
LISTS = [
    "/hosts/",
    "/hosts/{host}/",
    "/hosts/{host}/categories/",
    "/hosts/{host}/categories/{copy}/urls/",
    "/hosts/{host}/netblocks/",
    "/hosts/{host}/allowed-countries/",
    "/hosts/{host}/acl-addresses/",
    "/hosts/{host}/events/",
    "/hosts/{host}/issues/",
    "/hosts/{host}/crawls/",
    "/sites/",
    "/sites/{site}/events/",
    "/sites/{site}/admins/",
    "/repositories/",
    "/versions/",
    "/categories/",
    "/transfers/",
]


def queries(caller: Caller, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        answer = caller("GET", path)
    assert answer.status_code == 200
    return len(found)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("role", ["owner", "operator"])
def test_more_rows_need_no_more_queries(
    path: str, role: str, callers: dict[str, Caller], world: World
) -> None:
    caller, address = callers[role], world.address_of(path)
    fill(world)
    queries(caller, address)  # the first use of a token is written down
    few = queries(caller, address)
    fill(world)
    assert queries(caller, address) == few <= BUDGET


def fill(world: World) -> None:
    """Add a few more of everything."""
    used = HostCountryAllowed.objects.filter(host=world.host).values_list("country", flat=True)
    for country in Country.objects.exclude(pk__in=list(used))[:3]:
        sponsor = factories.SponsorFactory.create()
        host = factories.HostFactory.create(site=world.site, sponsor=sponsor)
        copy = factories.HostCategoryFactory.create(host=host, category=world.copy.category)
        factories.HostCategoryUrlFactory.create(host_category=copy)
        factories.HostCategoryUrlFactory.create(host_category=world.copy)
        factories.HostCategoryFactory.create(host=world.host)
        factories.HostNetblockFactory.create(host=world.host)
        factories.HostCountryAllowedFactory.create(host=world.host, country=country)
        factories.HostAclIpFactory.create(host=world.host)
        factories.EventFactory.create(host=world.host)
        factories.DirectoryIssueFactory.create(host_category=world.copy)
        factories.SiteAdminFactory.create(site=world.site)
        factories.SiteFactory.create()
        factories.HostTransferFactory.create(host=host, to_site=world.to_site)
        repository = factories.RepositoryFactory.create(version=factories.VersionFactory.create())
        factories.PropagationStatFactory.create(repository=repository)
        factories.CrawlRunFactory.create(host=world.host)


def test_lists_come_in_pages_that_lead_on(callers: dict[str, Caller], site: Site) -> None:
    for _ in range(3):
        factories.HostFactory.create(site=site)
    page = callers["anonymous"]("GET", "/hosts/?limit=2").json()
    assert (page["count"], len(page["results"])) == (3, 2)
    rest = callers["anonymous"]("GET", page["next"].partition("/api/v1")[2]).json()
    assert (len(rest["results"]), rest["next"]) == (1, None)


def test_pages_have_a_greatest_size(callers: dict[str, Caller]) -> None:
    page = callers["anonymous"]("GET", "/countries/?limit=100000").json()
    assert len(page["results"]) == min(page["count"], 500)


@pytest.mark.parametrize(
    ("scope", "role", "method", "path"),
    [
        ("anonymous", "anonymous", "GET", "/status/"),
        ("person", "owner", "GET", "/status/"),
        ("write", "owner", "POST", "/hosts/{host}/crawl/x"),
        ("crawl", "owner", "POST", "/hosts/{host}/crawl/"),
    ],
)
def test_those_who_ask_too_often_are_told_when_to_come_back(
    scope: str,
    role: str,
    method: str,
    path: str,
    callers: dict[str, Caller],
    world: World,
    settings: Any,
) -> None:
    settings.API_RATES = {**settings.API_RATES, scope: "1/hour"}
    address = world.address_of(path).replace("crawl/x", "netblocks/")
    callers[role](method, address)
    answer = callers[role](method, address)
    assert answer.status_code == 429
    assert answer.json()["error"] == "throttled"
    assert 0 < int(answer["Retry-After"]) <= 3600


def test_networks_have_their_rates_apart(callers: dict[str, Caller], settings: Any) -> None:
    settings.API_RATES = {**settings.API_RATES, "anonymous": "1/hour"}
    settings.TRUSTED_PROXY_COUNT = 1
    ask = callers["anonymous"]

    def status(address: str) -> int:
        return int(ask("GET", "/status/", None, **{"X-Forwarded-For": address}).status_code)

    assert [status("192.0.2.1"), status("192.0.2.1"), status("192.0.2.2")] == [200, 429, 200]
    assert [status("2001:db8::1"), status("2001:db8::2")] == [200, 429]


def test_a_visit_is_asked_for_once(
    callers: dict[str, Caller], host: Host, copy: HostCategory
) -> None:
    first = callers["owner"]("POST", f"/hosts/{host.pk}/crawl/")
    again = callers["owner"]("POST", f"/hosts/{host.pk}/crawl/")
    assert (first.status_code, again.status_code) == (202, 409)


def test_private_hosts_are_not_visited(callers: dict[str, Caller], hidden: Host) -> None:
    answer = callers["owner"]("POST", f"/hosts/{hidden.pk}/crawl/")
    assert (answer.status_code, answer.json()["error"]) == (422, "not_visited")
