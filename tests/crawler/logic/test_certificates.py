from datetime import timedelta

import pytest

from crawler.logic.certificates import CertificatePolicy, CertificateReason, judge_certificate
from tests.conftest import NOW

POLICY = CertificatePolicy()
DAY = timedelta(days=1)
SOON, LATER, PAST = NOW + 9.5 * DAY, NOW + 60 * DAY, NOW - DAY
YESTERDAY, LAST_WEEK = NOW - DAY, NOW - 7 * DAY


def judge(seen, known=None, visited_at=None):
    return judge_certificate(seen, known=known, visited_at=visited_at, now=NOW, policy=POLICY)


@pytest.mark.parametrize(
    ("seen", "known", "visited_at", "reason", "news"),
    [
        (None, None, None, CertificateReason.NONE_SEEN, False),
        (LATER, None, None, CertificateReason.VALID, False),
        (LATER, SOON, YESTERDAY, CertificateReason.VALID, False),
        (NOW + 14 * DAY, None, None, CertificateReason.VALID, False),
        (SOON, None, None, CertificateReason.EXPIRING, True),
        (SOON, SOON, LAST_WEEK, CertificateReason.EXPIRING, True),
        (SOON, SOON, YESTERDAY, CertificateReason.EXPIRING, False),
        (None, SOON, YESTERDAY, CertificateReason.EXPIRING, False),
        (None, SOON, LAST_WEEK, CertificateReason.EXPIRING, True),
        (SOON, NOW + 2 * DAY, YESTERDAY, CertificateReason.EXPIRING, True),
        (None, PAST, YESTERDAY, CertificateReason.EXPIRED, False),
        (None, NOW, YESTERDAY, CertificateReason.EXPIRED, False),
    ],
    ids=[
        "none",
        "long to go",
        "renewed",
        "just long enough",
        "first visit",
        "has come near since",
        "told already",
        "told already, not seen now",
        "has come near since, not seen now",
        "another one that ends soon",
        "expired",
        "expires now",
    ],
)
def test_the_end_of_a_certificate(seen, known, visited_at, reason, news) -> None:
    verdict = judge(seen, known, visited_at)
    assert (verdict.reason, verdict.news, verdict.until) == (reason, news, seen or known)


def test_a_warning_says_how_long_and_what_to_do() -> None:
    assert judge(SOON).sentence == (
        "Its certificate expires in 9 days, on 2026-11-30. Let it be renewed before."
    )
    assert judge(PAST).sentence == (
        "Its certificate expired on 2026-11-19. Let it be renewed; clients refuse it."
    )
    assert judge(LATER).sentence == ""
