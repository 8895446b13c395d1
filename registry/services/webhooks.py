"""Add, change, try and remove webhooks. Calls nothing; `webhook_calls` does, in the background.

A secret is not stored: it follows from a random salt of the webhook and the key of the
installation, so that a copy of the database gives none away.
"""

import secrets
from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.crypto import salted_hmac

from registry.logic.notifications.webhooks import find_fault
from registry.models import Event, EventKind, Notification, Site, Webhook
from registry.services.events import record_event
from registry.services.notification_facts import happenings
from registry.services.notification_routing import delivery

WEBHOOKS_PER_SITE = 10
# Kinds of Event that a webhook may get. What operators write is for people, and a webhook that is
# told of its own failures fails twice.
NOT_OFFERED = frozenset(
    {EventKind.MESSAGE, EventKind.WEBHOOK_TESTED, EventKind.WEBHOOK_DISABLED, EventKind.IMPORTED}
)
OFFERED = tuple(kind for kind in EventKind if kind not in NOT_OFFERED)
# These happen to no Site.
NETWORK_ONLY = frozenset({EventKind.SCAN_REFUSED, EventKind.SNAPSHOT_REFUSED})


class WebhookError(ValueError):
    """What was asked for a webhook cannot be; the text says why."""


def kinds_for(site: Site | None) -> list[EventKind]:
    """Return the kinds of Event that a webhook of a Site, or of the network, may get."""
    return [kind for kind in OFFERED if site is None or kind not in NETWORK_ONLY]


def secret_of(webhook: Webhook) -> str:
    """Return the secret with which calls of a webhook are signed."""
    salt = webhook.secret_salt
    return f"whsec_{salted_hmac('registry.webhook', salt, algorithm='sha256').hexdigest()}"


def add_webhook(
    site: Site | None, url: str, kinds: Collection[str], *, actor: User, now: datetime
) -> Webhook:
    """Let a URL be told of what happens to a Site, or to the network if there is none.

    Raises WebhookError for a URL that cannot be called, for kinds that are not offered or none, and
    beyond `WEBHOOKS_PER_SITE`.
    """
    url = _checked_url(url)
    _check_kinds(site, kinds)
    if site is not None and site.webhooks.count() >= WEBHOOKS_PER_SITE:
        raise WebhookError(f"“{site}” has {WEBHOOKS_PER_SITE} webhooks; remove one first.")
    with transaction.atomic():
        webhook = Webhook.objects.create(
            site=site,
            url=url,
            kinds=sorted(kinds),
            secret_salt=new_salt(),
            created_at=now,
            created_by=actor,
        )
        _note(webhook, EventKind.CREATED, f"{actor} added the webhook {url}.", actor, now)
    return webhook


def change_webhook(
    webhook: Webhook, url: str, kinds: Collection[str], *, actor: User, now: datetime
) -> None:
    """Let a webhook have another URL or other kinds; raises WebhookError as `add_webhook` does."""
    url = _checked_url(url)
    _check_kinds(webhook.site, kinds)
    with transaction.atomic():
        webhook.url, webhook.kinds = url, sorted(kinds)
        webhook.save(update_fields=["url", "kinds"])
        _note(webhook, EventKind.CHANGED, f"{actor} changed the webhook {url}.", actor, now)


def renew_secret(webhook: Webhook, *, actor: User | None, now: datetime) -> str:
    """Give a webhook a new secret and return it; the old one signs nothing from now on."""
    with transaction.atomic():
        webhook.secret_salt = new_salt()
        webhook.save(update_fields=["secret_salt"])
        sentence = f"The webhook {webhook.url} got a new secret."
        _note(webhook, EventKind.CREDENTIAL_ISSUED, sentence, actor, now)
    return secret_of(webhook)


def switch_webhook(webhook: Webhook, *, active: bool, actor: User | None, now: datetime) -> bool:
    """Switch a webhook on or off; return whether that changed anything. On forgets failures."""
    with transaction.atomic():
        changed = Webhook.objects.filter(pk=webhook.pk, active=not active).update(
            active=active, failing_since_at=None
        )
        if changed:
            sentence = f"The webhook {webhook.url} was switched {'on' if active else 'off'}."
            _note(webhook, EventKind.CHANGED, sentence, actor, now)
    webhook.refresh_from_db()
    return bool(changed)


def remove_webhook(webhook: Webhook, *, actor: User, now: datetime) -> None:
    """Forget a webhook and what waits for it."""
    with transaction.atomic():
        sentence = f"{actor} removed the webhook {webhook.url}."
        _note(webhook, EventKind.DELETED, sentence, actor, now)
        webhook.delete()


def try_webhook(webhook: Webhook, *, actor: User | None, now: datetime) -> Notification:
    """Put a trial call into the outbox and return it; it goes with the next run."""
    with transaction.atomic():
        sentence = f"The webhook {webhook.url} is tried."
        event = _note(webhook, EventKind.WEBHOOK_TESTED, sentence, actor, now)
        (happening,) = happenings([event])
        row = delivery(webhook, event, happening, now=now)
        row.save()
    return row


def _note(
    webhook: Webhook, kind: EventKind, sentence: str, actor: User | None, now: datetime
) -> Event:
    return record_event(webhook, kind, sentence, now=now, actor=actor)


def new_salt() -> str:
    """Return a random salt, from which the secret of a new webhook follows."""
    return secrets.token_hex(16)


def _checked_url(url: str) -> str:
    url = url.strip()
    if fault := find_fault(url) or ("This URL is too long." if len(url) > 500 else ""):
        raise WebhookError(fault)
    return url


def _check_kinds(site: Site | None, kinds: Collection[str]) -> None:
    if not kinds:
        raise WebhookError("Choose at least one kind of Event.")
    offered = {kind.value for kind in kinds_for(site)}
    if unknown := sorted(set(kinds) - offered):
        raise WebhookError(f"A webhook cannot get this: {', '.join(unknown)}.")
