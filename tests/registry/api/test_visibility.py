"""What strangers and owners see through the API, and that nested ids lead nowhere else."""

from datetime import datetime

import pytest
from django.test import Client

from mirrorlist.models import Snapshot
from registry.models import Host, HostCategory, Site
from tests import factories
from tests.registry.api.calling import Caller, World
from tests.registry.api.test_permission_matrix import TABLE

pytestmark = pytest.mark.django_db

NESTED = [
    (method, path, body)
    for method, path, body, _ in TABLE
    if path.count("{") > 1 and path.startswith(("/hosts/", "/sites/"))
]
BELOW_HOST = [(method, path, body) for method, path, body, _ in TABLE if "/{host}/" in path]


@pytest.mark.parametrize(
    ("method", "path", "body"), NESTED, ids=[f"{row[0]} {row[1]}" for row in NESTED]
)
def test_objects_of_others_are_not_found_below_ones_own(
    method: str, path: str, body: object, callers: dict[str, Caller], world: World
) -> None:
    below_theirs = path.replace("{host}", "{theirs}").replace("{site}", "{to_site}")
    answer = callers["other"](method, world.address_of(below_theirs), body)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"), BELOW_HOST, ids=[f"{row[0]} {row[1]}" for row in BELOW_HOST]
)
def test_private_hosts_do_not_exist_for_others(
    method: str, path: str, body: object, callers: dict[str, Caller], world: World
) -> None:
    address = world.address_of(path.replace("{host}", "{theirs}"))
    assert callers["owner"](method, address, body, **{"If-Match": "*"}).status_code == 404
    strangers = callers["anonymous"](method, address, body, **{"If-Match": "*"})
    assert strangers.status_code == (404 if method == "GET" else 401)


def test_strangers_see_mirrors_that_clients_may_be_sent_to_and_no_others(
    callers: dict[str, Caller], site: Site, host: Host, hidden: Host
) -> None:
    factories.HostFactory.create(site=site, name="waits.example.org", approval="pending")
    factories.HostFactory.create(site=site, name="off.example.org", user_active=False)
    names = {role: names_of(caller) for role, caller in callers.items()}
    everything = {"mirror.example.org", hidden.name, "waits.example.org", "off.example.org"}
    assert names["anonymous"] == names["other"] == {host.name}
    assert names["owner"] == names["read"] == everything
    assert names["reviewer"] == names["operator"] == everything


def names_of(caller: Caller) -> set[str]:
    return {row["name"] for row in caller("GET", "/hosts/").json()["results"]}


def test_what_only_owners_see_of_a_host_is_left_out_for_others(
    callers: dict[str, Caller], host: Host, copy: HostCategory
) -> None:
    private = "https://mirror.example.org/private"
    factories.HostCategoryUrlFactory.create(host_category=copy, url=private, private=True)
    Host.objects.filter(pk=host.pk).update(contact="ben@example.org", disable_reason="Moving.")
    theirs = callers["anonymous"]("GET", f"/hosts/{host.pk}/").json()
    own = callers["owner"]("GET", f"/hosts/{host.pk}/").json()
    assert not {"contact", "private", "disable_reason", "revision", "approval"} & set(theirs)
    assert "reason" not in theirs["categories"][0]
    assert [url["url"] for url in theirs["categories"][0]["urls"]] == [
        "https://mirror.example.org/f"
    ]
    assert own["contact"] == "ben@example.org"
    assert private in [url["url"] for url in own["categories"][0]["urls"]]


def test_categories_that_are_on_no_public_page_are_seen_by_owners_only(
    callers: dict[str, Caller], host: Host
) -> None:
    secret = factories.CategoryFactory.create(name="Secret", publiclist=False)
    factories.carry(host, secret, "https://mirror.example.org/s")
    shown = {
        role: [
            copy["category"] for copy in caller("GET", f"/hosts/{host.pk}/").json()["categories"]
        ]
        for role, caller in callers.items()
    }
    assert shown["anonymous"] == shown["other"] == []
    assert shown["owner"] == shown["operator"] == ["Secret"]
    assert "Secret" not in str(callers["anonymous"]("GET", "/categories/").json())
    found = callers["anonymous"]("GET", "/hosts/?category=Secret").json()
    assert found["count"] == 0


def test_private_and_pending_sites_are_not_shown_to_others(
    callers: dict[str, Caller], site: Site, other_site: Site
) -> None:
    Site.objects.filter(pk=other_site.pk).update(private=True)
    factories.SiteFactory.create(name="New here", approval="pending")
    names = [row["name"] for row in callers["owner"]("GET", "/sites/").json()["results"]]
    assert names == [site.name]
    assert callers["owner"]("GET", f"/sites/{other_site.pk}/").status_code == 404


def test_a_token_that_ended_or_is_damaged_lets_nobody_in(
    callers: dict[str, Caller],
) -> None:
    token = callers["owner"].token
    assert Caller(f"{token}x")("GET", "/hosts/").status_code == 401
    assert Caller("")("GET", "/hosts/", None, Authorization="Basic YTpi").status_code == 200
    damaged = Client().get("/api/v1/hosts/", headers={"Authorization": "Bearer \xe9"})
    assert damaged.status_code == 401


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("country=DE", 1),
        ("country=AT", 0),
        ("name=MIRROR", 1),
        ("category=Fedora%20Linux", 1),
        ("mine=true", 0),
        ("limit=0", 1),
        ("offset=999999999999999999999", 1),
    ],
)
def test_hosts_are_filtered(
    query: str, expected: int, callers: dict[str, Caller], copy: HostCategory
) -> None:
    answer = callers["anonymous"]("GET", f"/hosts/?{query}")
    assert answer.status_code == 200
    assert answer.json()["count"] == expected


@pytest.mark.parametrize("query", ["site=NaN", "site=-1", "country=DEU", "name=%00", "site=1e400"])
def test_filters_that_make_no_sense_are_refused_with_the_field(
    query: str, callers: dict[str, Caller]
) -> None:
    answer = callers["anonymous"]("GET", f"/hosts/?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["fields"]


def test_versions_are_found_by_their_product(callers: dict[str, Caller]) -> None:
    fedora = factories.VersionFactory.create(product__name="Fedora", name="44")
    factories.VersionFactory.create()
    factories.VersionFactory.create(product=fedora.product, display=False)
    found = callers["anonymous"]("GET", "/versions/?product=Fedora").json()["results"]
    assert [row["name"] for row in found] == ["44"]


def test_repositories_tell_how_far_they_have_come(callers: dict[str, Caller]) -> None:
    repository = factories.RepositoryFactory.create(prefix="fedora-44")
    factories.PropagationStatFactory.create(repository=repository, same_day=7)
    factories.RepositoryFactory.create(prefix="off", disabled=True)
    (found,) = callers["anonymous"]("GET", "/repositories/").json()["results"]
    assert (found["prefix"], found["propagation"]["same_day"]) == ("fedora-44", 7)
    path = f"/repositories/{repository.pk}/propagation/"
    assert callers["anonymous"]("GET", path).json()["results"] == [found["propagation"]]


def test_strangers_see_the_published_snapshot_and_operators_all(
    callers: dict[str, Caller], now: datetime
) -> None:
    for state in ("published", "refused"):
        Snapshot.objects.create(state=state, built_at=now)
    counts = {role: ask("GET", "/snapshots/").json()["count"] for role, ask in callers.items()}
    assert counts["anonymous"] == counts["owner"] == 1
    assert counts["operator"] == 2
