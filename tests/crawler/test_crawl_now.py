"""Owners ask for a visit of their Host and watch it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from crawler.models import CrawlRun, RunState
from crawler.tasks import crawl_hosts
from registry.models import Category, Event, Host, Site
from tests.crawler.mirrors import Mirror
from tests.crawler.world import good_files, make_category, mirror_of
from tests.factories import HostFactory, carry

pytestmark = pytest.mark.django_db


@pytest.fixture
def category() -> Category:
    return make_category()


@pytest.fixture
def bens(client: Client, ben: User) -> Client:
    client.force_login(ben)
    return client


@pytest.fixture
def host(site: Site, category: Category) -> Host:
    host: Host = HostFactory.create(site=site)
    carry(host, category, "http://127.0.0.1:9/pub")
    return host


def ask(client: Client, host: Host) -> str:
    """Ask for a visit; return what is said."""
    answer = client.post(f"/my/hosts/{host.pk}/crawl/", follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def progress(client: Client, host: Host) -> str:
    return client.get(f"/my/hosts/{host.pk}/crawl/progress/").content.decode()


def test_a_visit_is_queued_and_noted(bens, host) -> None:
    assert ask(bens, host) == "The Host will be visited now."
    [task] = OrmQ.objects.all()
    assert task.task["func"] == "crawler.tasks.crawl_hosts"
    assert task.task["args"] == ([host.pk],)
    assert "ben asked for a visit" in Event.objects.get().sentence
    assert "waits" not in progress(bens, host)
    assert "begins when a crawler is free" in progress(bens, host)


def test_asking_twice_queues_one(bens, host) -> None:
    ask(bens, host)
    assert "waits for a free crawler" in ask(bens, host)
    assert OrmQ.objects.count() == 1


def test_the_queued_task_visits_the_host_and_the_page_says_what_it_found(
    bens, site, category
) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror, site=site)
        ask(bens, host)
        crawl_hosts(*OrmQ.objects.get().task["args"])
    text = progress(bens, host)
    assert "5 of 5 Directories are up2date." in text
    assert "Ask again in 10 minutes." in text
    assert "hx-trigger" not in text


def test_a_page_that_watched_is_loaded_anew_at_the_end(bens, host) -> None:
    answer = bens.get(f"/my/hosts/{host.pk}/crawl/progress/")
    assert answer["HX-Refresh"] == "true"


def test_progress_is_shown_while_it_runs(bens, host) -> None:
    now = timezone.now()
    CrawlRun.objects.create(
        host=host,
        started_at=now,
        lease_until_at=now + timedelta(minutes=5),
        counts={"looked_at": 12, "directories": 40},
    )
    text = progress(bens, host)
    assert "12 of 40 directories were looked at." in text
    assert 'hx-trigger="every 2s"' in text
    assert "is being visited" in ask(bens, host)
    assert not OrmQ.objects.exists()


def test_a_visit_whose_lease_is_over_is_dead_so_another_is_granted(bens, host) -> None:
    now = timezone.now()
    CrawlRun.objects.create(
        host=host,
        started_at=now - timedelta(minutes=11),
        lease_until_at=now - timedelta(minutes=1),
        worker="elsewhere/1:7:1",
        counts={"looked_at": 12, "directories": 40},
    )
    text = progress(bens, host)
    assert "12 of 40" not in text
    assert "abandoned" in text
    assert ask(bens, host) == "The Host will be visited now."
    assert OrmQ.objects.count() == 1


def test_a_visit_a_moment_ago_is_enough(bens, host) -> None:
    now = timezone.now()
    CrawlRun.objects.create(
        host=host, started_at=now, finished_at=now, lease_until_at=now, state=RunState.FINISHED
    )
    assert "Ask again in" in ask(bens, host)
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"private": True}, "Private Hosts are not visited"),
        ({"approval": "pending"}, "waits for an operator"),
        ({"admin_active": False}, "switched off"),
        ({"user_active": False}, "switched off"),
    ],
)
def test_hosts_that_are_not_visited_say_why(bens, host, changes, words) -> None:
    Host.objects.filter(pk=host.pk).update(**changes)
    assert words in ask(bens, host)
    assert not OrmQ.objects.exists()


def test_without_a_url_there_is_nothing_to_visit(bens, site) -> None:
    assert "nothing to visit" in ask(bens, HostFactory.create(site=site))


def test_others_can_neither_ask_nor_watch(host, client, cara) -> None:
    client.force_login(cara)
    assert client.post(f"/my/hosts/{host.pk}/crawl/").status_code == 404
    assert client.get(f"/my/hosts/{host.pk}/crawl/progress/").status_code == 404
    assert not OrmQ.objects.exists()


def test_strangers_are_asked_to_sign_in(host, client) -> None:
    assert client.post(f"/my/hosts/{host.pk}/crawl/").status_code == 302
    assert not OrmQ.objects.exists()


def test_looking_at_the_address_asks_for_nothing(bens, host) -> None:
    assert bens.get(f"/my/hosts/{host.pk}/crawl/").status_code == 302
    assert not OrmQ.objects.exists()


def test_another_site_cannot_ask_for_it(host, ben) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ben)
    assert strict.post(f"/my/hosts/{host.pk}/crawl/").status_code == 403
