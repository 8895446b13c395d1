"""A Host over many crawls: good, stale, warned, disabled and back again, with every message."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from crawler.logic.health import HealthPolicy
from crawler.models import CrawlRun
from crawler.services.plans import Scope
from registry.models import Category, Event, Host, Notification
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror, hang, status
from tests.crawler.world import (
    OLD,
    POLICY,
    REPODATA,
    copy_of,
    crawl,
    good_files,
    make_category,
    mirror_of,
    paths,
)
from tests.factories import SiteAdminFactory, carry

pytestmark = pytest.mark.django_db

TWICE = replace(POLICY, health=HealthPolicy(disable_after=2))
DOWN = status(503)


@pytest.fixture
def category() -> Category:
    return make_category()


def visit(host: Host, *, day: int = 0, **extra) -> CrawlRun:
    def clock() -> datetime:
        return NOW + timedelta(days=day)

    [run] = crawl(host, policy=TWICE, clock=clock, **extra)
    host.refresh_from_db()
    return run


def events(host: Host) -> list[tuple[str, str]]:
    return list(Event.objects.filter(host=host).order_by("id").values_list("kind", "sentence"))


def letters(host: Host) -> list[tuple[str, str]]:
    """Return who is to be told of what, in the order of the Events."""
    rows = Notification.objects.filter(event__host=host, channel="email", state="waiting")
    return list(rows.order_by("event_id", "recipient").values_list("recipient", "event__kind"))


def in_service(host: Host) -> bool:
    return Host.objects.get(pk=host.pk).system_active


def test_a_host_goes_stale_is_warned_disabled_and_recovers(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror, name="mirror.example.org", contact="noc@example.org")
        SiteAdminFactory.create(site=host.site, user__username="ben")
        both = ["ben@example.org", "noc@example.org"]
        told: list[tuple[str, str]] = []
        visit(host)
        assert events(host) == []

        mirror.files[f"/pub/{REPODATA}/repomd.xml"] = OLD
        assert visit(host, day=1).reason == "4 of 5 Directories are up2date; 1 stale."
        assert in_service(host)
        assert events(host) == []

        mirror.answer = hang
        visit(host, day=2)
        silence = "Nothing was learned from "
        assert [kind for kind, _ in events(host)] == ["url_failed"]
        assert events(host)[0][1].startswith(f"{mirror.url}: {silence}")
        assert in_service(host)
        assert len(paths(copy_of(host))) == 4
        told += [(address, "url_failed") for address in both]
        assert letters(host) == told

        visit(host, day=3)
        assert [kind for kind, _ in events(host)] == ["url_failed", "system_disabled"]
        assert not in_service(host)
        assert host.system_reason == events(host)[1][1]
        assert host.system_reason.startswith(
            "All its URLs failed 2 visits in a row or more, the last time because: "
        )
        assert host.system_changed_at == NOW + timedelta(days=3)
        assert not paths(copy_of(host))
        told += [(address, "system_disabled") for address in both]
        assert letters(host) == told

        visit(host, day=4)
        assert len(events(host)) == 2
        assert letters(host) == told

        mirror.answer, mirror.files = None, good_files()
        visit(host, day=5)
        assert events(host)[2:] == [
            ("url_recovered", f"{mirror.url}: It works again after 3 failed visits."),
            ("system_recovered", "It answers again."),
        ]
        assert in_service(host)
        assert host.system_reason == ""
        assert len(paths(copy_of(host))) == 5
        told += [(address, "system_recovered") for address in both]
        assert letters(host) == told


def test_the_switches_of_people_are_never_touched(category) -> None:
    with Mirror(answer=DOWN) as mirror:
        host = mirror_of(category, mirror, user_active=False, disable_reason="We are moving.")
        for day in range(3):
            visit(host, day=day)
        assert (host.user_active, host.admin_active, host.system_active) == (False, True, False)
        mirror.answer, mirror.files = None, good_files()
        visit(host, day=3)
    assert (host.user_active, host.admin_active, host.system_active) == (False, True, True)
    assert host.disable_reason == "We are moving."


def test_one_working_url_keeps_the_host(category) -> None:
    with Mirror(answer=DOWN) as broken, Mirror(good_files()) as working:
        host = mirror_of(category, broken, working)
        for day in range(3):
            visit(host, day=day)
        url = copy_of(host).urls.get(url=broken.url)
    assert host.system_active
    assert (url.consecutive_failures, url.failing_since_at) == (3, NOW)


def test_a_copy_whose_urls_are_gone_is_withdrawn_while_the_host_stays(category) -> None:
    other = make_category(name="Other")
    with Mirror(good_files()) as good, Mirror(good_files()) as dying:
        host = mirror_of(category, good)
        copy = carry(host, other, dying.url)
        visit(host)
        assert len(paths(copy)) == 5
        dying.answer = DOWN
        visit(host, day=1)
        assert len(paths(copy)) == 5
        visit(host, day=2)
    copy.refresh_from_db()
    assert (paths(copy), host.system_active) == (set(), True)
    assert copy.reason.endswith("so nothing of it is believed.")


def test_what_an_operator_vouches_for_keeps_the_host(category) -> None:
    with Mirror(answer=DOWN) as mirror:
        host = mirror_of(category, mirror)
        cdn = make_category(name="Other")
        carry(host, cdn, "https://cdn.example.org/pub", always_up2date=True)
        for day in range(3):
            visit(host, day=day)
    assert host.system_active


def test_what_an_operator_vouches_for_brings_the_host_back(category) -> None:
    with Mirror(answer=DOWN) as mirror:
        host = mirror_of(category, mirror, contact="noc@example.org")
        for day in range(2):
            visit(host, day=day)
        assert not in_service(host)
        cdn = make_category(name="Other")
        carry(host, cdn, "https://cdn.example.org/pub", always_up2date=True)
        visit(host, day=2)
    assert in_service(host)
    sentence = "It is back in service for what is always up2date."
    assert events(host)[-1] == ("system_recovered", sentence)
    assert letters(host)[-1] == ("noc@example.org", "system_recovered")


def test_a_url_that_was_never_visited_keeps_the_host(category) -> None:
    other = make_category(name="Other")
    with Mirror(answer=DOWN) as mirror:
        host = mirror_of(category, mirror)
        carry(host, other, "https://mirror.example.org/other")
        for day in range(3):
            visit(host, day=day, scope=Scope(frozenset({category.pk})))
    assert host.system_active
