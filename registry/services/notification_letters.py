"""Turn messages of the outbox into a letter: load what it says, compose, render. Sends nothing."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from registry.logic.notifications.letters import (
    Letter,
    LetterLine,
    clean_subject,
    compose_letter,
)
from registry.logic.notifications.topics import TOPICS, Topic
from registry.mail import Mail
from registry.models import EventKind, Notification
from registry.models.notifications import DIGEST
from registry.services.letter_languages import language_for
from registry.services.notification_facts import page_of
from registry.services.notification_preferences import unsubscribe_url
from registry.services.sentences import translate_sentence

ROLES = {
    "owner": "you are a SiteAdmin of the mirrors named here",
    "contact": "this address is the contact of the mirrors named here",
    "operator": "you are an operator of this network",
}


def build_mail(rows: Sequence[Notification]) -> Mail:
    """Return the letter to one recipient, in their language, that says what these messages say.

    The rows must have been loaded with their Event, its Host and Site. Rows of a message of
    operators make one letter that says it once.
    """
    first = rows[0]
    with translation.override(language_for(user=first.user_id, address=first.recipient)):
        if first.event.kind == EventKind.MESSAGE:
            return _operators_letter(rows)
        letter = compose_letter(
            [_line(row) for row in rows],
            digest=first.bundle == DIGEST,
            prefix=_prefix(),
            say=translate_sentence,
        )
        return _mail(rows, letter, "letter", {"letter": letter, "topics": TOPICS})


def _line(row: Notification) -> LetterLine:
    event = row.event
    if row.topic == Topic.QUEUE:
        name, url = event.subject, f"{settings.BASE_URL}{reverse('registry:approval-queue')}"
    elif event.host is not None and event.kind != EventKind.ASKED:
        name, url = event.host.name, page_of("my:host", event.host.pk)
    elif event.site is not None:
        name, url = event.site.name, page_of("my:site", event.site.pk)
    else:
        name, url = event.subject, f"{settings.BASE_URL}{reverse('my:sites')}"
    return LetterLine(Topic(row.topic), name, url, event.at, event.sentence)


def _operators_letter(rows: Sequence[Notification]) -> Mail:
    facts = rows[0].event.facts
    hosts = sorted({name for row in rows for name in row.event.facts.get("hosts", ())})
    letter = Letter(clean_subject(_prefix() + str(facts.get("subject", ""))), (), (Topic.MESSAGE,))
    return _mail(rows, letter, "message", {"text": facts.get("text", ""), "hosts": hosts})


def _mail(
    rows: Sequence[Notification], letter: Letter, template: str, context: dict[str, Any]
) -> Mail:
    first = rows[0]
    stop = unsubscribe_url(user=first.user_id, address=first.recipient, topics=letter.topics)
    context = {
        **context,
        "subject": letter.subject,
        "network_name": settings.SITE_NAME,
        "base_url": settings.BASE_URL,
        "why": ROLES.get(first.role, ROLES["owner"]),
        "stop_url": stop,
        "preferences_url": _preferences_url() if first.user_id else "",
        "required": [TOPICS[topic].required for topic in letter.topics if TOPICS[topic].required],
    }
    return Mail(
        first.recipient,
        letter.subject,
        render_to_string(f"registry/email/{template}.txt", context).strip() + "\n",
        render_to_string(f"registry/email/{template}.html", context),
        _headers(first, stop),
    )


def _headers(row: Notification, stop: str) -> dict[str, str]:
    """Return the headers that programs read: RFC 3834 (automatic), RFC 8058 (unsubscribing)."""
    name = urlsplit(settings.BASE_URL).hostname or "localhost"
    headers = {"Auto-Submitted": "auto-generated"}
    if language := translation.get_language():
        headers["Content-Language"] = translation.to_locale(language).replace("_", "-")
    if row.letter is not None:
        headers["Message-ID"] = f"<{row.letter}@{name}>"
    if stop:
        headers["List-Unsubscribe"] = f"<{stop}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _prefix() -> str:
    prefix = settings.NOTIFY_SUBJECT_PREFIX.strip()
    return f"{prefix} " if prefix else ""


def _preferences_url() -> str:
    return f"{settings.BASE_URL}{reverse('my:notifications')}"
