"""The public pages of propagation: what they show, and above all what they never do."""

from datetime import timedelta

import pytest
from django.test import Client

from registry.models import Arch, Repository
from tests.conftest import NOW
from tests.factories import (
    PropagationStatFactory,
    RepositoryFactory,
    VersionFactory,
)
from tests.test_pages import assert_well_formed

pytestmark = pytest.mark.django_db


@pytest.fixture
def repository(db: None) -> Repository:
    found: Repository = RepositoryFactory.create(prefix="updates-released-f42")
    older = NOW - timedelta(hours=4)
    PropagationStatFactory.create(repository=found, at=older, same_day=1, older=6)
    PropagationStatFactory.create(repository=found, at=NOW, same_day=5, older=2)
    return found


ADDRESSES = ["/propagation/", "/propagation/updates-released-f42/"]


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_page_is_well_formed_cheap_and_says_what_it_means(
    client: Client, repository, url, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(5):
        answer = client.get(url)
    text = answer.content.decode()
    assert_well_formed(text)
    assert "by how much older their copy of its metadata" in text
    assert f'Numbers as of\n                <time datetime="{NOW.isoformat()}"' in text
    assert f'href="{url.rstrip("/")}.json' in text


def test_the_list_has_the_newest_numbers(client: Client, repository) -> None:
    text = client.get("/propagation/").content.decode()
    assert text.count('<td class="num">5</td>') == 1
    assert '<td class="num">6</td>' not in text
    assert 'href="/propagation/updates-released-f42/?arch=x86_64"' in text
    [row] = client.get("/propagation.json").json()["repositories"]
    assert row == {
        "repository": "updates-released-f42",
        "arch": "x86_64",
        "category": repository.category.name,
        "at": "2026-11-20T12:00:00Z",
        "same_day": 5,
        "one_day": 0,
        "two_day": 0,
        "older": 2,
        "no_info": 0,
    }


def test_the_list_can_be_searched_and_paged(client: Client, repository) -> None:
    for number in range(101):
        other = RepositoryFactory.create(prefix=f"epel-{number}")
        PropagationStatFactory.create(repository=other)
    text = client.get("/propagation/?q=released").content.decode()
    assert "updates-released-f42" in text
    assert "epel-1" not in text
    assert "Page 2 of 2" in client.get("/propagation/?page=2").content.decode()
    assert "No repository matches" in client.get("/propagation/?q=nothing").content.decode()
    assert len(client.get("/propagation.json?q=epel").json()["repositories"]) == 101


def test_a_repository_has_a_chart_and_the_same_numbers_as_a_table_and_as_json(
    client: Client, repository
) -> None:
    text = client.get("/propagation/updates-released-f42/").content.decode()
    assert text.count("<title>2026-11-20 ") == 2
    assert '<rect class="same_day" x="' in text
    assert '<td class="num">6</td>' in text
    data = client.get("/propagation/updates-released-f42.json").json()
    assert [(row["at"], row["same_day"], row["older"]) for row in data["measurements"]] == [
        ("2026-11-20T08:00:00Z", 1, 6),
        ("2026-11-20T12:00:00Z", 5, 2),
    ]
    assert data["ages"]["same_day"] == "up to 1 day behind"


def test_architectures_are_chosen_and_x86_64_comes_first(client: Client, repository) -> None:
    RepositoryFactory.create(
        prefix=repository.prefix,
        arch=Arch.objects.get(name="aarch64"),
        category=repository.category,
    )
    url = f"/propagation/{repository.prefix}"
    assert "f42, x86_64</h1>" in client.get(f"{url}/").content.decode()
    text = client.get(f"{url}/?arch=aarch64").content.decode()
    assert "f42, aarch64</h1>" in text
    assert "Nothing has been measured yet." in text
    assert 'href="?arch=x86_64"' in text
    assert client.get(f"{url}.json?arch=aarch64").json()["measurements"] == []
    assert client.get(f"{url}/?arch=s390x").status_code == 404


@pytest.mark.parametrize("url", ["/propagation/nothing/", "/propagation/nothing.json"])
def test_an_unknown_prefix_is_not_found(client: Client, repository, url) -> None:
    assert client.get(url).status_code == 404


def test_an_empty_list_says_when_it_will_not_be(client: Client) -> None:
    text = client.get("/propagation/").content.decode()
    assert_well_formed(text)
    assert "Nothing has been measured yet." in text


@pytest.mark.parametrize("hidden", ["category", "arch", "disabled", "version", "product"])
def test_what_is_not_public_is_nowhere(client: Client, repository, hidden) -> None:
    if hidden == "disabled":
        Repository.objects.update(disabled=True)
    elif hidden in {"category", "arch"}:
        thing = getattr(repository, hidden)
        thing.publiclist = False
        thing.save()
    else:
        shown = hidden != "version"
        repository.version = VersionFactory.create(display=shown, product__publiclist=not shown)
        repository.save()
    assert "updates-released" not in client.get("/propagation/").content.decode()
    assert client.get("/propagation.json").json()["repositories"] == []
    for end in ("/", ".json"):
        assert client.get(f"/propagation/{repository.prefix}{end}").status_code == 404


def test_operators_see_every_measurement(admin: Client, repository) -> None:
    assert "updates-released-f42" in admin.get("/admin/crawler/propagationstat/").content.decode()
    stat = repository.propagation.first()
    text = admin.get(f"/admin/crawler/propagationstat/{stat.pk}/change/").content.decode()
    assert 'href="/propagation/updates-released-f42/"' in text
