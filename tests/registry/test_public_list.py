"""The public list of mirrors: what is on it, and above all what never is."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from pyroaring import BitMap

from registry.models import HostCategoryUrl
from tests.factories import CategoryFactory, DirectoryFactory, HostFactory, carry

pytestmark = pytest.mark.django_db


def test_a_mirror_is_listed_with_its_share_and_last_visit(client: Client, now: datetime) -> None:
    category = CategoryFactory.create(name="Fedora Linux")
    DirectoryFactory.create_batch(3, category=category)
    DirectoryFactory.create(category=category, readable=False)
    host = HostFactory.create(name="m1.example.org", site__name="Example University")
    carry(
        host,
        category,
        "https://m1.example.org/pub",
        up2date=BitMap([1, 2]),
        up2date_count=2,
        last_crawled_at=now,
    )
    text = client.get("/").content.decode()
    for part in ("m1.example.org", "Example University", "Germany", "Fedora Linux", "66 %"):
        assert part in text
    assert f'datetime="{now.isoformat()}"' in text


@pytest.mark.parametrize(
    "hidden",
    [
        {"private": True},
        {"site__private": True},
        {"admin_active": False},
        {"user_active": False},
        {"system_active": False},
        {"approval": "pending"},
        {"site__approval": "rejected"},
    ],
)
@pytest.mark.parametrize("url", ["/", "/mirrors.json", "/?format=json"])
def test_hosts_that_are_not_listable_are_nowhere(
    client: Client, url: str, hidden: dict[str, object]
) -> None:
    host = HostFactory.create(name="secret.example.org", **hidden)
    carry(host, CategoryFactory.create(), "https://secret.example.org/pub")
    assert b"secret" not in client.get(url).content


@pytest.mark.parametrize("url", ["/", "/mirrors.json"])
def test_private_urls_and_unpublished_categories_are_nowhere(client: Client, url: str) -> None:
    host = HostFactory.create()
    copy = carry(host, CategoryFactory.create(), "https://open.example.org/pub")
    HostCategoryUrl.objects.create(
        host_category=copy, url="rsync://secret.example.org/pub", private=True
    )
    carry(host, CategoryFactory.create(name="secret", publiclist=False), "https://hush.org/pub")
    text = client.get(url).content
    assert b"open.example.org" in text
    assert b"secret" not in text
    assert b"hush" not in text


def test_a_visitor_filters_by_country_content_and_protocol(client: Client) -> None:
    linux = CategoryFactory.create(name="Linux")
    carry(HostFactory.create(name="web"), linux, "https://web/")
    carry(HostFactory.create(name="sync"), linux, "rsync://sync/")
    query = {"country": "DE", "category": "Linux", "protocol": "rsync"}
    names = [row["name"] for row in client.get("/mirrors.json", query).json()["mirrors"]]
    assert names == ["sync"]
    page = " ".join(client.get("/", query).content.decode().split())
    assert '<option value="rsync" selected>' in page
    assert "1 of 2 mirrors" in page


def test_the_json_twin_tells_the_same(client: Client) -> None:
    carry(HostFactory.create(name="m1"), CategoryFactory.create(name="Linux"), "https://m1/")
    found = client.get("/mirrors.json").json()
    assert set(found) == {"measured_at", "meaning", "mirrors"}
    (mirror,) = found["mirrors"]
    assert (mirror["name"], mirror["country_code"]) == ("m1", "DE")
    assert mirror["copies"] == [
        {
            "category": "Linux",
            "urls": ["https://m1/"],
            "percent": None,
            "crawled_at": None,
            "behind_seconds": None,
        }
    ]


def test_nothing_found_says_what_to_do(client: Client) -> None:
    assert "There are no mirrors yet." in client.get("/").content.decode()
    carry(HostFactory.create(), CategoryFactory.create(), "https://m1/")
    assert "No mirror matches." in client.get("/", {"country": "AQ"}).content.decode()


def test_a_long_list_is_shown_a_page_at_a_time(client: Client) -> None:
    category = CategoryFactory.create()
    for number in range(101):
        carry(HostFactory.create(name=f"m{number:03}"), category, f"https://m{number}/")
    first = client.get("/", {"country": "DE"}).content.decode()
    assert "m099" in first
    assert "m100" not in first
    assert 'href="?country=DE&amp;page=2"' in first
    assert "m100" in client.get("/", {"country": "DE", "page": "2"}).content.decode()
    assert len(client.get("/mirrors.json").json()["mirrors"]) == 101


def test_hostile_filters_are_shown_as_text(client: Client) -> None:
    answer = client.get("/", {"country": "<script>alert(1)</script>"})
    assert answer.status_code == 200
    assert b"<script>" not in answer.content


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/").status_code == 405
    assert client.delete("/mirrors.json").status_code == 405


def test_the_list_costs_the_same_whatever_its_length(
    client: Client, django_assert_num_queries
) -> None:
    category = CategoryFactory.create()
    for number in range(5):
        carry(HostFactory.create(), category, f"https://m{number}/")
    with django_assert_num_queries(4):
        client.get("/")


def test_programs_learn_how_stable_a_mirror_is_and_how_old_what_it_has(client: Client) -> None:
    host = HostFactory.create(stability_percent=97)
    category = CategoryFactory.create()
    carry(host, category, "https://m1.example.org/pub", behind=timedelta(hours=5))
    [mirror] = client.get("/mirrors.json").json()["mirrors"]
    assert mirror["stability_percent"] == 97
    assert mirror["copies"][0]["behind_seconds"] == 5 * 3600
