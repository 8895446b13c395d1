"""Who crawls what when several do, what is left when one dies, and how runs are kept apart."""

import asyncio
import signal
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crawler.models import CategoryCrawl, CrawlRun, RunState
from crawler.services import claims, flights, results
from crawler.services.plans import Scope
from crawler.services.visits import VisitPlan
from registry.logic.listings import Entry
from registry.models import Category, Event, Host
from registry.services.carriage import ConcurrentChangeError
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror, respond, status
from tests.crawler.world import (
    POLICY,
    copy_of,
    crawl,
    good_files,
    make_category,
    mirror_of,
    paths,
)
from tests.factories import DirectoryFactory, HostFactory, carry

pytestmark = pytest.mark.django_db

LEASE = timedelta(minutes=10)


@pytest.fixture
def category() -> Category:
    return make_category()


def claim(host: Host, **extra) -> CrawlRun:
    return claims.claim_host(
        host, **{"seed": 1, "worker": "other:7", "lease": LEASE, "now": NOW, **extra}
    )


def test_a_host_being_crawled_is_skipped_with_a_sentence(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        claim(host)
        [run] = crawl(host)
        assert not mirror.requests
    assert (run.state, run.reason) == (
        RunState.SKIPPED,
        "It is being crawled by another process since 2026-11-20 12:00 UTC.",
    )


def test_what_a_dead_process_left_is_taken_over(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        dead = claim(host, now=NOW - timedelta(hours=1))
        [run] = crawl(host)
    dead.refresh_from_db()
    assert (dead.state, run.state) == (RunState.ABANDONED, RunState.FINISHED)
    assert dead.reason == (
        "Nothing was heard from its process other:7 until 2026-11-20 11:10 UTC; "
        "it was taken for dead."
    )
    assert len(paths(copy_of(host))) == 5


def test_a_renewed_lease_is_not_taken_over() -> None:
    host = HostFactory.create()
    run = claim(host)
    claims.renew_leases([run], lease=LEASE, now=NOW + LEASE)
    assert claim(host, now=NOW + LEASE + timedelta(seconds=1)).state == RunState.SKIPPED


def test_renewing_nothing_asks_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        claims.renew_leases([], lease=LEASE, now=NOW)
        claims.abandon_runs([], reason="", now=NOW)


def test_leases_are_renewed_while_mirrors_are_slow(category) -> None:
    leases: list[datetime] = []

    def clock() -> datetime:
        running = CrawlRun.objects.filter(state=RunState.RUNNING)
        leases.extend(running.values_list("lease_until_at", flat=True))
        return NOW + timedelta(minutes=len(leases))

    async def behave(request, writer) -> None:
        await asyncio.sleep(0.3)
        writer.write(respond(404, b"", request))

    with Mirror(answer=behave) as mirror:
        crawl(mirror_of(category, mirror), policy=replace(POLICY, renew_seconds=0.1), clock=clock)
    assert len(set(leases)) > 2
    assert leases == sorted(leases)


def test_what_a_run_found_after_it_was_taken_over_is_thrown_away(category, monkeypatch) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)

        def lose(visits, **kwargs) -> None:
            CrawlRun.objects.update(state=RunState.ABANDONED, reason="Dead.")
            results.store_visits(visits, **kwargs)

        monkeypatch.setattr(flights, "store_visits", lose)
        [run] = crawl(host)
    assert (run.state, run.reason) == (RunState.ABANDONED, "Dead.")
    assert not paths(copy_of(host))
    assert not CategoryCrawl.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConcurrentChangeError("The set kept changing."), "The set kept changing."),
        (ZeroDivisionError("by zero"), "The crawl itself broke (ZeroDivisionError: by zero)"),
    ],
)
def test_a_bug_of_ours_neither_stops_the_others_nor_blames_the_host(
    category, monkeypatch, error, words
) -> None:
    with Mirror(good_files()) as mirror, Mirror(good_files(), address="127.0.0.2") as other:
        first, second = mirror_of(category, mirror), mirror_of(category, other)
        real = results.store_visits

        def store(visits, **kwargs) -> None:
            if first in [visit.host for visit in visits]:
                raise error
            real(visits, **kwargs)

        monkeypatch.setattr(flights, "store_visits", store)
        runs = crawl(first, second)
    assert [run.state for run in runs] == [RunState.FAILED, RunState.FINISHED]
    assert words in runs[0].reason
    assert copy_of(first).urls.get().state == "unknown"
    first.refresh_from_db()
    assert first.last_crawled_at is not None


class Watcher:
    """A Progress that remembers how many visits there were at once, and open transactions."""

    def __init__(self) -> None:
        self.flying = self.most = self.directories = 0
        self.reasons: list[str] = []
        self.savepoints: set[int] = set()

    def started(self, plan: VisitPlan) -> None:
        self.flying += 1
        self.most = max(self.most, self.flying)

    def advanced(self, plan: VisitPlan) -> None:
        self.directories += 1
        self.savepoints.add(len(connection.savepoint_ids))

    def finished(self, plan: VisitPlan, reason: str) -> None:
        self.flying -= 1
        self.reasons.append(reason)


