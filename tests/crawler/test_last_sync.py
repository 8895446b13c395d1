import io
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from defusedxml import ElementTree
from django.core.management import CommandError, call_command
from django.test import Client

from crawler.models import MasterScan, RunState
from registry.models import Category
from tests import factories
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def world() -> Category:
    category: Category = factories.CategoryFactory.create(name="Linux", top_directory="pub/linux")
    repository(category, "fedora-42", hours=1)
    repository(category, "fedora-41", hours=50)
    for hours, counts in ((2, {"added": 3}), (3, {"added": 0, "directories": 9})):
        scan(category, hours, counts)
    scan(category, 1, {"added": 5}, state=RunState.REFUSED)
    return category


def repository(category: Category, prefix: str, *, hours: int) -> None:
    directory = factories.DirectoryFactory.create(category=category, path=f"pub/linux/{prefix}")
    factories.RepositoryFactory.create(directory=directory, prefix=prefix)
    repodata = factories.DirectoryFactory.create(
        category=category, path=f"pub/linux/{prefix}/repodata"
    )
    for age, timestamp in ((0, 2), (1, 1)):
        factories.FileDetailFactory.create(
            directory=repodata, timestamp=timestamp, seen_at=NOW - (hours + age) * HOUR
        )


def scan(
    category: Category, hours: int, counts: dict[str, int], state: RunState = RunState.FINISHED
) -> None:
    at = NOW - hours * HOUR
    MasterScan.objects.create(
        category=category, state=state, started_at=at, finished_at=at, lease_until_at=at,
        counts=counts,
    )  # fmt: skip


def feed(client: Client, **query: str) -> Any:
    with time_machine.travel(NOW, tick=False):
        return client.get("/feeds/last-sync.json", query)


def test_the_feed_has_what_changed_within_a_day(client: Client) -> None:
    facts = feed(client).json()
    assert [row["prefix"] for row in facts["repositories"]] == ["fedora-42"]
    assert facts["repositories"][0]["timestamp"] == 2
    assert [row["added"] for row in facts["scans"]] == [3]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("ostree", "summary"),
        ("debian", "InRelease"),
        ("arch", "core.db"),
        ("alpine", "APKINDEX.tar.gz"),
        ("plain", "SHA256SUMS"),
    ],
)
def test_repositories_of_every_kind_are_told(client: Client, kind: str, name: str) -> None:
    directory = factories.DirectoryFactory.create(
        category=Category.objects.get(), path=f"pub/linux/{kind}"
    )
    prefix = kind if kind == "ostree" else ""
    factories.RepositoryFactory.create(directory=directory, kind=kind, prefix=prefix)
    for each in (name, "image.iso"):
        factories.FileDetailFactory.create(directory=directory, filename=each, seen_at=NOW)
    row = feed(client).json()["repositories"][0]
    assert (row["path"], row["prefix"]) == (f"pub/linux/{kind}", prefix)


def test_the_feed_goes_back_some_days_if_asked(client: Client) -> None:
    facts = feed(client, days="3", category="Linux").json()
    assert [row["prefix"] for row in facts["repositories"]] == ["fedora-42", "fedora-41"]
    assert feed(client, days="many").json()["since"] == "2026-11-19T12:00:00Z"
    assert feed(client, days="99").json()["since"] == "2026-11-06T12:00:00Z"


def test_the_feed_is_cheap_and_may_be_cached(client: Client, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(4):
        assert feed(client).headers["Cache-Control"] == "public, max-age=300"


def test_the_atom_feed_has_the_same(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        answer = client.get("/feeds/last-sync.atom", {"category": "Linux"})
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    titles = [
        each.text for each in ElementTree.fromstring(answer.content).iter() if "title" in each.tag
    ]
    assert titles[1:] == ["fedora-42 x86_64 has new metadata", "Linux changed"]


@pytest.mark.parametrize("form", ["atom", "json"])
def test_what_is_not_public_is_not_told(client: Client, form: str) -> None:
    assert client.get(f"/feeds/last-sync.{form}", {"category": "Linus"}).status_code == 404
    Category.objects.update(publiclist=False)
    answer = client.get(f"/feeds/last-sync.{form}", {"category": "Linux"})
    assert answer.status_code == 404
    assert "There is no Category called" in json.dumps(answer.content.decode())
    assert b"fedora" not in client.get(f"/feeds/last-sync.{form}").content


def printed(*arguments: str) -> str:
    output = io.StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("last_sync", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_prints_a_line_a_change() -> None:
    assert printed().splitlines() == [
        "2026-11-20T11:00:00Z fedora-42 x86_64",
        "2026-11-20T10:00:00Z Linux changed: 3 added, 0 changed, 0 vanished; it has 0 directories "
        "now.",
    ]


def test_the_command_prints_json_and_says_when_nothing_changed() -> None:
    assert json.loads(printed("--hours", "1.5", "--json"))["scans"] == []
    assert printed("--hours", "0.1") == "Nothing changed.\n"


def test_the_command_refuses_unknown_categories() -> None:
    with pytest.raises(CommandError, match="no Category called “Linus”"):
        printed("--category", "Linus")
