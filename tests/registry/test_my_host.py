"""The page of a Host for its own people: bars, what is wrong by page and state, the chart."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from crawler.models import CategoryCrawl, CrawlRun, RunState
from registry.models import Category, Host, HostCategory, Site
from tests.factories import (
    CategoryFactory,
    DirectoryFactory,
    DirectoryIssueFactory,
    EventFactory,
    HostCategoryFactory,
    HostFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def category() -> Category:
    category: Category = CategoryFactory.create(name="Linux")
    for number in range(120):
        DirectoryFactory.create(category=category, path=f"{category.top_directory}/d{number:03}")
    return category


@pytest.fixture
def copy(site: Site, category: Category) -> HostCategory:
    host: Host = HostFactory.create(site=site)
    copy: HostCategory = HostCategoryFactory.create(
        host=host, category=category, up2date_count=40, issue_count=70
    )
    for number, directory in enumerate(category.directories.order_by("path")[:60]):
        state = "missing" if number < 10 else "stale"
        DirectoryIssueFactory.create(host_category=copy, directory=directory, state=state)
    return copy


@pytest.fixture
def bens(client: Client, ben: User) -> Client:
    client.force_login(ben)
    return client


def visit(copy: HostCategory, *, days: int, mode: str = "full") -> None:
    """Note a visit some days ago that found half of the Category."""
    at = timezone.now() - timedelta(days=days)
    run = CrawlRun.objects.create(
        host=copy.host, started_at=at, lease_until_at=at, state=RunState.FINISHED, mode=mode
    )
    CategoryCrawl.objects.create(run=run, host_category=copy, up2date=60, missing=60)


def shown(bens: Client, copy: HostCategory, query: str = "") -> str:
    return " ".join(bens.get(f"/my/hosts/{copy.host_id}/{query}").content.decode().split())


def test_the_bar_has_every_state_in_shape_and_words(bens, copy) -> None:
    text = shown(bens, copy)
    assert "33 % up2date: 40 of 120" in text
    for words in ("40 up2date", "50 stale", "10 missing", "10 wrong", "10 unknown"):
        assert f"<title>{words}</title>" in text


def test_what_is_wrong_comes_in_pages_and_by_state(bens, copy) -> None:
    assert "60 are listed, noticed last first; 70 are wrong in all." in shown(bens, copy)
    assert shown(bens, copy).count('class="path"') == 50
    assert shown(bens, copy, "?page=2").count('class="path"') == 10
    assert shown(bens, copy, "?state=missing").count('class="path"') == 10
    assert "None in this state." in shown(bens, copy, "?state=unreadable")
    assert shown(bens, copy, "?state=nonsense&page=x").count('class="path"') == 50


def test_a_copy_that_is_believed_has_no_bar(bens, copy) -> None:
    HostCategory.objects.update(always_up2date=True)
    text = shown(bens, copy)
    assert "taken for up2date without looking" in text
    assert 'class="bar"' not in text


def test_the_chart_has_a_dot_for_each_full_visit(bens, copy) -> None:
    for days, mode in ((40, "full"), (3, "full"), (2, "changes"), (1, "full")):
        visit(copy, days=days, mode=mode)
    text = shown(bens, copy)
    assert text.count("Linux: 50 % up2date") == 2
    assert "Freshness over 30 days" in text


def test_without_visits_there_is_no_chart(bens, copy) -> None:
    assert "Freshness over 30 days" not in shown(bens, copy)


def test_a_url_that_waits_says_so(bens, copy) -> None:
    copy.urls.create(url="https://new.example.org/", approval="pending", approval_reason="New.")
    assert "New." in shown(bens, copy)


def test_the_page_costs_few_queries(bens, copy, django_assert_max_num_queries) -> None:
    for _ in range(20):
        EventFactory.create(host=copy.host, actor=None)
    visit(copy, days=1)
    with django_assert_max_num_queries(12):
        shown(bens, copy)
