from datetime import timedelta

import pytest
from django.urls import reverse

from crawler.models import CrawlRun, RunState
from crawler.services.claims import claim_host, finish_run, report_progress
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror
from tests.crawler.world import crawl, good_files, make_category, mirror_of
from tests.factories import HostFactory, carry

LIST = "/admin/crawler/crawlrun/"


def run_of(number: int) -> CrawlRun:
    return CrawlRun.objects.create(
        host=HostFactory.create(name=f"mirror{number}.example.org"),
        state=RunState.FINISHED,
        reason="4 of 5 Directories are up2date; 1 stale.",
        started_at=NOW,
        finished_at=NOW + timedelta(seconds=90),
        lease_until_at=NOW,
        counts={"up2date": 4, "stale": 1234, "missing": 0, "requests": 7},
    )


def test_the_list_says_how_each_visit_ended(admin, django_assert_max_num_queries) -> None:
    for number in range(20):
        run_of(number)
    with django_assert_max_num_queries(9):
        page = admin.get(LIST).content.decode()
    assert page.count("pill pill-ok") == 20
    for words in ("mirror3.example.org", "1,234 stale", "90.0 s", "4 of 5 Directories are up2date"):
        assert words in page


def test_a_visit_shows_its_categories_and_its_log(admin, django_assert_max_num_queries) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(make_category(name="Fedora <Linux>"), mirror)
        for number in range(5):
            carry(host, make_category(), f"{mirror.url}/{number}")
        [run] = crawl(host)
        with django_assert_max_num_queries(8):
            page = admin.get(f"{LIST}{run.pk}/change/").content.decode()
    assert "Fedora &lt;Linux&gt;" in page
    assert f"{mirror.url}: It was asked for 2 Directories." in page
    assert '<pre tabindex="0"># Fedora &lt;Linux&gt;: 5 of 5 Directories are up2date.\n' in page


def test_a_running_visit_has_no_end_yet(admin) -> None:
    run = run_of(1)
    CrawlRun.objects.update(state=RunState.RUNNING, finished_at=None, counts={}, reason="r" * 200)
    assert "pill pill-warn" in admin.get(LIST).content.decode()
    assert "Nothing was written down." in admin.get(f"{LIST}{run.pk}/change/").content.decode()


@pytest.mark.parametrize("page", ["add/", "1/delete/"])
def test_visits_are_written_by_the_system_only(admin, page) -> None:
    run = run_of(1)
    assert admin.get(f"{LIST}{page.replace('1', str(run.pk))}").status_code == 403


def test_visits_are_found_by_host(admin) -> None:
    run_of(1)
    run_of(2)
    page = admin.get(LIST, {"q": "mirror2"}).content.decode()
    assert "mirror2.example.org" in page
    assert "mirror1.example.org" not in page


def test_the_page_of_a_crawl_that_runs_shows_how_far_it_is_and_asks_again(admin, now) -> None:
    lease = timedelta(minutes=10)
    run = claim_host(HostFactory.create(), seed=1, worker="other:1", lease=lease, now=now)
    url = reverse("admin:crawler_crawlrun_change", args=[run.pk])
    assert "It begins." in admin.get(url).content.decode()
    run.counts = {"looked_at": 1200, "directories": 59000}
    report_progress([run])
    page = admin.get(url)
    assert page.headers["Refresh"] == "2"
    assert "1,200 of at most 59,000 Directories" in page.content.decode()
    finish_run(run, state=RunState.FINISHED, reason="Done.", now=now)
    assert "Refresh" not in admin.get(url).headers
