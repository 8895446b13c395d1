from datetime import UTC, datetime, timedelta

import pytest

from crawler.logic.fallback import UrlOutcome, UrlReason
from crawler.logic.health import (
    HealthPolicy,
    HostReason,
    Standing,
    Turn,
    UrlHistory,
    all_gone,
    judge_embargo,
    judge_host,
    judge_vouched,
    next_history,
    saw_everything,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
POLICY = HealthPolicy(disable_after=3)
WORKED = UrlOutcome(UrlReason.WORKED, "It works.")
FAILED = UrlOutcome(UrlReason.NO_ANSWER, "No answer in time.")
WORKING = UrlHistory(Standing.WORKING, "It works.", 0, None, NOW, NOW)
NEW = UrlHistory()


def failing(times: int) -> UrlHistory:
    return UrlHistory(Standing.FAILING, "No answer.", times, NOW, None, NOW)


@pytest.mark.parametrize(
    ("before", "outcome", "standing", "failures", "turn"),
    [
        (NEW, WORKED, Standing.WORKING, 0, Turn.NONE),
        (NEW, FAILED, Standing.FAILING, 1, Turn.FAILED),
        (WORKING, WORKED, Standing.WORKING, 0, Turn.NONE),
        (WORKING, FAILED, Standing.FAILING, 1, Turn.FAILED),
        (failing(1), FAILED, Standing.FAILING, 2, Turn.NONE),
        (failing(9), WORKED, Standing.WORKING, 0, Turn.RECOVERED),
    ],
)
def test_only_the_first_failure_and_the_recovery_are_news(
    before, outcome, standing, failures, turn
) -> None:
    change = next_history(before, outcome, now=NOW)
    assert (change.history.standing, change.turn) == (standing, turn)
    assert change.history.consecutive_failures == failures
    assert change.history.last_probed_at == NOW


def test_a_url_remembers_since_when_it_fails_and_when_it_worked() -> None:
    later = NOW + timedelta(hours=6)
    first = next_history(WORKING, FAILED, now=NOW).history
    second = next_history(first, FAILED, now=later).history
    assert (second.failing_since_at, second.last_success_at) == (NOW, NOW)
    assert second.sentence == "No answer in time."
    assert next_history(second, WORKED, now=later).history == UrlHistory(
        Standing.WORKING, "It works.", 0, None, later, later
    )


@pytest.mark.parametrize(("times", "words"), [(1, "1 failed visit."), (4, "4 failed visits.")])
def test_a_recovery_counts_the_failed_visits(times, words) -> None:
    assert next_history(failing(times), WORKED, now=NOW).sentence.endswith(words)


def test_a_copy_is_gone_when_all_its_urls_are() -> None:
    assert all_gone([failing(3), failing(7)], policy=POLICY)
    assert not all_gone([failing(3), failing(2)], policy=POLICY)
    assert not all_gone([], policy=POLICY)


@pytest.mark.parametrize(
    ("copies", "everything"),
    [
        ([], False),
        ([([WORKED], [WORKING])], True),
        ([([WORKED, FAILED], [WORKING, failing(9)])], True),
        ([([FAILED], [failing(1)])], False),
        ([([FAILED], [failing(3)])], False),
        ([([WORKED], [WORKING]), ([FAILED], [failing(1)])], False),
        ([([WORKED], [WORKING]), ([FAILED], [failing(3)])], True),
    ],
)
def test_a_visit_has_seen_everything_if_each_copy_has_a_url_that_worked_or_is_gone(
    copies, everything
) -> None:
    assert saw_everything(copies, policy=POLICY) is everything


@pytest.mark.parametrize(
    ("histories", "active", "vouched", "after", "turn", "reason"),
    [
        ([], True, False, True, Turn.NONE, HostReason.NOT_VISITED),
        ([NEW], False, False, False, Turn.NONE, HostReason.NOT_VISITED),
        ([WORKING, NEW], True, False, True, Turn.NONE, HostReason.WORKS),
        ([WORKING, failing(9)], True, False, True, Turn.NONE, HostReason.FAILING),
        ([failing(1)], True, False, True, Turn.NONE, HostReason.FAILING),
        ([failing(3), NEW], True, False, True, Turn.NONE, HostReason.FAILING),
        ([failing(3), failing(2)], True, False, True, Turn.NONE, HostReason.FAILING),
        ([failing(3), failing(3)], True, False, False, Turn.FAILED, HostReason.ALL_URLS_GONE),
        ([failing(3)], True, True, True, Turn.NONE, HostReason.VOUCHED_FOR),
        ([failing(4)], False, False, False, Turn.NONE, HostReason.STILL_GONE),
        ([failing(4)], False, True, True, Turn.RECOVERED, HostReason.VOUCHED_FOR),
        ([failing(1)], False, True, True, Turn.RECOVERED, HostReason.VOUCHED_FOR),
        ([NEW], False, True, True, Turn.RECOVERED, HostReason.VOUCHED_FOR),
        ([], False, True, True, Turn.RECOVERED, HostReason.VOUCHED_FOR),
        ([WORKING], False, True, True, Turn.RECOVERED, HostReason.RECOVERED),
        ([WORKING, failing(4)], False, False, True, Turn.RECOVERED, HostReason.RECOVERED),
    ],
)
def test_what_the_system_thinks_of_a_host(histories, active, vouched, after, turn, reason):
    verdict = judge_host(histories, active=active, vouched=vouched, policy=POLICY)
    assert (verdict.active, verdict.turn, verdict.reason) == (after, turn, reason)
    assert verdict.sentence.endswith(".")


@pytest.mark.parametrize(
    ("active", "vouched", "back"),
    [(True, True, False), (True, False, False), (False, False, False), (False, True, True)],
)
def test_what_is_always_up2date_brings_a_host_back_without_a_visit(active, vouched, back) -> None:
    verdict = judge_vouched(active=active, vouched=vouched)
    assert (verdict is not None and verdict.active) is back


def test_a_disabled_host_is_told_why_and_how_it_comes_back() -> None:
    verdict = judge_host([failing(3)], active=True, vouched=False, policy=POLICY)
    assert verdict.sentence == (
        "All its URLs failed 3 visits in a row or more, the last time because: No answer. "
        "It comes back by itself once one of them works."
    )


def embargoed(*, active: bool = True, rule: str = "", embargo: str | None = None) -> object:
    verdict = judge_embargo(active=active, rule=rule, country="Germany", embargo=embargo)
    return (verdict.active, verdict.turn, verdict.reason) if verdict else ()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"embargo": "A law."}, (False, Turn.FAILED, HostReason.EMBARGOED)),
        ({"embargo": ""}, (False, Turn.FAILED, HostReason.EMBARGOED)),
        (
            {"embargo": "", "active": False, "rule": "embargoed"},
            (False, Turn.NONE, HostReason.EMBARGOED),
        ),
        (
            {"embargo": "", "active": False, "rule": "all_urls_gone"},
            (False, Turn.NONE, HostReason.EMBARGOED),
        ),
        (
            {"active": False, "rule": "embargoed"},
            (True, Turn.RECOVERED, HostReason.EMBARGO_ENDED),
        ),
        ({"active": False, "rule": "all_urls_gone"}, ()),
        ({"active": True, "rule": "embargoed"}, ()),
        ({}, ()),
    ],
)
def test_an_embargo_decides_before_anything_else(facts, expected) -> None:
    assert embargoed(**facts) == expected


@pytest.mark.parametrize(
    ("embargo", "sentence"),
    [
        ("", "Germany is under embargo. It comes back by itself when that ends."),
        ("A law.", "Germany is under embargo: A law. It comes back by itself when that ends."),
    ],
)
def test_an_embargo_says_why_and_that_it_ends_by_itself(embargo, sentence) -> None:
    verdict = judge_embargo(active=True, rule="", country="Germany", embargo=embargo)
    assert verdict is not None
    assert verdict.sentence == sentence