class Interrupter(Watcher):
    """An operator who presses Ctrl-C after the first Directory."""

    def advanced(self, plan: VisitPlan) -> None:
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_leaves_no_host_locked(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        with pytest.raises(KeyboardInterrupt):
            crawl(host, progress=Interrupter())
    run = CrawlRun.objects.get()
    assert (run.state, run.reason) == (
        RunState.ABANDONED,
        "Its process was stopped before the visit ended.",
    )


def test_hosts_are_crawled_at_once_within_the_limit(category) -> None:
    watcher = Watcher()
    with ExitStack() as stack:
        mirrors = [stack.enter_context(Mirror(good_files())) for _ in range(5)]
        hosts = [mirror_of(category, mirror) for mirror in mirrors]
        policy = replace(POLICY, hosts_at_once=3, stored_at_once=1)
        runs = crawl(*hosts, policy=policy, progress=watcher)
    assert [run.host for run in runs] == hosts
    assert {run.state for run in runs} == {RunState.FINISHED}
    assert (watcher.most, watcher.directories) == (3, 25)
    assert watcher.reasons == ["5 of 5 Directories are up2date."] * 5


class Meanwhile(Watcher):
    """Another process that changes Hosts once the first visit has ended."""

    def __init__(self, **changes: object) -> None:
        super().__init__()
        self.changes = changes

    def finished(self, plan: VisitPlan, reason: str) -> None:
        Host.objects.exclude(pk=plan.host_id).update(**self.changes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"last_crawled_at": NOW}, "It is not due before 2026-11-20 18:00 UTC."),
        ({"crawl_from": 3, "crawl_until": 5}, "It is only crawled from 3:00 to 5:00 UTC."),
    ],
)
def test_a_host_that_is_not_due_any_more_when_its_turn_comes_is_skipped(
    category, changes, reason
) -> None:
    one_by_one = replace(POLICY, hosts_at_once=1, stored_at_once=1)
    with Mirror(good_files()) as mirror, Mirror(good_files(), address="127.0.0.2") as other:
        hosts = mirror_of(category, mirror), mirror_of(category, other)
        runs = crawl(*hosts, policy=one_by_one, progress=Meanwhile(**changes), due=True)
        assert not other.requests
        assert (runs[1].state, runs[1].reason) == (RunState.SKIPPED, reason)
        assert not CrawlRun.objects.filter(state=RunState.RUNNING).exists()
        runs = crawl(*hosts, policy=one_by_one, progress=Meanwhile(**changes))
    assert [run.state for run in runs] == [RunState.FINISHED] * 2


def test_no_transaction_is_open_while_mirrors_are_asked(category) -> None:
    """Inside a test a transaction of ours is a savepoint."""
    watcher = Watcher()
    with Mirror(good_files()) as mirror:
        crawl(mirror_of(category, mirror), progress=watcher)
    assert watcher.savepoints == {0}


def test_a_category_filter_leaves_the_other_copies_alone(category) -> None:
    other = make_category(name="Other")
    with Mirror(good_files()) as mirror, Mirror(good_files(), address="127.0.0.2") as second:
        host = mirror_of(category, mirror)
        copy = carry(host, other, second.url)
        crawl(host, scope=Scope(frozenset({category.pk})))
        assert not second.requests
    copy.refresh_from_db()
    assert (copy.last_crawled_at, copy.reason) == (None, "")


def test_unknown_hosts_are_left_out_and_nobody_is_visited_twice(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        assert len(crawl(host, host, Host(pk=999_999))) == 1
    assert crawl() == []


def test_a_private_host_may_have_private_addresses(category) -> None:
    policy = replace(POLICY, allow_private=False)
    with Mirror(good_files()) as mirror:
        public = mirror_of(category, mirror)
        [refused] = crawl(public, policy=policy)
        public.private = True
        public.save()
        [allowed] = crawl(public, policy=policy)
    assert "127.0.0.1 may not be visited" in refused.reason
    assert (refused.state, allowed.state) == (RunState.FAILED, RunState.FINISHED)


def test_a_long_log_is_cut(category) -> None:
    host = HostFactory.create()
    run = claim(host)
    assert claims.finish_run(
        run, state=RunState.FINISHED, reason="Done.", now=NOW, log="é" * claims.LOG_BYTES
    )
    run.refresh_from_db()
    assert run.log.endswith("é\n… and more.")
    assert len(run.log.encode()) < claims.LOG_BYTES + 20


@pytest.mark.parametrize("more", [0, 100])
def test_a_crawl_costs_the_same_queries_whatever_the_size_of_the_tree(category, more) -> None:
    """All good, then all missing, then all good again: six to load, one to claim, the rest
    to store; a change of 105 issues costs no more than a change of five. A turn asks who is told,
    and metadata that went or came is one more.
    """
    top = category.top_directory
    for number in range(more):
        entries = (Entry("a", 1, 1),)
        DirectoryFactory.create(category=category, path=f"{top}/d{number}", entries=entries)
    files = {**good_files(), **{f"/pub/d{number}/a": b"x" for number in range(more)}}
    with Mirror(files) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
        assert count_queries(host) == 12
        mirror.answer = status(404)
        assert count_queries(host) == 17
        mirror.answer = None
        assert count_queries(host) == 17


def count_queries(host: Host) -> int:
    """Count the queries of a crawl, without those that only exist inside a test."""
    with CaptureQueriesContext(connection) as captured:
        crawl(host)
    return sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries)
