"""The public list of mirrors: it says what metalinks say, and nothing private."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client

from mirrorlist import mirrors_views
from mirrorlist.services.snapshots import build_snapshot
from registry.models import Host, HostCategoryUrl, Version
from tests import factories

pytestmark = pytest.mark.django_db
PLACE = "/mirrors/Fedora/42/x86_64/"
HIDING = [
    {"private": True},
    {"site__private": True},
    {"admin_active": False},
    {"user_active": False},
    {"system_active": False},
    {"approval": "pending"},
    {"site__approval": "rejected"},
]


@pytest.fixture
def served(network, policy, now):
    """A snapshot of two Hosts that are current and one that is behind; Fedora 42 for x86_64."""
    product = factories.ProductFactory.create(name="Fedora")
    network.repository.version = Version.objects.create(product=product, name="42")
    network.repository.save()
    network.host("good.example.org", country="DE", site__name="Example University")
    network.host("far.example.org", country="JP", stability_percent=97)
    network.host("stale.example.org", country="DE", has=[network.os])
    network.build = lambda: build_snapshot(now=now, policy=policy)
    network.build()
    return network


def names(client: Client, url: str = PLACE, **query: str) -> list[str]:
    found = client.get(url, {"format": "json"} | query).json()
    return [mirror["name"] for mirror in found["mirrors"]]


def test_the_list_has_exactly_the_urls_of_the_metalink(served, client: Client) -> None:
    metalink = client.get("/metalink?repo=fedora-42&arch=x86_64&country=global").content.decode()
    rows = csv.DictReader(StringIO(client.get(f"{PLACE}?format=csv").content.decode()))
    urls = [row["url"] for row in rows]
    assert sorted(urls) == [
        "https://far.example.org/fedora/42/os/",
        "https://good.example.org/fedora/42/os/",
    ]
    assert metalink.count("<url ") == len(urls)
    assert all(f"{url}repodata/repomd.xml" in metalink for url in urls)


def test_the_whole_list_has_those_that_are_behind_too(served, client: Client) -> None:
    assert names(client) == ["good.example.org", "far.example.org"]
    everybody = ["good.example.org", "stale.example.org", "far.example.org"]
    assert names(client, "/mirrors/") == names(client, "/mirrors.json") == everybody


@pytest.mark.parametrize("hidden", HIDING)
@pytest.mark.parametrize("url", ["/", "/mirrors/", PLACE, "/mirrors.json", "/mirrors.csv", "/map/"])
def test_hosts_that_are_not_listable_are_nowhere(
    served, client: Client, url: str, hidden: dict[str, object]
) -> None:
    secret = served.host("secret.example.org", **hidden)
    served.build()
    assert b"secret" not in client.get(url).content
    assert client.get(f"/mirrors/host/{secret.pk}/").status_code == 404
    assert client.get("/mirrors/host/secret.example.org/").status_code == 404


@pytest.mark.parametrize("url", ["/mirrors/", PLACE, "/mirrors.json"])
def test_what_became_private_since_the_snapshot_is_gone_at_once(
    served, client: Client, url: str
) -> None:
    Host.objects.filter(name="good.example.org").update(private=True)
    HostCategoryUrl.objects.filter(url__contains="far").update(private=True)
    text = client.get(url).content
    assert b"good.example.org" not in text
    assert b"//far.example.org" not in text


def test_private_urls_and_hidden_categories_are_nowhere(served, client: Client) -> None:
    host = Host.objects.get(name="good.example.org")
    HostCategoryUrl.objects.create(
        host_category=host.host_categories.get(), url="rsync://secret/x", private=True
    )
    hidden = factories.CategoryFactory.create(name="secret", publiclist=False)
    factories.carry(host, hidden, "https://secret.example.org/")
    served.build()
    for url in ("/", "/mirrors/", PLACE, "/mirrors.json", f"/mirrors/host/{host.pk}/"):
        assert b"secret" not in client.get(url).content


def test_a_visitor_filters_by_country_protocol_family_and_repository(
    served, client: Client
) -> None:
    assert names(client, country="jp") == ["far.example.org"]
    assert names(client, protocol="rsync") == []
    assert names(client, ipv6="1") == []
    HostCategoryUrl.objects.filter(url__contains="far").update(ipv6_state="working")
    assert names(client, ipv6="1") == ["far.example.org"]
    assert names(client, "/mirrors/", repo="fedora-42", arch="x86_64") == names(client)


def test_a_visitor_sorts(served, client: Client) -> None:
    assert names(client, sort="name") == ["far.example.org", "good.example.org"]
    assert names(client, sort="stability")[0] == "far.example.org"


def test_a_page_says_how_fresh_copies_are_and_keeps_the_filters(served, client: Client) -> None:
    copy = Host.objects.get(name="good.example.org").host_categories.get()
    copy.behind = timedelta(days=1, hours=5)
    copy.save()
    text = " ".join(client.get(PLACE, {"country": "DE"}).content.decode().split())
    assert "1 day, 5 hours behind" in text.replace("\xa0", " ")
    assert '<option value="DE" selected>' in text
    assert "?country=DE&amp;format=json" in text
    assert "1 of 3 mirrors" in text


def test_a_place_without_repositories_has_a_page_that_leads_on(served, client: Client) -> None:
    answer = client.get("/mirrors/Fedora/43/x86_64/")
    assert answer.status_code == 404
    assert 'href="/"' in answer.content.decode()


def test_nothing_found_says_what_to_do(served, client: Client) -> None:
    text = client.get(PLACE, {"country": "AQ"}).content.decode()
    assert "No mirror matches." in text
    assert "Drop the filters" in text


def test_without_a_snapshot_pages_say_so(policy, client: Client) -> None:
    for url in ("/", "/mirrors/", "/mirrors/for-me/"):
        assert client.get(url).status_code == 200
    assert "There is no snapshot yet" in client.get("/mirrors/").content.decode()


def test_a_long_list_is_shown_a_page_at_a_time(served, client: Client) -> None:
    for number in range(60):
        served.host(f"m{number:02}.example.org", country="AT")
    served.build()
    first = client.get("/mirrors/", {"sort": "country"}).content.decode()
    assert "m49.example.org" in first
    assert "m50.example.org" not in first
    assert 'href="?sort=country&amp;page=2"' in first
    assert len(names(client, "/mirrors/")) == 63


def test_programs_are_led_to_what_does_not_fit(served, client: Client, monkeypatch) -> None:
    monkeypatch.setattr(mirrors_views, "MIRRORS_PER_DOCUMENT", 2)
    first = client.get("/mirrors.json?sort=name")
    assert (first.json()["count"], first.json()["pages"]) == (3, 2)
    assert first.headers["Link"] == '</mirrors.json?sort=name&page=2>; rel="next"'
    second = client.get("/mirrors.json?sort=name&page=2")
    assert [mirror["name"] for mirror in second.json()["mirrors"]] == ["stale.example.org"]
    assert "Link" not in second.headers


@pytest.mark.parametrize("name", ["country", "repo", "protocol", "sort", "page", "ipv6"])
def test_hostile_filters_are_shown_as_text(served, client: Client, name: str) -> None:
    answer = client.get("/mirrors/", {name: "<script>alert(1)</script>\0" * 50})
    assert answer.status_code == 200
    assert b"<script>" not in answer.content


def test_the_front_page_has_a_matrix_that_leads_to_lists(served, client: Client) -> None:
    text = " ".join(client.get("/").content.decode().split())
    assert f'<a href="{PLACE}">2</a> <small>66 %</small>' in text
    assert "3 mirrors" in text
    assert "66 % of all copies of repositories" in text


def test_hidden_versions_and_arches_are_not_in_the_matrix(served, client: Client) -> None:
    Version.objects.update(display=False)
    assert PLACE not in client.get("/").content.decode()


def test_a_mirror_has_a_page_by_id_and_name(served, client: Client) -> None:
    host = Host.objects.get(name="stale.example.org")
    host.sponsor = factories.SponsorFactory.create(name="Acme", logo_url="https://acme.org/l.png")
    host.save()
    text = " ".join(client.get(f"/mirrors/host/{host.pk}/").content.decode().split())
    for part in ("Acme", "0 of 1 current", "fedora-42 x86_64", "https://stale.example.org/fedora"):
        assert part in text
    assert '<a href="https://acme.org/l.png" rel="nofollow">logo</a>' in text
    assert "<img" not in text
    assert (
        client.get("/mirrors/host/STALE.example.org/").headers["Location"].endswith(f"/{host.pk}/")
    )


@pytest.mark.parametrize("url", ["/", "/mirrors/", PLACE, "/mirrors.json", "/mirrors.csv"])
def test_a_page_costs_few_queries_whatever_its_length(
    served, client: Client, url: str, django_assert_max_num_queries
) -> None:
    for number in range(10):
        served.host(f"m{number:02}.example.org", country="AT")
    served.build()
    with django_assert_max_num_queries(10):
        assert client.get(url).status_code == 200
