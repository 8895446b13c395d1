"""Who sends what of the outbox: claims by conditional UPDATE, a lease for senders that die.

Whoever claims counts as one attempt, so that a message that kills its sender is given up, too. A
sender that dies between handing a message over and noting it leaves a message that goes twice; it
never leaves one that does not go.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from random import Random

from django.db.models import F, Q, QuerySet

from registry.logic.notifications.retrying import DeliveryPolicy, Verdict, judge_failure
from registry.models import Notification

LEASE = timedelta(minutes=15)
State = Notification.State
# More claims than attempts are ever judged: senders died over it.
MOST_CLAIMS = 20
# What composing a message needs to know.
NEEDED = ("event__host__site", "event__site", "user", "webhook__site")


def claim(ids: Collection[int], *, now: datetime) -> list[Notification]:
    """Take messages that nobody else is sending; return those that are ours now, oldest first."""
    letter = uuid.uuid4()
    free = Q(state=State.WAITING) | Q(state=State.SENDING, lease_until_at__lte=now)
    won = Notification.objects.filter(free, pk__in=ids).update(
        state=State.SENDING,
        letter=letter,
        lease_until_at=now + LEASE,
        attempts=F("attempts") + 1,
    )
    if not won:
        return []
    rows = Notification.objects.filter(letter=letter).select_related(*NEEDED)
    ours: list[Notification] = []
    deadly: list[Notification] = []
    for row in rows.order_by("event__at", "id"):
        (deadly if row.attempts > MOST_CLAIMS else ours).append(row)
    if deadly:
        give_up(deadly, reason=f"Given up: {MOST_CLAIMS} senders ended before they noted a result.")
    return ours


def mark_sent(rows: Collection[Notification], *, reason: str, now: datetime) -> None:
    """Note that claimed messages were delivered."""
    _ours(rows).update(state=State.SENT, sent_at=now, lease_until_at=None, reason=reason)


def mark_failed(
    rows: Collection[Notification],
    fault: str,
    *,
    permanent: bool,
    now: datetime,
    policy: DeliveryPolicy,
    rng: Random,
) -> Verdict:
    """Note that claimed messages were not delivered: they wait again, or are given up."""
    verdict = judge_failure(
        fault,
        attempts=max(row.attempts for row in rows),
        permanent=permanent,
        now=now,
        policy=policy,
        rng=rng,
    )
    if verdict.due_at is None:
        give_up(rows, reason=verdict.sentence)
    else:
        _ours(rows).update(
            state=State.WAITING,
            due_at=verdict.due_at,
            lease_until_at=None,
            reason=verdict.sentence,
        )
    return verdict


def give_up(rows: Collection[Notification], *, reason: str) -> None:
    """Note that claimed messages will not be delivered, and why."""
    _ours(rows).update(state=State.FAILED, lease_until_at=None, reason=reason)


def hold(ids: Iterable[int], *, until: datetime | None, reason: str) -> None:
    """Let messages that wait do so until a moment, or give them up if there is none."""
    rows = Notification.objects.filter(pk__in=list(ids), state=State.WAITING)
    if until is None:
        rows.update(state=State.FAILED, reason=reason)
    else:
        rows.update(due_at=until, reason=reason)


def _ours(rows: Collection[Notification]) -> QuerySet[Notification]:
    letters = {row.letter for row in rows}
    return Notification.objects.filter(
        pk__in=[row.pk for row in rows], letter__in=letters, state=State.SENDING
    )
