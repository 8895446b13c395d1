"""Old visits are forgotten, and what they found by Category with them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crawler import tasks
from crawler.logic.records import RecordPolicy
from crawler.models import CategoryCrawl, CrawlRun, RunState
from crawler.services.records import prune_crawls
from registry.models import Host
from tests.conftest import NOW
from tests.factories import HostCategoryFactory

pytestmark = pytest.mark.django_db

POLICY = RecordPolicy(keep=timedelta(days=60), newest_of_each=1)


@pytest.fixture
def host() -> Host:
    return HostCategoryFactory.create().host


def visited(host: Host, days: int, *, now=NOW, state=RunState.FINISHED) -> CrawlRun:
    at = now - timedelta(days=days)
    run = CrawlRun.objects.create(host=host, state=state, started_at=at, lease_until_at=at)
    CategoryCrawl.objects.create(run=run, host_category=host.host_categories.get())
    return run


def test_old_visits_go_with_what_they_found(host, monkeypatch) -> None:
    monkeypatch.setattr("crawler.services.records.RUNS_AT_ONCE", 2)
    kept = [visited(host, days) for days in (1, 59)]
    for days in range(61, 66):
        visited(host, days)
    assert prune_crawls(now=NOW, policy=POLICY) == 5
    assert list(CrawlRun.objects.all()) == kept
    assert CategoryCrawl.objects.count() == 2
    assert prune_crawls(now=NOW, policy=POLICY) == 0


def test_the_newest_and_running_ones_stay(host) -> None:
    newest, running = visited(host, 90), visited(host, 200, state=RunState.RUNNING)
    assert prune_crawls(now=NOW, policy=POLICY) == 0
    assert set(CrawlRun.objects.all()) == {newest, running}


def test_the_task_says_how_many(host, settings) -> None:
    settings.CRAWLER_KEEP = timedelta(days=5)
    for days in range(15):
        visited(host, days, now=timezone.now())
    assert tasks.prune_crawls() == "5 records of visits were deleted."
