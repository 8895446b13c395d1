"""Call webhooks whose time has come, note what they answered, and switch off dead ones."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, Value
from django.db.models.functions import Coalesce

from registry.logic.notifications.retrying import DeliveryPolicy
from registry.logic.notifications.topics import Role
from registry.logic.notifications.webhooks import (
    AnswerVerdict,
    WebhookPolicy,
    call_headers,
    encode_body,
    judge_answer,
    judge_webhook,
)
from registry.models import EventKind, Notification, Webhook
from registry.outgoing import Answer, Call, post_all
from registry.services.events import record_event
from registry.services.notification_claims import claim, give_up, mark_failed, mark_sent
from registry.services.notification_people import Person, people_of
from registry.services.notifications import letters_for, store_letters
from registry.services.webhooks import secret_of

# One run makes at most so many calls, and so many of one webhook: a dead one delays no other.
CALLS_PER_RUN = 200
CALLS_PER_WEBHOOK = 20


@dataclass
class CallTally:
    """What became of calls in one run, and how many webhooks were switched off."""

    sent: int = 0
    failed: int = 0
    switched_off: int = 0


def webhook_policy() -> WebhookPolicy:
    """Return what the settings say about webhooks that fail."""
    return WebhookPolicy(patience=settings.WEBHOOK_PATIENCE)


def call_webhooks(
    *,
    clock: Callable[[], datetime],
    rng: Random,
    policy: DeliveryPolicy = DeliveryPolicy(),  # noqa: B008 -- a named tuple does not change
) -> CallTally:
    """Make the calls that are due, many at once. Must not run inside a transaction."""
    tally = CallTally()
    rows = claim(due_calls(now=clock()), now=clock())
    off = [row for row in rows if row.webhook is None or not row.webhook.active]
    if off:
        give_up(off, reason="Given up: the webhook is switched off.")
    rows = [row for row in rows if row not in off]
    answers = _post(rows, now=clock())
    for row, answer in zip(rows, answers, strict=True):
        verdict = judge_answer(answer.status, fault=answer.fault)
        _settle(row, verdict, tally, now=clock(), rng=rng, policy=policy)
    return tally


def due_calls(*, now: datetime) -> list[int]:
    """Return the ids of the calls that one run makes, the longest waiting first."""
    rows = Notification.objects.due(at=now).filter(channel=Notification.Channel.WEBHOOK)
    taken: Counter[int | None] = Counter()
    ids = []
    for pk, webhook in rows.order_by("due_at", "id").values_list("pk", "webhook").iterator():
        if taken[webhook] < CALLS_PER_WEBHOOK:
            taken[webhook] += 1
            ids.append(pk)
        if len(ids) == CALLS_PER_RUN:
            break
    return ids


def build_call(row: Notification, *, now: datetime) -> Call:
    """Return the signed call for a row, which must have been loaded with its webhook."""
    webhook = row.webhook
    if webhook is None:
        raise ValueError("Only messages for webhooks are calls.")
    body = encode_body(row.payload)
    headers = call_headers(
        body,
        secret=secret_of(webhook),
        timestamp=int(now.timestamp()),
        event=str(row.payload.get("event", "")),
        delivery=row.pk,
    )
    return Call(webhook.url, headers, body)


def _post(rows: Sequence[Notification], *, now: datetime) -> list[Answer]:
    if not rows:
        return []
    return post_all(
        [build_call(row, now=now) for row in rows],
        allow_private=settings.PROBE_ALLOW_PRIVATE,
        user_agent=f"mirrorsite-webhook/{settings.VERSION} (+{settings.BASE_URL})",
        seconds=settings.WEBHOOK_TIMEOUT_SECONDS,
    )


def _settle(
    row: Notification,
    verdict: AnswerVerdict,
    tally: CallTally,
    *,
    now: datetime,
    rng: Random,
    policy: DeliveryPolicy,
) -> None:
    """Write down what one call led to, for the message and for its webhook."""
    webhooks = Webhook.objects.filter(deliveries=row)
    seen = {"last_tried_at": now, "last_result": verdict.sentence}
    if verdict.taken:
        tally.sent += 1
        mark_sent([row], reason=verdict.sentence, now=now)
        webhooks.update(**seen, failing_since_at=None)
        return
    tally.failed += 1
    mark_failed([row], verdict.sentence, permanent=verdict.gone, now=now, policy=policy, rng=rng)
    since = Coalesce("failing_since_at", Value(now, output_field=DateTimeField()))
    webhooks.update(**seen, failing_since_at=since)
    webhook = webhooks.select_related("site", "created_by").filter(active=True).first()
    if webhook is None:
        return
    why = judge_webhook(
        verdict, failing_since=webhook.failing_since_at, now=now, policy=webhook_policy()
    )
    tally.switched_off += bool(why) and _switch_off(webhook, why, now=now)


@transaction.atomic
def _switch_off(webhook: Webhook, why: str, *, now: datetime) -> bool:
    """Switch a dead webhook off unless somebody did, and tell its owners."""
    if not Webhook.objects.filter(pk=webhook.pk, active=True).update(active=False):
        return False
    sentence = f"The webhook {webhook.url} gets nothing any more. {why} Mend it and switch it on."
    event = record_event(webhook, EventKind.WEBHOOK_DISABLED, sentence, now=now)
    people = people_of(site=webhook.site) if webhook.site else _creator(webhook)
    store_letters(letters_for(event, people))
    return True


def _creator(webhook: Webhook) -> list[Person]:
    user = webhook.created_by
    if user is None or not user.is_active or not user.email:
        return []
    return [Person(user.email, user.pk, Role.OWNER, {})]
