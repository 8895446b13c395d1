from datetime import UTC, datetime, timedelta

import pytest

from crawler.logic.change_signal import (
    LastScan,
    Signal,
    SignalPolicy,
    SignalReason,
    judge_signal,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
AN_HOUR_AGO, A_DAY_AGO = NOW - timedelta(hours=1), NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("signal", "last", "scan", "reason", "sentence"),
    [
        (Signal("a"), None, True, SignalReason.FIRST, "It was never scanned to the end."),
        (
            Signal("a"),
            LastScan(A_DAY_AGO, "a"),
            True,
            SignalReason.OVERDUE,
            "The last scan began 2026-11-19 12:00 UTC.",
        ),
        (
            Signal(busy="/srv/.sync_in_progress"),
            LastScan(A_DAY_AGO, "a"),
            True,
            SignalReason.OVERDUE,
            "The last scan began 2026-11-19 12:00 UTC.",
        ),
        (
            Signal(busy="/srv/.sync_in_progress"),
            LastScan(AN_HOUR_AGO, "a"),
            False,
            SignalReason.BUSY,
            "The master is being changed: /srv/.sync_in_progress is there.",
        ),
        (
            Signal(),
            LastScan(AN_HOUR_AGO, ""),
            True,
            SignalReason.NO_SIGNAL,
            "The master has no change signal.",
        ),
        (
            Signal(trouble="It cannot be asked."),
            LastScan(AN_HOUR_AGO, "a"),
            True,
            SignalReason.NO_SIGNAL,
            "It cannot be asked.",
        ),
        (
            Signal("b"),
            LastScan(AN_HOUR_AGO, "a"),
            True,
            SignalReason.CHANGED,
            "The change signal of the master changed.",
        ),
        (
            Signal("a"),
            LastScan(AN_HOUR_AGO, "a"),
            False,
            SignalReason.UNCHANGED,
            "The change signal is the same as in the scan of 2026-11-20 11:00 UTC; without a "
            "change the next scan runs after 2026-11-21 11:00 UTC.",
        ),
    ],
)
def test_the_first_rule_that_applies_decides(
    signal: Signal, last: LastScan | None, scan: bool, reason: SignalReason, sentence: str
) -> None:
    verdict = judge_signal(signal, last, now=NOW, policy=SignalPolicy())
    assert verdict == (scan, reason, sentence)
