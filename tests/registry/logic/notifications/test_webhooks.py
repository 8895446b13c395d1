"""How calls are signed, what answers mean, and when a webhook is switched off."""

from datetime import UTC, datetime, timedelta

import pytest

from registry.logic.notifications.webhooks import (
    AnswerReason,
    WebhookPolicy,
    call_headers,
    encode_body,
    find_fault,
    judge_answer,
    judge_webhook,
    sign,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_signature_is_the_one_that_openssl_computes() -> None:
    # printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
    expected = "38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789"
    found = sign(b'{"a":1}', secret="whsec_test", timestamp=1_700_000_000)
    assert found == f"sha256={expected}"


def test_the_headers_name_the_event_and_sign_time_and_body() -> None:
    body = encode_body({"name": "Universität"})
    headers = call_headers(body, secret="s", timestamp=7, event="created", delivery=12)
    assert headers == {
        "Content-Type": "application/json",
        "X-Mirrorsite-Event": "created",
        "X-Mirrorsite-Delivery": "12",
        "X-Mirrorsite-Timestamp": "7",
        "X-Mirrorsite-Signature": sign(body, secret="s", timestamp=7),
    }
    assert body == '{"name":"Universität"}'.encode()


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (200, AnswerReason.TAKEN),
        (204, AnswerReason.TAKEN),
        (302, AnswerReason.REDIRECT),
        (404, AnswerReason.REFUSED),
        (410, AnswerReason.GONE),
        (500, AnswerReason.REFUSED),
        (None, AnswerReason.NO_ANSWER),
    ],
)
def test_an_answer_has_a_meaning(status: int | None, reason: AnswerReason) -> None:
    verdict = judge_answer(status, fault="It could not be reached.")
    assert verdict.reason is reason
    assert verdict.taken == (reason is AnswerReason.TAKEN)
    assert verdict.gone == (reason is AnswerReason.GONE)
    assert verdict.sentence.endswith(".")


@pytest.mark.parametrize(
    ("status", "since", "off"),
    [
        (500, None, False),
        (500, NOW - 2 * DAY, False),
        (500, NOW - 3 * DAY, True),
        (410, None, True),
    ],
)
def test_a_webhook_is_switched_off_when_patience_ends(status, since, off) -> None:
    policy = WebhookPolicy()
    why = judge_webhook(judge_answer(status), failing_since=since, now=NOW, policy=policy)
    assert bool(why) == off


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.org/hook", True),
        ("http://example.org:8080/hook?x=1", True),
        ("https://[2001:db8::1]/", True),
        ("ftp://example.org/", False),
        ("file:///etc/passwd", False),
        ("example.org/hook", False),
        ("https://", False),
        ("https://ben:secret@example.org/", False),
        ("https://example.org:99999/", False),
        ("https://example.org:0/", False),
        ("https://example.org/a b", False),
        ("https://example.org/\r\nHost: x", False),
        ("https://[::1", False),
    ],
)
def test_a_url_can_be_called_or_says_why_not(url: str, good: bool) -> None:
    assert (find_fault(url) == "") == good
