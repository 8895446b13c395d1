"""Put messages into the outbox. Sends nothing: a task does, after the transaction."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.conf import settings

from registry.logic.notifications.topics import Pace, next_digest, topic_of
from registry.models import Event, Host, Notification, Site
from registry.models.notifications import DIGEST
from registry.services.notification_people import (
    Person,
    admins_of,
    contacts,
    once_each,
    people_among,
)


class Mailing(NamedTuple):
    """An Event, and whose SiteAdmins and which Host's contact are to be told of it."""

    event: Event
    site: Site | None
    host: Host | None = None


def queue_emails(event: Event, *, site: Site | None, host: Host | None = None) -> int:
    """Let the SiteAdmins of a Site, and the contact of a Host, be told of an Event by e-mail.

    Returns how many addresses will be told; each at most once for one Event, and when they want to
    be told. Users without an address, and those who do not want to know, are not told.
    """
    return queue_mailings([Mailing(event, site, host)])


def queue_mailings(mailings: Sequence[Mailing]) -> int:
    """Let people be told of many Events by e-mail; three queries at most, none for no Events.

    Returns how many messages there will be.
    """
    if not mailings:
        return 0
    admins = admins_of({mailing.site.pk for mailing in mailings if mailing.site is not None})
    known = contacts(mailing.host.contact for mailing in mailings if mailing.host is not None)
    return store_letters(
        letter
        for mailing in mailings
        for letter in letters_for(
            mailing.event, people_among(admins, known, site=mailing.site, host=mailing.host)
        )
    )


def letters_for(event: Event, people: Iterable[Person], *, bundle: str = "") -> list[Notification]:
    """Return the rows that let people be told of an Event; they are not stored yet.

    What shall be told at once waits a little, so that one letter can tell of several Events;
    messages of a bundle of their own do not.
    """
    topic = topic_of(event.kind, event.facts)
    rows = []
    for person, pace in once_each(people, topic):
        digest = pace is Pace.DIGEST and not bundle
        due_at = event.at if bundle else event.at + settings.NOTIFY_GATHER
        if digest:
            due_at = next_digest(event.at, hour=person.digest_hour)
        rows.append(
            Notification(
                event=event,
                channel=Notification.Channel.EMAIL,
                recipient=person.address,
                topic=topic,
                role=person.role,
                user_id=person.user,
                bundle=DIGEST if digest else bundle,
                due_at=due_at,
            )
        )
    return rows


def store_letters(rows: Iterable[Notification]) -> int:
    """Put rows into the outbox, unless they are in it; return how many were given."""
    return len(Notification.objects.bulk_create(rows, ignore_conflicts=True))
