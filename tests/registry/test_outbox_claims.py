"""Two senders at once send once, and one that dies leaves its messages to the next."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from registry.models import EventKind, Notification, Site
from registry.services.events import record_event
from registry.services.notification_claims import LEASE, MOST_CLAIMS, claim, give_up
from registry.services.notifications import queue_emails
from tests.conftest import NOW
from tests.factories import HostFactory, SiteAdminFactory, WebhookFactory
from tests.registry.post_office import SOON, post_office, receiver, run

SENDERS = 4


def tell(site: Site, count: int = 1) -> list[int]:
    for _ in range(count):
        event = record_event(
            HostFactory.create(site=site), EventKind.URL_FAILED, "It fails.", now=NOW
        )
        queue_emails(event, site=site)
    return list(Notification.objects.values_list("pk", flat=True))


def senders() -> list[object]:
    def once(_: int) -> object:
        try:
            assert not transaction.get_connection().in_atomic_block
            return run()
        finally:
            connection.close()

    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(once, range(SENDERS)))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_senders_at_the_same_time_send_each_letter_once(site: Site) -> None:
    for _ in range(10):
        SiteAdminFactory.create(site=site)
    tell(site, 3)
    with post_office() as box:
        senders()
    assert len(box.letters) == len({letter["To"] for letter in box.letters}) == 10
    assert Notification.objects.filter(state="sent").count() == 30


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_senders_at_the_same_time_make_each_call_once(site: Site) -> None:
    host = HostFactory.create(site=site)
    with receiver() as hook:
        WebhookFactory.create(site=site, url=hook.url, kinds=["url_failed"])
        for number in range(12):
            record_event(host, EventKind.URL_FAILED, f"It fails: {number}.", now=NOW)
        senders()
    assert len(hook.calls) == len({call.json["id"] for call in hook.calls}) == 12


@pytest.mark.django_db
def test_what_somebody_sends_is_not_free(site: Site, ben: User) -> None:
    ids = tell(site)
    assert [row.pk for row in claim(ids, now=NOW)] == ids
    assert claim(ids, now=NOW + LEASE - SOON) == []
    with post_office() as box:
        run(LEASE - SOON)
    assert box.letters == []


@pytest.mark.django_db
def test_the_lease_of_a_sender_that_died_ends(site: Site, ben: User) -> None:
    claim(tell(site), now=NOW)
    with post_office() as box:
        assert run(LEASE).letters.sent == 1
    assert len(box.letters) == 1
    row = Notification.objects.get()
    assert (row.state, row.attempts, row.lease_until_at) == ("sent", 2, None)


@pytest.mark.django_db
def test_a_sender_that_was_taken_for_dead_changes_nothing_any_more(site: Site, ben: User) -> None:
    from_the_dead = claim(tell(site), now=NOW)
    with post_office():
        run(LEASE)
    give_up(from_the_dead, reason="Too late.")
    assert Notification.objects.get().state == "sent"


@pytest.mark.django_db
def test_a_message_that_kills_its_senders_is_given_up(site: Site, ben: User) -> None:
    ids = tell(site)
    for number in range(MOST_CLAIMS):
        assert claim(ids, now=NOW + number * LEASE)
    assert claim(ids, now=NOW + timedelta(days=9)) == []
    row = Notification.objects.get()
    assert row.state == "failed"
    assert row.reason.startswith("Given up: 20 senders ended")
