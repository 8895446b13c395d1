"""/status.json: all public URLs as reflector and its kin read them, and nothing private."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from crawler.models import RunState
from registry.models import Host, HostCategory
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def copy(now: datetime) -> HostCategory:
    host = factories.HostFactory.create(last_crawled_at=now, stability_percent=50)
    category = factories.CategoryFactory.create(name="Arch Linux")
    known = {"last_crawled_at": now, "behind": timedelta(hours=1)}
    return factories.carry(host, category, "https://mirror.example.org/arch", **known)


def status(path: str = "/status.json") -> dict[str, Any]:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    return dict(answer.json())


@pytest.mark.parametrize("path", ["/status.json", "/mirrors/status/json", "/mirrors/status/json/"])
def test_the_document_has_the_fields_of_arch(path: str, copy: HostCategory) -> None:
    for state in (RunState.FINISHED, RunState.FINISHED, RunState.FAILED):
        factories.CrawlRunFactory.create(host=copy.host, state=state)
    found = status(path)
    (url,) = found.pop("urls")
    assert found == {
        "cutoff": 30 * 86400,
        "last_check": "2026-11-20T12:00:00Z",
        "num_checks": 2,
        "check_frequency": 6 * 3600,
        "version": 3,
    }
    assert (url["url"], url["last_sync"]) == (
        "https://mirror.example.org/arch/",
        "2026-11-20T11:00:00Z",
    )
    assert url["details"].endswith(f"/api/v1/hosts/{copy.host_id}/")


@pytest.mark.parametrize(
    "change",
    [{"private": True}, {"admin_active": False}, {"system_active": False}, {"approval": "pending"}],
)
def test_hosts_that_clients_are_not_sent_to_are_not_in_it(
    change: dict[str, Any], copy: HostCategory
) -> None:
    Host.objects.filter(pk=copy.host_id).update(**change)
    assert status()["urls"] == []


def test_private_urls_and_hidden_categories_are_not_in_it(copy: HostCategory) -> None:
    factories.HostCategoryUrlFactory.create(host_category=copy, private=True)
    factories.HostCategoryUrlFactory.create(host_category=copy, approval="pending")
    hidden = factories.CategoryFactory.create(publiclist=False)
    factories.carry(copy.host, hidden, "https://mirror.example.org/hidden")
    assert [url["url"] for url in status()["urls"]] == ["https://mirror.example.org/arch/"]


def test_one_category_can_be_asked_for(copy: HostCategory) -> None:
    other = factories.CategoryFactory.create(name="Arch Linux 32")
    factories.carry(copy.host, other, "https://mirror.example.org/arch32")
    found = status("/status.json?category=Arch%20Linux%2032")
    assert [url["url"] for url in found["urls"]] == ["https://mirror.example.org/arch32/"]
    assert status("/status.json?category=%00")["urls"]


def test_an_empty_network_has_an_empty_status(db: None) -> None:
    found = status()
    assert (found["urls"], found["last_check"], found["num_checks"]) == ([], None, 0)


def test_the_status_takes_few_queries(
    copy: HostCategory, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(4):
        status()
