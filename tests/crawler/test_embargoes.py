"""Hosts of countries under embargo leave, and come back when it ends."""

from dataclasses import replace

import pytest
from django.utils import timezone

from crawler import tasks
from crawler.logic.health import HealthPolicy, judge_embargo
from crawler.services.notices import turn_host
from crawler.services.places import apply_embargoes
from registry.models import Country, EmbargoedCountry, Event, Host, Notification
from tests.crawler.mirrors import Mirror, status
from tests.crawler.world import POLICY, crawl, good_files, make_category, mirror_of
from tests.factories import HostFactory, carry

pytestmark = pytest.mark.django_db

SENTENCE = "Germany is under embargo: A law. It comes back by itself when that ends."


@pytest.fixture
def embargo(db: None) -> EmbargoedCountry:
    return EmbargoedCountry.objects.create(country=Country.objects.get(code="DE"), reason="A law.")


def verdict(host: Host) -> tuple[bool, str, str]:
    host.refresh_from_db()
    return host.system_active, host.system_rule, host.system_reason


def test_a_host_under_embargo_leaves_and_returns_with_a_letter_each(embargo, now) -> None:
    host = HostFactory.create(contact="noc@example.org")
    abroad = HostFactory.create(country_id="FR")
    assert apply_embargoes(now=now) == (1, 0)
    assert verdict(host) == (False, "embargoed", SENTENCE)
    assert host.system_changed_at == now
    assert verdict(abroad) == (True, "", "")
    assert apply_embargoes(now=now) == (0, 0)

    embargo.delete()
    assert apply_embargoes(now=now) == (0, 1)
    assert verdict(host) == (True, "", "")
    events = Event.objects.order_by("id").values_list("kind", "sentence")
    assert list(events) == [
        ("system_disabled", SENTENCE),
        ("system_recovered", "The embargo of Germany has ended."),
    ]
    assert Notification.objects.filter(recipient="noc@example.org").count() == 2


def test_looking_again_costs_one_query(embargo, now, django_assert_num_queries) -> None:
    HostFactory.create_batch(3)
    apply_embargoes(now=now)
    with django_assert_num_queries(1):
        apply_embargoes(now=now)


def test_a_good_visit_does_not_end_an_embargo(embargo) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(make_category(), mirror)
        crawl(host)
        assert verdict(host) == (False, "embargoed", SENTENCE)
        crawl(host)
        assert verdict(host)[0] is False
        embargo.delete()
        crawl(host)
    assert verdict(host) == (True, "", "")


def test_an_embargo_replaces_the_reason_of_a_host_that_was_out_already(now) -> None:
    once = replace(POLICY, health=HealthPolicy(disable_after=1))
    with Mirror(answer=status(503)) as mirror:
        host = mirror_of(make_category(), mirror, contact="noc@example.org")
        crawl(host, policy=once)
        assert verdict(host)[1] == "all_urls_gone"
        embargo = EmbargoedCountry.objects.create(country=host.country, reason="A law.")
        assert apply_embargoes(now=now) == (0, 0)
        assert verdict(host) == (False, "embargoed", SENTENCE)
        assert Notification.objects.count() == 1
        embargo.delete()
        apply_embargoes(now=now)
        crawl(host, policy=once)
    assert verdict(host)[:2] == (False, "all_urls_gone")


def test_a_host_comes_back_when_its_only_copy_becomes_always_up2date(now) -> None:
    """It has nothing to visit, so no visit can say it."""
    gone = {"system_active": False, "system_rule": "all_urls_gone", "system_reason": "All failed."}
    host = HostFactory.create(contact="noc@example.org", **gone)
    other = HostFactory.create(**gone)
    category = make_category()
    carry(host, category, "https://a.example.org/pub", always_up2date=True)
    carry(other, category, "https://b.example.org/pub")
    assert apply_embargoes(now=now) == (0, 1)
    assert verdict(host) == (True, "", "")
    assert verdict(other)[0] is False
    event = Event.objects.get()
    assert (event.kind, event.sentence) == (
        "system_recovered",
        "It is back in service for what is always up2date.",
    )
    assert Notification.objects.get().recipient == "noc@example.org"
    assert apply_embargoes(now=now) == (0, 0)


def test_what_is_always_up2date_does_not_end_an_embargo(embargo, now) -> None:
    host = HostFactory.create()
    carry(host, make_category(), "https://a.example.org/pub", always_up2date=True)
    assert apply_embargoes(now=now) == (1, 0)
    assert apply_embargoes(now=now) == (0, 0)
    assert verdict(host) == (False, "embargoed", SENTENCE)


def test_of_two_that_decide_at_once_one_tells(embargo, now) -> None:
    HostFactory.create(contact="noc@example.org")
    [one] = [two] = Host.objects.select_related("site", "country__embargo")
    decided = judge_embargo(active=True, rule="", country="Germany", embargo="A law.")
    assert decided is not None
    assert turn_host(one, decided, now=now)
    assert not turn_host(two, decided, now=now)
    assert Notification.objects.count() == 1


def test_the_task_says_what_it_did(embargo) -> None:
    HostFactory.create()
    assert tasks.apply_embargoes() == "1 Hosts were taken out of service, 0 came back."
    assert Event.objects.get().at <= timezone.now()
