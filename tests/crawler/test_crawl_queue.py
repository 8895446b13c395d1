"""Which Hosts are queued, and what the tasks do with them."""

import os
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from crawler import tasks
from crawler.logic.queue import QueuePolicy
from crawler.models import CrawlRun, RunState
from crawler.processes import _started, is_gone, this_process
from crawler.services.claims import claim_host
from crawler.services.crawls import crawl_due, find_due
from registry.models import Host
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror
from tests.crawler.world import POLICY, crawl, good_files, make_category, mirror_of
from tests.factories import HostFactory

pytestmark = pytest.mark.django_db

PAIRS = replace(POLICY, queue=QueuePolicy(timedelta(hours=6), hosts_per_batch=2))


def queued() -> list[tuple[str, str, list[int]]]:
    return [(row.key, row.func(), list(row.task["args"][0])) for row in OrmQ.objects.all()]


def test_hosts_that_are_due_are_queued_in_batches_for_the_crawl_cluster() -> None:
    ids = [HostFactory.create().pk for _ in range(3)]
    assert crawl_due(now=NOW, policy=PAIRS) == "3 Hosts were queued."
    name = "crawler.tasks.crawl_hosts"
    assert queued() == [("crawl", name, ids[:2]), ("crawl", name, ids[2:])]


def test_what_the_tick_queued_is_visited_only_while_it_is_due() -> None:
    with Mirror(good_files()) as mirror:
        mirror_of(make_category(), mirror)
        crawl_due(now=NOW, policy=POLICY)
        [task] = [row.task for row in OrmQ.objects.all()]
        for _ in range(2):
            tasks.crawl_hosts(*task["args"], **task["kwargs"])
    states = CrawlRun.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [RunState.FINISHED, RunState.SKIPPED]


def test_nothing_is_queued_while_batches_wait() -> None:
    HostFactory.create()
    crawl_due(now=NOW, policy=PAIRS)
    assert crawl_due(now=NOW, policy=PAIRS) == (
        "Nothing was queued, because 1 batches wait for a worker."
    )
    assert OrmQ.objects.count() == 1


def test_only_hosts_that_may_be_crawled_are_queued() -> None:
    for off in ({"private": True}, {"user_active": False}, {"last_crawled_at": NOW}):
        HostFactory.create(**off)
    assert crawl_due(now=NOW, policy=PAIRS) == "0 Hosts were queued."
    assert not OrmQ.objects.exists()


def test_a_clock_that_was_set_back_keeps_nobody_waiting() -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(make_category(), mirror)
        crawl(host, clock=lambda: NOW + timedelta(days=1))
        [turnout] = find_due(Host.objects.all(), now=NOW, policy=POLICY)
        assert (turnout.host_id, turnout.full) == (host.pk, True)
        crawl(host, clock=lambda: NOW, due=True)
    assert not find_due(Host.objects.all(), now=NOW, policy=POLICY)


def test_a_running_crawl_is_not_due_until_its_lease_is_over() -> None:
    host = HostFactory.create()
    claim_host(host, seed=1, worker="other:1", lease=timedelta(minutes=10), now=NOW)
    assert not find_due(Host.objects.all(), now=NOW, policy=POLICY)
    later = NOW + timedelta(minutes=11)
    [turnout] = find_due(Host.objects.all(), now=later, policy=POLICY)
    assert (turnout.host_id, turnout.sentence) == (host.pk, "It was never crawled.")


def test_a_crawl_whose_process_is_gone_is_due_at_once_and_taken_over() -> None:
    """Nobody waits for the lease of a process that was killed on this machine."""
    with subprocess.Popen(["sleep", "60"]) as process:
        host = HostFactory.create()
        worker = this_process().replace(f":{os.getpid()}:", f":{process.pid}:")
        worker = worker.rpartition(":")[0] + f":{_started(process.pid)}"
        dead = claim_host(host, seed=1, worker=worker, lease=timedelta(minutes=10), now=NOW)
        assert not find_due(Host.objects.all(), now=NOW, policy=POLICY)
        process.kill()
    [turnout] = find_due(Host.objects.all(), now=NOW, policy=POLICY)
    assert turnout.host_id == host.pk
    taken = claim_host(host, seed=1, worker="other:1", lease=timedelta(minutes=10), now=NOW)
    dead.refresh_from_db()
    assert (taken.state, dead.state) == (RunState.RUNNING, RunState.ABANDONED)
    assert dead.reason == f"Its process {worker} has ended."


def test_a_process_of_another_container_of_the_same_name_is_not_taken_for_dead() -> None:
    """Process ids mean nothing beyond their namespace, even if the machine has the same name."""
    mine = this_process()
    elsewhere = mine.replace(mine.partition("/")[2].partition(":")[0], "4026000000")
    assert elsewhere != mine
    assert not is_gone(elsewhere.replace(f":{os.getpid()}:", ":999999999:"))
    assert is_gone(mine.replace(f":{os.getpid()}:", ":999999999:"))


def test_finding_what_is_due_is_one_query(django_assert_num_queries) -> None:
    for _ in range(3):
        HostFactory.create()
    with django_assert_num_queries(1):
        assert len(find_due(Host.objects.crawlable(), now=NOW, policy=POLICY)) == 3


def test_the_tasks_do_the_whole_work() -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(make_category(), mirror)
        assert tasks.crawl_due() == "1 Hosts were queued."
        [(_, _, batch)] = queued()
        assert tasks.crawl_hosts(batch) == "1 Hosts were visited."
    run = CrawlRun.objects.get(host=host)
    assert run.state == RunState.FINISHED
    assert not find_due(Host.objects.all(), now=timezone.now(), policy=POLICY)
    OrmQ.objects.all().delete()
    assert tasks.crawl_due() == "0 Hosts were queued."
