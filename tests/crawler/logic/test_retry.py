from random import Random

import pytest

from crawler.logic.observations import Fault, Observation
from crawler.logic.retry import RetryPolicy, RetryReason, judge_retry, parse_pause

POLICY = RetryPolicy(tries=3, first_seconds=1, most_seconds=3, patience_seconds=60)
URL = "https://mirror.example.org/pub"


def busy(status: int = 503, retry_after: float | None = None) -> Observation:
    return Observation(URL, status, retry_after=retry_after)


def broken(fault: Fault) -> Observation:
    return Observation(URL, fault=fault)


@pytest.mark.parametrize(
    ("found", "tries", "reason", "waits", "holds"),
    [
        (busy(200), 1, RetryReason.ANSWERED, False, False),
        (busy(404), 1, RetryReason.ANSWERED, False, False),
        (busy(500), 1, RetryReason.ANSWERED, False, False),
        (broken(Fault.TIMEOUT), 1, RetryReason.ANSWERED, False, False),
        (broken(Fault.CONNECTION), 1, RetryReason.BROKEN, True, False),
        (broken(Fault.CUT_SHORT), 2, RetryReason.ENOUGH, False, False),
        (busy(), 1, RetryReason.BUSY, True, True),
        (busy(429), 2, RetryReason.BUSY, True, True),
        (busy(429), 3, RetryReason.ENOUGH, False, False),
        (busy(retry_after=7), 1, RetryReason.ASKED_TO_WAIT, True, True),
        (busy(retry_after=7), 3, RetryReason.ENOUGH, False, True),
        (busy(retry_after=61), 1, RetryReason.TOO_LONG, False, False),
        (busy(retry_after=61), 3, RetryReason.TOO_LONG, False, False),
    ],
)
def test_when_to_ask_again(found, tries, reason, waits, holds) -> None:
    retry = judge_retry(found, tries=tries, policy=POLICY, rng=Random(1))
    assert (retry.reason, retry.wait_seconds is not None) == (reason, waits)
    assert (retry.hold_seconds > 0) is holds
    assert retry.sentence.endswith(".")


def test_a_wait_that_is_asked_for_is_kept_to_the_second() -> None:
    retry = judge_retry(busy(retry_after=7), tries=1, policy=POLICY, rng=Random(1))
    assert (retry.wait_seconds, retry.sentence) == (7, f"{URL} asks for a pause of 7 seconds.")


def test_other_waits_are_random_and_their_limit_doubles() -> None:
    policy, rng = POLICY._replace(tries=10), Random(1)
    greatest = []
    for tries in (1, 2, 3, 4):
        retries = [judge_retry(busy(), tries=tries, policy=policy, rng=rng) for _ in range(500)]
        waits = [retry.wait_seconds or 0 for retry in retries]
        greatest.append(round(max(waits), 1))
        assert min(waits) < 0.1
    assert greatest == [1, 2, 3, 3]


NEW_YEAR = "Wed, 01 Jan 2020 00:00:00"
HUGE = "+99999999999999999999"


@pytest.mark.parametrize(
    ("told", "date", "seconds"),
    [
        (" 7 ", "", 7),
        ("9" * 5000, "", 999_999_999),
        ("", "", None),
        ("soon", f"{NEW_YEAR} GMT", None),
        (f"{NEW_YEAR} GMT", "", None),
        ("Wed, 01 Jan 2020 00:01:30 GMT", f"{NEW_YEAR} GMT", 90),
        ("Tue, 31 Dec 2019 00:00:00 GMT", f"{NEW_YEAR} GMT", 0),
        ("Fri, 31 Dec 9999 00:00:00 GMT", f"{NEW_YEAR} GMT", 999_999_999),
        (f"{NEW_YEAR} {HUGE}", f"{NEW_YEAR} GMT", None),
        (f"{NEW_YEAR} GMT", f"{NEW_YEAR} {HUGE}", None),
        (f"{NEW_YEAR} -0000", f"{NEW_YEAR} GMT", None),
    ],
)
def test_how_long_a_pause_a_server_asks_for(told, date, seconds) -> None:
    assert parse_pause(told, date=date) == seconds
