from datetime import UTC, datetime, timedelta

import pytest

from registry.logic.expiry import ExpiryPolicy, Silence, Stage, judge_silence

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = ExpiryPolicy(propagation=DAY, warn=3 * DAY, expire=7 * DAY)


def silence(
    *, since: timedelta | None, changed: int = 1, last: timedelta | None = 90 * DAY
) -> Silence:
    return Silence(
        "Fedora Linux",
        None if last is None else NOW - last,
        None if since is None else NOW - since,
        changed,
    )


@pytest.mark.parametrize(
    ("since", "changed", "stage", "drops"),
    [
        (None, 0, Stage.CURRENT, False),
        (30 * DAY, 0, Stage.CURRENT, False),
        (None, 1, Stage.WAITING, False),
        (DAY - timedelta(seconds=1), 1, Stage.WAITING, False),
        (DAY, 1, Stage.OUTDATED, True),
        (3 * DAY, 1, Stage.WARNED, True),
        (7 * DAY, 1, Stage.EXPIRED, False),
        (70 * DAY, 1, Stage.EXPIRED, False),
    ],
)
def test_silence_about_a_changed_master_goes_through_its_stages(
    since: timedelta | None, changed: int, stage: Stage, drops: bool
) -> None:
    verdict = judge_silence(silence(since=since, changed=changed), policy=POLICY, now=NOW)
    assert (verdict.stage, verdict.drops_changed) == (stage, drops)


def test_a_host_is_not_late_while_the_master_does_not_change() -> None:
    verdict = judge_silence(silence(since=None, changed=0), policy=POLICY, now=NOW)
    assert verdict.since is None
    assert verdict.sentence == (
        "The master has not changed Fedora Linux since the Host's last check-in "
        "(2026-08-22 12:00 UTC)."
    )


def test_the_clock_starts_when_the_silence_is_noticed() -> None:
    verdict = judge_silence(silence(since=None), policy=POLICY, now=NOW)
    assert verdict.since == NOW
    assert verdict.sentence.endswith("the Host has until 2026-11-21 12:00 UTC to report it.")


def test_a_warning_tells_the_last_moment() -> None:
    verdict = judge_silence(silence(since=4 * DAY), policy=POLICY, now=NOW)
    assert "Without another one by 2026-11-23 12:00 UTC" in verdict.sentence


def test_a_host_that_never_reported_is_told_so() -> None:
    verdict = judge_silence(silence(since=9 * DAY, last=None), policy=POLICY, now=NOW)
    assert "last check-in for Fedora Linux was never" in verdict.sentence
