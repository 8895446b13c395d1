"""How much a visit looks at: everything, what changed, or only metadata."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django_q.models import OrmQ

from crawler.logic.health import HealthPolicy
from crawler.logic.modes import Mode, ModePolicy
from crawler.models import CrawlRun
from crawler.services.crawls import Silence, crawl_due, find_due
from crawler.services.plans import Scope
from crawler.services.visits import VisitPlan
from registry.logic.listings import Entry, digest_listing, pack_listing
from registry.models import Category, Directory, Host
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror, status
from tests.crawler.world import (
    CURRENT,
    PACKAGES,
    POLICY,
    REPODATA,
    copy_of,
    crawl,
    good_files,
    issues,
    make_category,
    mirror_of,
    paths,
)
from tests.factories import carry

pytestmark = pytest.mark.django_db

EXACT = replace(POLICY, modes=ModePolicy(spot_checks=0))
REPOMD, BASH = f"/pub/{REPODATA}/repomd.xml", f"/pub/{PACKAGES}/bash.rpm"


@pytest.fixture
def category() -> Category:
    return make_category()


def later(hours: int) -> Callable[[], datetime]:
    return lambda: NOW + timedelta(hours=hours)


def change(path: str, *entries: Entry, hours: int) -> None:
    """Let UMDL find a Directory changed."""
    Directory.objects.filter(path__endswith=path).update(
        listing=pack_listing(entries),
        digest=digest_listing(entries),
        scanned_at=NOW + timedelta(hours=hours),
    )


def test_a_visit_for_changes_asks_only_about_them(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        crawl(host, policy=EXACT)
        change(PACKAGES, Entry("zsh.rpm", 7, 1), hours=5)
        del mirror.requests[:]
        [run] = crawl(host, mode=Mode.CHANGES, policy=EXACT, clock=later(6))
        assert [each.path for each in mirror.requests if "does-not" not in each.path] == [
            f"/pub/{PACKAGES}/zsh.rpm"
        ]
    assert issues(copy_of(host)) == {PACKAGES: ("missing", "not_found")}
    assert len(paths(copy_of(host))) == 4
    assert run.reason == "0 of 1 Directories are up2date; 1 missing. 4 others did not need a look."


def test_what_was_wrong_is_looked_at_again_although_the_master_did_not_change(category) -> None:
    files = good_files()
    del files[BASH]
    with Mirror(files) as mirror:
        host = mirror_of(category, mirror)
        crawl(host, policy=EXACT)
        mirror.files.update(good_files())
        crawl(host, mode=Mode.CHANGES, policy=EXACT, clock=later(6))
        assert mirror.asked(REPOMD) == ["GET"]
    assert len(paths(copy_of(host))) == 5


def test_without_changes_a_greeting_is_all(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        crawl(host, policy=EXACT)
        [run] = crawl(host, mode=Mode.CHANGES, policy=EXACT, clock=later(6))
    assert (run.counts["requests"], run.state) == (1, "finished")
    assert run.reason == "Nothing has changed. 5 others did not need a look."


def test_what_could_not_be_seen_is_looked_at_again(category) -> None:
    """A failed visit must not hide a change from the next."""
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        crawl(host, policy=EXACT)
        change(PACKAGES, Entry("zsh.rpm", 7, 1), hours=5)
        mirror.answer = status(500)
        crawl(host, mode=Mode.CHANGES, policy=EXACT, clock=later(6))
        assert len(paths(copy_of(host))) == 5
        mirror.answer = None
        crawl(host, mode=Mode.CHANGES, policy=EXACT, clock=later(12))
    assert issues(copy_of(host)) == {PACKAGES: ("missing", "not_found")}


class Slow(Silence):
    """A crawl whose first visit takes hours, while UMDL finds a change early on."""

    def __init__(self) -> None:
        self.hours = 0

    def clock(self) -> datetime:
        return NOW + timedelta(hours=self.hours)

    def finished(self, plan: VisitPlan, reason: str) -> None:
        if not self.hours:
            change(PACKAGES, Entry("zsh.rpm", 7, 1), hours=1)
        self.hours += 5


def test_what_umdl_wrote_during_a_long_crawl_is_looked_at_in_the_next_visit(category) -> None:
    slow, one_by_one = Slow(), replace(EXACT, hosts_at_once=1, stored_at_once=1)
    with Mirror(good_files()) as mirror, Mirror(good_files(), address="127.0.0.2") as other:
        hosts = mirror_of(category, mirror), mirror_of(category, other)
        crawl(*hosts, policy=one_by_one, clock=slow.clock, progress=slow)
        assert len(paths(copy_of(hosts[1]))) == 5
        crawl(hosts[1], mode=Mode.CHANGES, policy=EXACT, clock=later(16))
    assert issues(copy_of(hosts[1])) == {PACKAGES: ("missing", "not_found")}


def test_metadata_only_leaves_everything_else_alone(category) -> None:
    with Mirror({REPOMD: CURRENT}) as mirror:
        host = mirror_of(category, mirror)
        [run] = crawl(host, mode=Mode.REPODATA, policy=EXACT)
        assert not mirror.asked(BASH)
    assert paths(copy_of(host)) == {REPODATA}
    host.refresh_from_db()
    assert (host.last_crawled_at, copy_of(host).last_crawled_at) == (None, None)
    assert run.mode == "repodata"


def test_only_a_visit_of_everything_counts_as_the_weekly_one(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        crawl(host, mode=Mode.CHANGES)
        crawl(host, scope=Scope(frozenset({category.pk})))
        host.refresh_from_db()
        assert host.last_full_crawl_at is None
        crawl(host)
    host.refresh_from_db()
    assert host.last_full_crawl_at is not None


def full_at(host: Host) -> datetime | None:
    return Host.objects.get(pk=host.pk).last_full_crawl_at


def test_a_dead_url_beside_a_good_one_costs_no_second_visit_of_everything(category) -> None:
    with Mirror(good_files()) as good, Mirror(answer=status(503)) as dead:
        host = mirror_of(category, good, dead)
        crawl(host)
    assert full_at(host) is not None
    [turnout] = find_due(Host.objects.all(), now=NOW + timedelta(hours=7), policy=POLICY)
    assert not turnout.full


def test_a_copy_that_nobody_could_see_is_looked_at_as_a_whole_until_it_is_given_up(
    category,
) -> None:
    twice = replace(POLICY, health=HealthPolicy(disable_after=2))
    with Mirror(good_files()) as good, Mirror(answer=status(503)) as dead:
        host = mirror_of(category, good)
        carry(host, make_category(name="Other"), dead.url)
        crawl(host, policy=twice)
        assert full_at(host) is None
        crawl(host, policy=twice)
    assert full_at(host) is not None


def test_a_visit_that_saw_nothing_does_not_count_as_one_of_everything(category) -> None:
    with Mirror(answer=status(503)) as dead:
        host = mirror_of(category, dead)
        crawl(host)
    assert full_at(host) is None


def test_the_tick_asks_for_changes_unless_a_full_visit_is_due(category) -> None:
    recent, old = NOW - timedelta(days=1), NOW - timedelta(days=8)
    with Mirror() as mirror, Mirror(address="127.0.0.2") as other:
        fresh = mirror_of(category, mirror, last_crawled_at=recent, last_full_crawl_at=recent)
        due = mirror_of(category, other, last_crawled_at=recent, last_full_crawl_at=old)
    crawl_due(now=NOW, policy=POLICY)
    queued = [tuple(row.task["args"]) for row in OrmQ.objects.all()]
    assert queued == [([due.pk], "full"), ([fresh.pk], "changes")]


def test_progress_stands_in_the_run_while_it_is_under_way(category) -> None:
    seen: list[dict[str, int]] = []

    def clock() -> datetime:
        seen.extend(CrawlRun.objects.filter(state="running").values_list("counts", flat=True))
        return NOW

    async def slowly(request, writer) -> None:
        await asyncio.sleep(0.2)
        await mirror.send_file(request, writer)

    often = replace(POLICY, renew_seconds=0.1, progress_seconds=0.1, connections_per_host=1)
    with Mirror(good_files(), address="127.0.0.2") as other, Mirror(good_files()) as mirror:
        mirror.answer = slowly
        hosts = mirror_of(category, mirror), mirror_of(category, other)
        crawl(*hosts, policy=often, clock=clock)
    assert {"looked_at": 0, "directories": 5} in seen
    assert any(counts.get("looked_at", 0) > 0 for counts in seen)
