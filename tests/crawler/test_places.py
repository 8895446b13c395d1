"""Hints that a Host may stand elsewhere: written once, taken back, never more than a hint."""

import pytest

from crawler import tasks
from crawler.services.places import check_places
from registry.models import Event, Host, Notification
from tests.factories import CategoryFactory, HostFactory, carry

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(db: None) -> Host:
    host: Host = HostFactory.create(contact="noc@example.org")
    carry(host, CategoryFactory.create(), "https://mirror.example.org/pub")
    return host


def places(*countries: str):
    return lambda names: {name: frozenset(countries) for name in names}


def test_a_difference_is_noted_once_and_nobody_is_switched_off(host, now) -> None:
    assert check_places(find=places("FR"), now=now) == 1
    assert check_places(find=places("FR"), now=now) == 0
    host.refresh_from_db()
    assert "mirror.example.org in France" in host.place_hint
    assert host.system_active
    event = Event.objects.get()
    assert (event.kind, event.sentence, event.host) == ("place_hint", host.place_hint, host)
    assert not Notification.objects.exists()


def test_a_hint_goes_with_the_difference_and_stays_while_nothing_is_known(host, now) -> None:
    check_places(find=places("FR"), now=now)
    assert check_places(find=places(), now=now) == 0
    host.refresh_from_db()
    assert host.place_hint
    assert check_places(find=places("DE"), now=now) == 0
    host.refresh_from_db()
    assert host.place_hint == ""
    assert Event.objects.count() == 1


def test_only_names_of_hosts_that_we_visit_are_asked_for(host, now) -> None:
    private = HostFactory.create(private=True)
    carry(private, CategoryFactory.create(), "https://secret.example.org/pub")
    asked: list[str] = []

    def find(names):
        asked.extend(names)
        return {}

    check_places(find=find, now=now)
    assert asked == ["mirror.example.org"]


def test_a_country_that_was_corrected_meanwhile_gets_no_hint(host, now) -> None:
    def find(names):
        Host.objects.update(country="FR")
        return places("FR")(names)

    assert check_places(find=find, now=now) == 0
    host.refresh_from_db()
    assert host.place_hint == ""


def test_the_task_asks_the_resolver(db: None) -> None:
    host = HostFactory.create()
    carry(host, CategoryFactory.create(), "http://193.0.6.139/pub")
    assert tasks.check_places() == "1 Hosts got a hint that their country may be wrong."
    host.refresh_from_db()
    assert "193.0.6.139 in Netherlands" in host.place_hint
