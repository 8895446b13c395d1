"""When the certificate of a URL is worth a warning: some time before it expires.

Deliberately does not look at certificates that are not trusted: then the URL fails, and says why.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from registry.logic.wording import counted

if TYPE_CHECKING:
    from datetime import datetime


class CertificatePolicy(NamedTuple):
    """How long before its end a certificate is worth a warning.

    Let's Encrypt renews thirty days before; who has less than half of that left has a problem.
    """

    warn_within: timedelta = timedelta(days=14)


class CertificateReason(StrEnum):
    """What about a certificate decided."""

    NONE_SEEN = "none_seen"
    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"


class CertificateVerdict(NamedTuple):
    """The end of a certificate, what to say of it, and whether that is news to the owner."""

    reason: CertificateReason
    until: datetime | None = None
    sentence: str = ""
    news: bool = False


def judge_certificate(
    seen: datetime | None,
    *,
    known: datetime | None,
    visited_at: datetime | None,
    now: datetime,
    policy: CertificatePolicy,
) -> CertificateVerdict:
    """Judge the end of a certificate as seen in a visit, else as it has been known before.

    It is news once: at the first visit so near to the end, and again of another certificate.
    `visited_at` is the time of the visit before.
    """
    until = seen or known
    if until is None:
        return CertificateVerdict(CertificateReason.NONE_SEEN)
    day = f"{until:%Y-%m-%d}"
    if until <= now:
        sentence = f"Its certificate expired on {day}. Let it be renewed; clients refuse it."
        return CertificateVerdict(CertificateReason.EXPIRED, until, sentence)
    left = until - now
    if left >= policy.warn_within:
        return CertificateVerdict(CertificateReason.VALID, until)
    days = counted(left.days, "day")
    sentence = f"Its certificate expires in {days}, on {day}. Let it be renewed before."
    near = visited_at is not None and until - visited_at < policy.warn_within
    return CertificateVerdict(
        CertificateReason.EXPIRING, until, sentence, news=not (near and until == known)
    )
