"""What storing the results of visits costs: every query from the first UPDATE to the last letter.

Counted is every statement that Django logs while a group of visits is stored, but not BEGIN,
COMMIT and savepoints. SQLite is let take as many parameters as it can, since Django would split
an INSERT of more than 142 rows there; PostgreSQL never does.
"""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from pyroaring import BitMap

from crawler.logic.health import HealthPolicy
from crawler.logic.modes import Mode
from crawler.models import CrawlRun, RunState
from crawler.services import flights, results
from crawler.services.crawls import Silence
from crawler.services.places import apply_embargoes
from crawler.services.plans import load_hosts
from crawler.services.visits import VisitPlan
from registry.logic.listings import Entry
from registry.models import (
    DirectoryIssue,
    EmbargoedCountry,
    Event,
    Host,
    HostCategory,
    HostCategoryUrl,
    Notification,
)
from registry.services.carriage import Findings, store_findings
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror, status
from tests.crawler.world import POLICY, copy_of, crawl, good_files, make_category, mirror_of, paths
from tests.factories import DirectoryFactory, HostFactory, SiteAdminFactory, carry

pytestmark = pytest.mark.django_db

# Thousands of requests to a server in a thread of ours: on a busy machine each may take its time.
PATIENT = POLICY.limits._replace(answer_seconds=60, body_seconds=60)
TOGETHER = replace(POLICY, limits=PATIENT, store_seconds=600, health=HealthPolicy(disable_after=2))
MANY = 1000
DOWN = status(503)


@pytest.fixture
def stored(monkeypatch) -> list[tuple[int, int]]:
    """How many visits were stored at once, and with how many queries."""
    if connection.vendor == "sqlite":
        monkeypatch.setattr(connection.features, "max_query_params", 32_766)
    counts: list[tuple[int, int]] = []

    def store(visits, **kwargs) -> None:
        with CaptureQueriesContext(connection) as captured:
            results.store_visits(visits, **kwargs)
        queries = [each["sql"] for each in captured.captured_queries]
        counts.append((len(visits), sum("SAVEPOINT" not in sql for sql in queries)))

    monkeypatch.setattr(flights, "store_visits", store)
    return counts


def server_of(count: int) -> Mirror:
    """Return a server for so many Hosts, each with two Categories of many Directories."""
    more = {f"/{host}/one/d{number}/a": b"x" for host in range(count) for number in range(MANY)}
    for host in range(count):
        more |= good_files(f"/{host}/one") | good_files(f"/{host}/two")
    return Mirror(more)


def hosts_on(mirror: Mirror, count: int) -> list[Host]:
    one, two = make_category(), make_category(name="Two")
    for number in range(MANY):
        path = f"{one.top_directory}/d{number}"
        DirectoryFactory.create(category=one, path=path, entries=(Entry("a", 1, 1),))
    base = mirror.url.removesuffix("/pub")
    hosts = []
    for number in range(count):
        host = HostFactory.create(contact=f"noc{number}@example.org")
        SiteAdminFactory.create(site=host.site)
        carry(host, one, f"{base}/{number}/one")
        carry(host, two, f"{base}/{number}/two")
        hosts.append(host)
    return hosts


def visit(hosts: list[Host], *, day: int) -> None:
    now = NOW + timedelta(days=day)
    crawl(*hosts, policy=TOGETHER, clock=lambda: now)


def test_storing_a_host_costs_at_most_five_queries_whatever_happened(stored) -> None:
    """Four Hosts that end together cost hardly more than one, so a Host costs three at most."""
    with server_of(4) as mirror:
        hosts = hosts_on(mirror, 4)
        visit(hosts, day=0)
        visit(hosts, day=1)  # nothing is wrong
        mirror.answer = status(404)
        visit(hosts, day=2)  # all Directories are newly wrong, and owners are told
        assert HostCategory.objects.values_list("issue_count", flat=True).first() == MANY + 5
        visit(hosts, day=3)  # the system takes the Hosts out of service, and owners are told
        assert Host.objects.filter(system_active=False).count() == 4
        mirror.answer = None
        visit(hosts, day=4)  # all recovered, and owners are told
        assert not DirectoryIssue.objects.exists()
    assert [visits for visits, _ in stored] == [4] * 5
    assert [queries for _, queries in stored] == [6, 5, 12, 10, 12]
    assert Notification.objects.count() == 2 * 4 * 3


def test_storing_a_single_host_costs_one_query_for_each_table(stored) -> None:
    """What is not shared with others: six at first, thirteen in the worst case."""
    with Mirror(good_files()) as mirror:
        hosts = [mirror_of(make_category(), mirror, contact="noc@example.org")]
        visit(hosts, day=0)
        mirror.answer = status(404)
        visit(hosts, day=1)
        mirror.answer = None
        del mirror.files["/pub/42/os/Packages/bash.rpm"]
        visit(hosts, day=2)
    assert [queries for _, queries in stored] == [6, 12, 13]


