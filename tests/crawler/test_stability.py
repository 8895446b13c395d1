"""The stability of Hosts, from the records of their visits."""

from datetime import timedelta

import pytest

from crawler import tasks
from crawler.models import CrawlRun, RunState
from crawler.services.stability import update_stability
from registry.models import Host
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror
from tests.crawler.world import OLD, REPODATA, crawl, good_files, make_category, mirror_of
from tests.factories import HostFactory

pytestmark = pytest.mark.django_db


def visited(host: Host, *, days: int, state: str = RunState.FINISHED, **counts: int) -> None:
    at = NOW - timedelta(days=days)
    CrawlRun.objects.create(
        host=host, state=state, started_at=at, finished_at=at, lease_until_at=at, counts=counts
    )


def stability(host: Host) -> int | None:
    host.refresh_from_db()
    return host.stability_percent


def test_a_host_is_as_stable_as_its_visits_were_good() -> None:
    good, lame, new = HostFactory.create_batch(3)
    for days in range(1, 6):
        visited(good, days=days, up2date=3, held=100, stale=0)
        visited(lame, days=days, held=50, stale=25, unreadable=25, missing=900)
    visited(new, days=1, held=1)
    assert update_stability(now=NOW) == 2
    assert [stability(host) for host in (good, lame, new)] == [100, 50, None]
    assert update_stability(now=NOW) == 0


def test_visits_that_say_nothing_about_the_host_do_not_count() -> None:
    host = HostFactory.create()
    for days in range(1, 6):
        visited(host, days=days, held=1)
        visited(host, days=days, state=RunState.SKIPPED, requests=0)
        visited(host, days=days, state=RunState.ABANDONED, requests=0)
        visited(host, days=days, state=RunState.FAILED)
    update_stability(now=NOW)
    assert stability(host) == 100
    visited(host, days=0, state=RunState.FAILED, requests=3, unknown=5)
    update_stability(now=NOW + timedelta(days=1))
    assert stability(host) == 80


def test_who_was_not_visited_for_a_month_is_unknown_again() -> None:
    host = HostFactory.create(stability_percent=97)
    for days in range(31, 40):
        visited(host, days=days, held=1)
    assert update_stability(now=NOW) == 1
    assert stability(host) is None


def test_two_queries_are_enough_to_look(django_assert_num_queries) -> None:
    for host in HostFactory.create_batch(3):
        visited(host, days=1, held=1)
    with django_assert_num_queries(2):
        update_stability(now=NOW)


def test_a_visit_counts_everything_the_host_has() -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(make_category(), mirror)
        [run] = crawl(host)
        assert run.counts["held"] == 5
        mirror.files[f"/pub/{REPODATA}/repomd.xml"] = OLD
        [run] = crawl(host)
    assert (run.counts["held"], run.counts["stale"]) == (4, 1)


def test_the_task_says_what_changed() -> None:
    HostFactory.create(stability_percent=3)
    assert tasks.update_stability() == "The stability of 1 Hosts changed."
