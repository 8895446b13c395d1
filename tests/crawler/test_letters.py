"""Who is told of what, and when nobody is."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from crawler.logic.health import HealthPolicy
from crawler.services.places import apply_embargoes
from registry.models import Category, EmbargoedCountry, Event, Host, Notification
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror, status
from tests.crawler.world import POLICY, copy_of, crawl, good_files, make_category, mirror_of

pytestmark = pytest.mark.django_db

ONCE = replace(POLICY, health=HealthPolicy(disable_after=1))
LATE = replace(POLICY, health=HealthPolicy(disable_after=99))
DOWN = status(503)


@pytest.fixture
def category() -> Category:
    return make_category()


def visit(host: Host, *, policy=LATE, day: int = 0) -> None:
    def clock() -> datetime:
        return NOW + timedelta(days=day)

    crawl(host, policy=policy, clock=clock)
    host.refresh_from_db()


def told() -> list[str]:
    rows = Notification.objects.order_by("id")
    return list(rows.values_list("event__kind", flat=True))


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def test_a_failure_that_lasts_is_told_once(category) -> None:
    with Mirror(answer=DOWN) as mirror:
        host = mirror_of(category, mirror, contact="noc@example.org")
        for day in range(4):
            visit(host, day=day)
    assert told() == kinds() == ["url_failed"]


def test_urls_that_fail_together_are_one_letter(category) -> None:
    with Mirror(answer=DOWN) as one, Mirror(answer=DOWN) as two:
        host = mirror_of(category, one, two, contact="noc@example.org")
        visit(host)
        for mirror in (one, two):
            mirror.answer, mirror.files = None, good_files()
        visit(host, day=1)
        urls = [url.url for url in copy_of(host).urls.all()]
    assert told() == ["url_failed", "url_recovered"]
    recovered, failed = Event.objects.all()
    assert failed.facts == recovered.facts == {"urls": urls}
    assert failed.subject == f"host: {host}"


def test_the_host_that_is_taken_out_is_told_of_instead_of_its_urls(category) -> None:
    with Mirror(answer=DOWN) as mirror:
        visit(mirror_of(category, mirror, contact="noc@example.org"), policy=ONCE)
    assert kinds() == ["url_failed", "system_disabled"]
    assert told() == ["system_disabled"]


@pytest.mark.parametrize(
    "switch", [{"user_active": False}, {"admin_active": False}, {"approval": "pending"}]
)
def test_who_switched_the_host_off_gets_no_letters(category, switch) -> None:
    with Mirror(answer=DOWN) as mirror:
        visit(mirror_of(category, mirror, contact="noc@example.org", **switch), policy=ONCE)
    assert kinds() == ["url_failed", "system_disabled"]
    assert told() == []


def test_a_host_that_nobody_can_be_told_of_has_its_timeline(category) -> None:
    with Mirror(answer=DOWN) as mirror:
        visit(mirror_of(category, mirror))
    assert (kinds(), told()) == (["url_failed"], [])


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_the_switches_of_people_stay(category, seed) -> None:
    rng = Random(seed)
    switches = {name: rng.random() < 0.5 for name in ("admin_active", "user_active")}
    reason = "We are moving."
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror, disable_reason=reason, **switches)
        for day in range(8):
            mirror.answer = rng.choice([DOWN, None])
            rng.choice([embargo, lift])(host)
            rng.choice([lambda now: None, lambda now: apply_embargoes(now=now)])(NOW)
            visit(host, day=day, policy=rng.choice([ONCE, LATE]))
            assert {name: getattr(host, name) for name in switches} == switches
            assert (host.disable_reason, host.approval) == (reason, "approved")
            assert host.system_active is (host.system_reason == "") is (host.system_rule == "")


def embargo(host: Host) -> None:
    EmbargoedCountry.objects.get_or_create(country=host.country)


def lift(host: Host) -> None:
    EmbargoedCountry.objects.all().delete()
