"""One run over the outbox: route what happened, send what is due, forget what is old.

Also what operators do with single messages: look at one, and try it again.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet

from registry.logic.wording import counted
from registry.models import Notification
from registry.services.notification_bus import BusTally, publish_messages
from registry.services.notification_claims import NEEDED
from registry.services.notification_letters import build_mail
from registry.services.notification_mail import (
    MailTally,
    mail_is_configured,
    mailboxes,
    plan_mailbox,
    quiet_policy,
    send_letters,
)
from registry.services.notification_routing import route_events
from registry.services.webhook_calls import CallTally, call_webhooks

State = Notification.State


@dataclass
class Outcome:
    """What one run did."""

    routed: int
    letters: MailTally
    webhooks: CallTally
    bus: BusTally
    mail_configured: bool

    @property
    def sentence(self) -> str:
        calls = counted(self.webhooks.sent, "webhook call")
        failed = self.letters.failed + self.webhooks.failed + self.bus.failed
        parts = [
            f"{counted(self.letters.sent, 'letter')}, "
            f"{calls} and {counted(self.bus.sent, 'bus message')} were sent, {failed} failed, "
            f"{self.letters.held} held back."
        ]
        if not self.mail_configured:
            parts.append("Letters wait, since EMAIL_URL is not set.")
        return " ".join(parts)


class DueLetter(NamedTuple):
    """A letter that the next run would send: to whom, its subject, how many messages are in it."""

    recipient: str
    subject: str
    messages: int


def send_notifications(*, clock: Callable[[], datetime], rng: Random) -> Outcome:
    """Send everything that is due by all channels. Must not run inside a transaction.

    May run any number of times at once: each message is claimed by one run.
    """
    outcome = Outcome(
        routed=route_events(now=clock()),
        letters=send_letters(clock=clock, rng=rng),
        webhooks=call_webhooks(clock=clock, rng=rng),
        bus=publish_messages(clock=clock, rng=rng),
        mail_configured=mail_is_configured(),
    )
    forget_old(now=clock())
    return outcome


def due_letters(*, now: datetime) -> list[DueLetter]:
    """Return the letters that a run would send now; writes nothing."""
    found = []
    for recipient, bundle in mailboxes(now=now):
        plan = plan_mailbox(recipient, bundle, now=now, quiet=quiet_policy())
        rows = list(
            Notification.objects.filter(pk__in=plan.send)
            .select_related(*NEEDED)
            .order_by("event__at", "id")
        )
        if rows:
            found.append(DueLetter(recipient, build_mail(rows).subject, len(rows)))
    return found


def count_due(*, now: datetime) -> dict[str, int]:
    """Return how many messages are due, by channel."""
    due = Notification.objects.due(at=now)
    return {channel.value: due.filter(channel=channel).count() for channel in Notification.Channel}


def retry_notifications(rows: QuerySet[Notification], *, now: datetime) -> int:
    """Let messages that wait or were given up be tried at once; return how many."""
    return rows.filter(state__in=[State.WAITING, State.FAILED]).update(
        state=State.WAITING, due_at=now, attempts=0, reason="An operator asked for another attempt."
    )


def preview(row: Notification) -> str:
    """Return what a message says: the text of its letter, with what was sent together, or JSON."""
    if row.channel != Notification.Channel.EMAIL:
        return json.dumps(row.payload, indent=2, ensure_ascii=False)
    rows = Notification.objects.select_related(*NEEDED).order_by("event__at", "id")
    together = list(rows.filter(letter=row.letter)) if row.letter else []
    mail = build_mail(together or [rows.get(pk=row.pk)])
    return f"Subject: {mail.subject}\n\n{mail.text}"


def forget_old(*, now: datetime) -> int:
    """Delete messages that were finished long ago; return how many."""
    old = Notification.objects.finished().filter(due_at__lt=now - settings.NOTIFY_KEEP)
    return old.delete()[0]
