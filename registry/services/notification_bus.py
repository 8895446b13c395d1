"""Publish what waits for the message bus, in order; a bus that is down ends the run."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.conf import settings

from registry.logic.notifications.retrying import DeliveryPolicy
from registry.message_bus import BusError, publish
from registry.models import Notification
from registry.services.notification_claims import claim, mark_failed, mark_sent

MESSAGES_PER_RUN = 200


@dataclass
class BusTally:
    """What became of messages for the bus in one run."""

    sent: int = 0
    failed: int = 0


def publish_messages(
    *,
    clock: Callable[[], datetime],
    rng: Random,
    policy: DeliveryPolicy = DeliveryPolicy(),  # noqa: B008 -- a named tuple does not change
) -> BusTally:
    """Publish the messages that are due, oldest first. Must not run inside a transaction."""
    tally = BusTally()
    if not settings.FEDORA_MESSAGING:
        return tally
    rows = Notification.objects.due(at=clock()).filter(channel=Notification.Channel.BUS)
    for pk in list(rows.order_by("id").values_list("pk", flat=True)[:MESSAGES_PER_RUN]):
        for row in claim([pk], now=clock()):
            try:
                publish(row.recipient, row.payload, message_id=message_id(row))
            except BusError as error:
                tally.failed += 1
                mark_failed([row], str(error), permanent=False, now=clock(), policy=policy, rng=rng)
                return tally
            tally.sent += 1
            mark_sent([row], reason="The broker took the message.", now=clock())
    return tally


def message_id(row: Notification) -> str:
    """Return the id of a message, the same at every attempt."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.BASE_URL}/notifications/{row.pk}"))
