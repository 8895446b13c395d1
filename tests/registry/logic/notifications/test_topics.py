"""What people may choose to be told, and what holds until they do."""

from datetime import datetime

import pytest

from registry.logic.notifications.topics import (
    TOPICS,
    Pace,
    Role,
    Topic,
    allowed_paces,
    choose_pace,
    next_digest,
    topic_of,
    topics_for,
)
from registry.models import EventKind


@pytest.mark.parametrize(
    ("kind", "facts", "topic"),
    [
        ("url_failed", {}, Topic.WARNED),
        ("system_disabled", {}, Topic.DISABLED),
        ("system_recovered", {}, Topic.RECOVERED),
        ("check_in_missed", {}, Topic.CHECK_IN),
        ("approved", {}, Topic.APPROVAL),
        ("message", {}, Topic.MESSAGE),
        ("webhook_disabled", {}, Topic.WEBHOOK),
        ("snapshot_refused", {}, Topic.OPERATIONS),
        ("created", {"approval": "pending"}, Topic.QUEUE),
        ("created", {"approval": "approved"}, Topic.CHANGED),
        ("asked", {}, Topic.APPROVAL),
        ("answered", {}, Topic.QUEUE),
        ("changed", {"admin_active": [True, False]}, Topic.DISABLED),
        ("changed", {"admin_active": [False, True]}, Topic.RECOVERED),
        ("changed", {"admin_active": True}, Topic.CHANGED),
        ("changed", {"name": ["a", "b"]}, Topic.CHANGED),
        ("created", {}, Topic.CHANGED),
    ],
)
def test_every_event_has_a_topic(kind: str, facts: dict[str, object], topic: Topic) -> None:
    assert kind in set(EventKind)
    assert topic_of(kind, facts) is topic


@pytest.mark.parametrize(
    ("topic", "role", "chosen", "pace"),
    [
        (Topic.WARNED, Role.OWNER, {}, Pace.IMMEDIATE),
        (Topic.WARNED, Role.OWNER, {"warned": "digest"}, Pace.DIGEST),
        (Topic.WARNED, Role.OWNER, {"warned": "never"}, Pace.NEVER),
        (Topic.WARNED, Role.OWNER, {"warned": "yesterday"}, Pace.IMMEDIATE),
        (Topic.WARNED, Role.OPERATOR, {"warned": "immediate"}, Pace.NEVER),
        (Topic.OPERATIONS, Role.OPERATOR, {}, Pace.IMMEDIATE),
        (Topic.OPERATIONS, Role.OWNER, {"operations": "immediate"}, Pace.NEVER),
        (Topic.APPROVAL, Role.OWNER, {"approval": "digest"}, Pace.DIGEST),
        (Topic.APPROVAL, Role.OWNER, {"approval": "never"}, Pace.IMMEDIATE),
        (Topic.MESSAGE, Role.OWNER, {"message": "digest"}, Pace.IMMEDIATE),
        (Topic.MESSAGE, Role.CONTACT, {"message": "never"}, Pace.NEVER),
    ],
)
def test_what_is_chosen_holds_where_it_may(
    topic: Topic, role: Role, chosen: dict[str, str], pace: Pace
) -> None:
    assert choose_pace(topic, role=role, chosen=chosen) is pace


def test_what_cannot_be_turned_off_says_why() -> None:
    for topic, rule in TOPICS.items():
        required = Pace.NEVER not in allowed_paces(topic, role=Role.OWNER)
        assert required == bool(rule.required), topic
        assert Pace.NEVER in allowed_paces(topic, role=Role.CONTACT)


def test_operators_without_a_site_are_told_of_operations_and_the_queue() -> None:
    assert topics_for([Role.OPERATOR]) == (Topic.OPERATIONS, Topic.QUEUE)
    assert Topic.OPERATIONS not in topics_for([Role.OWNER])
    assert set(topics_for([Role.OWNER, Role.OPERATOR])) == set(Topic)


@pytest.mark.parametrize(
    ("now", "hour", "expected"),
    [
        ("11-20T06:59", 7, "11-20T07"),
        ("11-20T07:00", 7, "11-21T07"),
        ("11-20T23:30", 0, "11-21T00"),
        ("11-30T08:00", 7, "12-01T07"),
    ],
)
def test_the_digest_comes_at_the_next_such_hour(now: str, hour: int, expected: str) -> None:
    moment = datetime.fromisoformat(f"2026-{now}:00+00:00")
    assert next_digest(moment, hour=hour).isoformat() == f"2026-{expected}:00:00+00:00"
