"""Give Events to those who asked for them: webhooks, the message bus, operators.

Runs in the background, so that whoever writes an Event pays nothing for it. Owners' letters are not
routed here: whoever writes such an Event knows whether it is worth a letter.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from registry.logic.notifications.payloads import Happening, bus_messages, webhook_body
from registry.logic.notifications.topics import OF_OPERATORS, topic_of
from registry.models import Event, Notification, Webhook
from registry.services.notification_facts import happenings
from registry.services.notification_people import operators
from registry.services.notifications import letters_for

EVENTS_AT_ONCE = 500
# Events that nobody routed for so long, for example imported ones, are no news to programs.
NEWS_FOR = timedelta(days=1)
NEEDED = ("actor", "site", "host__site")


def route_events(*, now: datetime) -> int:
    """Fill the outbox from Events that were not routed yet; return how many messages came.

    May run twice at once: each message is in the outbox once.
    """
    Event.objects.unrouted().filter(at__lt=now - NEWS_FOR).update(routed=True)
    unrouted = Event.objects.unrouted().select_related(*NEEDED).order_by("id")
    events = list(unrouted[:EVENTS_AT_ONCE])
    if not events:
        return 0
    rows = [*_for_programs(events, now=now), *_for_operators(events)]
    with transaction.atomic():
        Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        Event.objects.filter(pk__in=[event.pk for event in events]).update(routed=True)
    return len(rows)


def _for_programs(events: Sequence[Event], *, now: datetime) -> Iterator[Notification]:
    webhooks = list(Webhook.objects.filter(active=True))
    if not webhooks and not settings.FEDORA_MESSAGING:
        return
    for event, happening in zip(events, happenings(events), strict=True):
        for webhook in webhooks:
            if listens(webhook, event):
                yield delivery(webhook, event, happening, now=now)
        if settings.FEDORA_MESSAGING:
            yield from _for_bus(event, happening, now=now)


def listens(webhook: Webhook, event: Event) -> bool:
    """Tell whether a webhook gets an Event: of a kind that it wants, and of its own Site."""
    mine = webhook.site_id is None or webhook.site_id == event.site_id
    return mine and event.kind in webhook.kinds


def delivery(
    webhook: Webhook, event: Event, happening: Happening, *, now: datetime
) -> Notification:
    """Return the row that lets a webhook be told of an Event; it is not stored yet."""
    return Notification(
        event=event,
        channel=Notification.Channel.WEBHOOK,
        recipient=webhook.url,
        webhook=webhook,
        payload={"id": event.pk, **webhook_body(happening)},
        due_at=now,
    )


def _for_bus(event: Event, happening: Happening, *, now: datetime) -> Iterator[Notification]:
    for message in bus_messages(happening):
        yield Notification(
            event=event,
            channel=Notification.Channel.BUS,
            recipient=message.topic,
            payload=message.body,
            due_at=now,
        )


def _for_operators(events: Sequence[Event]) -> list[Notification]:
    theirs = [event for event in events if topic_of(event.kind, event.facts) in OF_OPERATORS]
    people = operators() if theirs else []
    return [row for event in theirs for row in letters_for(event, people)]
