"""How calls of webhooks are signed, what an answer means, and when a webhook is switched off.

Knows no network. The signature covers the time, so that an old call cannot be played again.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from registry.logic.wording import span

SIGNATURE_HEADER = "X-Mirrorsite-Signature"
TIMESTAMP_HEADER = "X-Mirrorsite-Timestamp"
EVENT_HEADER = "X-Mirrorsite-Event"
DELIVERY_HEADER = "X-Mirrorsite-Delivery"
SCHEMES = frozenset({"http", "https"})
# The receiver says that it is gone for good (RFC 9110, 15.5.11).
GONE = 410


class WebhookPolicy(NamedTuple):
    """How long a webhook may fail before it is switched off."""

    patience: timedelta = timedelta(days=3)


class AnswerReason(StrEnum):
    """What an answer means."""

    TAKEN = "taken"
    GONE = "gone"
    REDIRECT = "redirect"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"


class AnswerVerdict(NamedTuple):
    """Whether a call was taken; `gone`: it never will be."""

    reason: AnswerReason
    sentence: str

    @property
    def taken(self) -> bool:
        return self.reason is AnswerReason.TAKEN

    @property
    def gone(self) -> bool:
        return self.reason is AnswerReason.GONE


def encode_body(facts: Mapping[str, Any]) -> bytes:
    """Return the body of a call: JSON in UTF-8, the same bytes for the same facts."""
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()


def sign(body: bytes, *, secret: str, timestamp: int) -> str:
    """Return the signature of a body sent at a time (seconds since 1970)."""
    message = f"{timestamp}.".encode() + body
    return "sha256=" + hmac.new(secret.encode(), message, sha256).hexdigest()


def call_headers(
    body: bytes, *, secret: str, timestamp: int, event: str, delivery: int
) -> dict[str, str]:
    """Return the headers of a call."""
    return {
        "Content-Type": "application/json",
        EVENT_HEADER: event,
        DELIVERY_HEADER: str(delivery),
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: sign(body, secret=secret, timestamp=timestamp),
    }


def judge_answer(status: int | None, *, fault: str = "") -> AnswerVerdict:
    """Say what the status of an answer means; no status means that there was none, and why."""
    if status is None:
        return AnswerVerdict(AnswerReason.NO_ANSWER, fault)
    if 200 <= status < 300:
        return AnswerVerdict(AnswerReason.TAKEN, f"It answered {status}.")
    if status == GONE:
        return AnswerVerdict(AnswerReason.GONE, f"It answered {status}: it is gone for good.")
    if 300 <= status < 400:
        sentence = f"It answered {status}; redirects are not followed. Correct the URL."
        return AnswerVerdict(AnswerReason.REDIRECT, sentence)
    return AnswerVerdict(AnswerReason.REFUSED, f"It answered {status}.")


def judge_webhook(
    answer: AnswerVerdict,
    *,
    failing_since: datetime | None,
    now: datetime,
    policy: WebhookPolicy,
) -> str:
    """Return why a webhook must be switched off after a failed call; empty if it need not be."""
    if answer.gone:
        return f"It was switched off at once. {answer.sentence}"
    if failing_since is None or now - failing_since < policy.patience:
        return ""
    long = span(now - failing_since)
    return f"It was switched off, since every call failed for {long}. The last: {answer.sentence}"


def find_fault(url: str) -> str:
    """Return in a sentence why nothing is posted to a URL; empty if nothing speaks against it.

    Where its name leads is looked up when it is called, every time.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "This is not a URL. Give one like https://example.org/hook."
    if parts.scheme not in SCHEMES or not parts.hostname:
        return "Give a whole URL that begins with https:// or http://."
    if parts.username is not None or parts.password is not None:
        return "Leave the user name and password out of the URL; check the signature instead."
    if port == 0 or any(c.isspace() or not c.isprintable() for c in url):
        return "This URL cannot be called. Check it for blanks and for its port."
    return ""
