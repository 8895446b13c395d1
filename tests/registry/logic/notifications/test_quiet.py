"""Which messages go now, which wait for others, and which are too old to be news."""

from datetime import UTC, datetime, timedelta

import pytest

from registry.logic.notifications.quiet import (
    HoldReason,
    Line,
    QuietPolicy,
    SentLetter,
    plan_letter,
)
from registry.logic.notifications.topics import Topic

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = QuietPolicy()


def line(**over) -> Line:
    return Line(**{"id": 1, "topic": Topic.WARNED, "host": 7, "due_at": NOW, **over})


def sent(*hours: float, host: int = 7) -> list[SentLetter]:
    return [SentLetter(NOW - each * HOUR, frozenset({host})) for each in hours]


def plan(lines, letters=(), *, digest=False):
    return plan_letter(lines, letters, digest=digest, now=NOW, policy=POLICY)


@pytest.mark.parametrize(
    ("about", "letters", "reason", "until"),
    [
        ({}, [], None, None),
        ({}, sent(1), None, None),
        ({}, sent(0.25), None, None),
        ({}, sent(0.2), HoldReason.SPACING, NOW + timedelta(minutes=3)),
        ({}, sent(1, 2, 3), None, None),
        ({}, sent(1, 2, 3, 4), HoldReason.FLAPPING, NOW + 20 * HOUR),
        ({}, sent(1, 2, 3, 4, 5), HoldReason.FLAPPING, NOW + 20 * HOUR),
        ({}, sent(1, 2, 3, 25), None, None),
        ({}, sent(1, 2, 3, 4, host=8), None, None),
        ({"host": None}, sent(1, 2, 3, 4), None, None),
        ({"topic": Topic.APPROVAL}, sent(0.1, 1, 2, 3), None, None),
        ({"due_at": NOW - 73 * HOUR}, [], HoldReason.TOO_OLD, None),
        ({"due_at": NOW - 73 * HOUR, "topic": Topic.MESSAGE}, [], HoldReason.TOO_OLD, None),
    ],
)
def test_a_message_goes_or_is_held_with_a_reason(about, letters, reason, until) -> None:
    found = plan([line(**about)], letters)
    if reason is None:
        assert found.send == (1,)
        assert found.held == ()
    else:
        (hold,) = found.held
        assert (hold.reason, hold.until) == (reason, until)
        assert hold.sentence.endswith(".")
        assert found.send == ()


def test_a_digest_is_neither_spaced_nor_folded_away() -> None:
    assert plan([line()], sent(0.1, 1, 2, 3), digest=True).send == (1,)


def test_messages_about_many_hosts_go_together() -> None:
    lines = [line(id=number, host=number) for number in range(50)]
    assert plan(lines).send == tuple(range(50))


def test_a_flapping_host_does_not_hold_back_another() -> None:
    lines = [line(id=1, host=7), line(id=2, host=8)]
    found = plan(lines, sent(1, 2, 3, 4))
    assert found.send == (2,)
    assert [hold.id for hold in found.held] == [1]
