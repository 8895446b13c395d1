"""Events reach webhooks, the bus and operators, with the facts as they were."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.urls import reverse

from registry.models import Event, EventKind, Host, Notification, Site
from registry.services.events import record_event
from registry.services.notification_routing import route_events
from tests.conftest import NOW
from tests.factories import EventFactory, HostFactory, WebhookFactory
from tests.registry.post_office import run

pytestmark = pytest.mark.django_db
STAND_IN = Path(__file__).parent.parent / "data" / "bus"


@pytest.fixture
def host(site: Site, ben: User) -> Host:
    return HostFactory.create(site=site, name="m1.example.org")


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """The package fedora-messaging, as far as we use it; what was published."""
    monkeypatch.syspath_prepend(str(STAND_IN))
    from importlib import import_module

    api = import_module("fedora_messaging.api")
    with override_settings(FEDORA_MESSAGING=True):
        yield api.published
    for name in [each for each in sys.modules if each.startswith("fedora_messaging")]:
        del sys.modules[name]


def delete_as_operator(admin: Client, thing: Site | Host) -> None:
    name = type(thing).__name__.lower()
    page = reverse(f"admin:registry_{name}_delete", args=[thing.pk])
    assert admin.post(page, {"post": "yes"}).status_code == 302


def test_a_host_that_is_deleted_is_told_as_it_was(admin: Client, host: Host, bus) -> None:
    pk = host.pk
    delete_as_operator(admin, host)
    route_events(now=Event.objects.latest("at").at)
    bodies = dict(Notification.objects.values_list("recipient", "payload"))
    assert set(bodies) == {"mirrormanager.host.deleted", "mirrormanager.host.deleted.v2"}
    second = bodies["mirrormanager.host.deleted.v2"]
    assert (second["host"]["id"], second["host"]["name"]) == (pk, "m1.example.org")
    assert second["site"]["admins"] == ["ben"]
    assert second["agent"] == "ada"


def test_a_site_that_is_deleted_is_told_as_it_was(admin: Client, site: Site, ben, bus) -> None:
    delete_as_operator(admin, site)
    route_events(now=Event.objects.latest("at").at)
    bodies = dict(Notification.objects.values_list("recipient", "payload"))
    assert bodies["mirrormanager.site.deleted"]["site_name"] == "Example University"
    assert bodies["mirrormanager.site.deleted.v2"]["site"]["admins"] == ["ben"]


def test_a_private_host_never_reaches_the_bus(admin: Client, host: Host, bus) -> None:
    host.private = True
    host.save()
    record_event(host, EventKind.CHANGED, "Changed.", now=NOW)
    assert route_events(now=NOW) == 0
    delete_as_operator(admin, host)
    assert route_events(now=Event.objects.latest("at").at) == 0


def test_messages_are_published_in_order_and_once(host: Host, ben: User, bus) -> None:
    record_event(host, EventKind.CHANGED, "Changed.", now=NOW, actor=ben)
    assert run().bus.sent == 2
    assert run().bus.sent == 0
    assert [message.topic for message in bus] == [
        "mirrormanager.host.updated",
        "mirrormanager.host.updated.v2",
    ]
    assert bus[1].body["agent"] == "ben"
    assert len({message.id for message in bus}) == 2


def test_a_broker_that_is_down_ends_the_run_and_nothing_is_lost(host: Host, bus) -> None:
    record_event(host, EventKind.CHANGED, "Changed.", now=NOW)
    api: Any = sys.modules["fedora_messaging.api"]
    api.down = True
    outcome = run().bus
    assert (outcome.sent, outcome.failed) == (0, 1)
    assert "ConnectionError: the broker is down" in Notification.objects.get(attempts=1).reason
    api.down = False
    assert run(timedelta(minutes=10)).bus.sent == 2


def test_without_the_package_a_message_waits_and_says_why(host: Host) -> None:
    record_event(host, EventKind.CHANGED, "Changed.", now=NOW)
    with override_settings(FEDORA_MESSAGING=True):
        assert run().bus.failed == 1
    assert "fedora-messaging cannot be loaded" in Notification.objects.get(attempts=1).reason


def test_operators_are_told_when_the_network_stands_still(ada: User, host: Host) -> None:
    record_event(host.site, EventKind.SNAPSHOT_REFUSED, "It lost 80 % of Hosts.", now=NOW)
    route_events(now=NOW)
    row = Notification.objects.get()
    assert (row.recipient, row.topic, row.role) == ("ada@example.org", "operations", "operator")


def test_an_event_is_routed_once(host: Host) -> None:
    WebhookFactory.create(site=None, kinds=["changed"])
    record_event(host, EventKind.CHANGED, "Changed.", now=NOW)
    assert route_events(now=NOW) == 1
    assert route_events(now=NOW) == 0
    Event.objects.update(routed=False)
    route_events(now=NOW)
    assert Notification.objects.count() == 1


def test_what_happened_long_ago_is_no_news_to_programs(host: Host) -> None:
    WebhookFactory.create(site=None, kinds=["changed"])
    EventFactory.create(host=host, at=NOW - timedelta(days=2))
    assert route_events(now=NOW) == 0
    assert not Event.objects.unrouted().exists()


def test_routing_costs_the_same_for_many_events(host: Host, django_assert_max_num_queries) -> None:
    WebhookFactory.create(site=None, kinds=["changed"])
    for _ in range(100):
        record_event(host, EventKind.CHANGED, "Changed.", now=NOW)
    with django_assert_max_num_queries(10):
        assert route_events(now=NOW) == 100