def test_what_cannot_be_stored_together_is_stored_one_by_one(stored, monkeypatch) -> None:
    """A Host that is not ours any more does not take the others with it."""
    with Mirror(good_files()) as mirror, Mirror(good_files()) as other:
        category = make_category()
        lost, kept = mirror_of(category, mirror), mirror_of(category, other)
        real = results.store_visits

        def lose(visits, **kwargs) -> None:
            CrawlRun.objects.filter(host=lost).update(state=RunState.ABANDONED, reason="Dead.")
            real(visits, **kwargs)

        monkeypatch.setattr(flights, "store_visits", lose)
        runs = crawl(lost, kept, policy=TOGETHER)
    assert [run.state for run in runs] == [RunState.ABANDONED, RunState.FINISHED]
    assert (len(paths(copy_of(lost))), len(paths(copy_of(kept)))) == (0, 5)


def meanwhile(monkeypatch, happens: Callable[[], object]) -> None:
    """Let something happen between the visit and its storing."""

    def store(visits, **kwargs) -> None:
        happens()
        results.store_visits(visits, **kwargs)

    monkeypatch.setattr(flights, "store_visits", store)


def test_what_a_host_reports_meanwhile_is_kept(monkeypatch) -> None:
    with Mirror(good_files()) as mirror:
        category = make_category()
        host = mirror_of(category, mirror)
        copy = copy_of(host)
        found = Findings(BitMap({999_999}), {})
        meanwhile(monkeypatch, lambda: store_findings(copy.pk, found, reason="", now=NOW))
        crawl(host, mode=Mode.REPODATA)
    copy.refresh_from_db()
    assert 999_999 in copy.up2date
    assert len(copy.up2date) > 1


def test_a_copy_that_is_deleted_meanwhile_is_left_out(monkeypatch) -> None:
    with Mirror(good_files()) as mirror, Mirror(good_files()) as other:
        host = mirror_of(make_category(), mirror)
        kept = carry(host, make_category(name="Two"), other.url)
        gone = host.host_categories.exclude(pk=kept.pk)
        meanwhile(monkeypatch, gone.delete)
        [run] = crawl(host)
    assert (run.state, run.categories.count(), len(paths(kept))) == (RunState.FINISHED, 1, 5)


def test_a_host_that_carries_nothing_any_more_has_no_results(monkeypatch) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(make_category(), mirror)
        meanwhile(monkeypatch, host.host_categories.all().delete)
        [run] = crawl(host)
    assert (run.state, run.reason) == (
        RunState.SKIPPED,
        "What was visited was deleted before the visit ended.",
    )


def test_a_host_that_is_deleted_meanwhile_stops_nobody(monkeypatch) -> None:
    with Mirror(good_files()) as mirror, Mirror(good_files()) as other:
        category = make_category()
        gone, kept = mirror_of(category, mirror), mirror_of(category, other)
        meanwhile(monkeypatch, Host.objects.filter(pk=gone.pk).delete)
        crawl(gone, kept, policy=TOGETHER)
    assert len(paths(copy_of(kept))) == 5


def test_a_url_that_is_deleted_meanwhile_is_left_out(monkeypatch) -> None:
    with Mirror(answer=DOWN) as mirror, Mirror(good_files()) as other:
        host = mirror_of(make_category(), mirror, other)
        meanwhile(monkeypatch, HostCategoryUrl.objects.filter(url=mirror.url).delete)
        crawl(host)
    assert not Event.objects.exists()
    assert HostCategoryUrl.objects.get().state == "working"


def test_an_embargo_that_comes_meanwhile_is_told_once(monkeypatch) -> None:
    with Mirror(answer=DOWN) as mirror:
        host = mirror_of(make_category(), mirror)

        def embargo() -> None:
            if not EmbargoedCountry.objects.exists():
                EmbargoedCountry.objects.create(country=host.country)
                apply_embargoes(now=NOW)

        meanwhile(monkeypatch, embargo)
        crawl(host, policy=replace(POLICY, health=HealthPolicy(disable_after=1)))
    host.refresh_from_db()
    assert host.system_rule == "embargoed"
    assert Event.objects.filter(kind="system_disabled").count() == 1


class Impatience(Silence):
    """An operator who presses Ctrl-C when the second Host is looked at and the first has ended."""

    def __init__(self) -> None:
        self.seen: set[int] = set()

    def advanced(self, plan: VisitPlan) -> None:
        self.seen.add(plan.host_id)
        if len(self.seen) == 2:
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_stores_what_has_ended_already() -> None:
    async def slow(request, writer) -> None:
        await asyncio.sleep(0.5)
        await other.send_file(request, writer)

    with Mirror(good_files()) as mirror, Mirror(good_files(), answer=slow) as other:
        category = make_category()
        quick, interrupted = mirror_of(category, mirror), mirror_of(category, other)
        with pytest.raises(KeyboardInterrupt):
            crawl(quick, interrupted, policy=TOGETHER, progress=Impatience())
    states = dict(CrawlRun.objects.values_list("host", "state"))
    assert states == {quick.pk: RunState.FINISHED, interrupted.pk: RunState.ABANDONED}
    assert len(paths(copy_of(quick))) == 5


def test_what_never_comes_to_rest_is_said(monkeypatch) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(make_category(), mirror)

        def load(ids) -> list[Host]:
            loaded = load_hosts(ids)
            HostCategory.objects.update(up2date_revision=F("up2date_revision") + 1)
            return loaded

        monkeypatch.setattr(results, "load_hosts", load)
        meanwhile(monkeypatch, lambda: load([]))
        [run] = crawl(host)
    assert (run.state, "kept changing" in run.reason) == (RunState.FAILED, True)
