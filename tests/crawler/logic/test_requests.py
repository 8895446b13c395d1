"""What people may ask of the crawler, and how often."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.logic.requests import (
    HostFacts,
    RequestPolicy,
    RequestReason,
    judge_crawl_request,
    judge_trial_request,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
POLICY = RequestPolicy(trials=2)


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("moments", "granted"),
    [([], True), ([1], True), ([1, 2], False), ([1, 11], True), ([11, 12, 13], True)],
)
def test_trials_are_counted_within_the_window(moments: list[int], *, granted: bool) -> None:
    verdict = judge_trial_request([ago(each) for each in moments], now=NOW, policy=POLICY)
    assert verdict.granted is granted


def test_who_tried_too_often_is_told_when_to_come_back() -> None:
    verdict = judge_trial_request([ago(9), ago(1)], now=NOW, policy=POLICY)
    assert verdict.sentence == (
        "2 URLs were tried for you in the last 10 minutes. Try again in 1 minute."
    )


@pytest.mark.parametrize(
    ("host", "reason", "words"),
    [
        (HostFacts(), RequestReason.GRANTED, "will be visited"),
        (HostFacts(refusal="It waits."), RequestReason.NOT_VISITED, "It waits."),
        (HostFacts(running_since=ago(1)), RequestReason.RUNNING, "since 11:59 UTC"),
        (HostFacts(last_visit_at=ago(3)), RequestReason.TOO_SOON, "Ask again in 7 minutes."),
        (HostFacts(last_visit_at=ago(10)), RequestReason.GRANTED, "will be visited"),
        (HostFacts(last_request_at=ago(1)), RequestReason.WAITING, "waits for a free crawler"),
        (HostFacts(last_request_at=ago(11)), RequestReason.GRANTED, "will be visited"),
        (
            HostFacts(last_request_at=ago(3), last_visit_at=ago(2)),
            RequestReason.TOO_SOON,
            "It was visited at 11:58 UTC.",
        ),
        (
            HostFacts(last_request_at=ago(3), last_visit_at=ago(40)),
            RequestReason.WAITING,
            "waits",
        ),
    ],
)
def test_a_visit_is_granted_or_not(host: HostFacts, reason: RequestReason, words: str) -> None:
    verdict = judge_crawl_request(host, now=NOW, policy=POLICY)
    assert verdict.reason is reason
    assert words in verdict.sentence
