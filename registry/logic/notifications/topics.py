"""What people can be told of, which of it they may turn off, and what holds until they choose.

A topic gathers kinds of Event that people think of as one. Deliberately knows no person.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple


class Topic(StrEnum):
    """What a message is about, as people choose it."""

    WARNED = "warned"
    DISABLED = "disabled"
    RECOVERED = "recovered"
    CHECK_IN = "check_in"
    APPROVAL = "approval"
    MESSAGE = "message"
    WEBHOOK = "webhook"
    CHANGED = "changed"
    OPERATIONS = "operations"
    QUEUE = "queue"


class Role(StrEnum):
    """As what somebody is told."""

    OWNER = "owner"
    CONTACT = "contact"
    OPERATOR = "operator"


class Pace(StrEnum):
    """When somebody is told."""

    IMMEDIATE = "immediate"
    DIGEST = "digest"
    NEVER = "never"


ANY_PACE = (Pace.IMMEDIATE, Pace.DIGEST, Pace.NEVER)
NOW_ONLY = (Pace.IMMEDIATE,)
NOT_NEVER = (Pace.IMMEDIATE, Pace.DIGEST)
OWNERS = {Role.OWNER: Pace.IMMEDIATE, Role.CONTACT: Pace.IMMEDIATE}


class TopicRule(NamedTuple):
    """One topic: its words, what people with an account may choose, and the default of each role.

    `required` says why it cannot be turned off. Urgent messages are never held back.
    """

    label: str
    explanation: str
    paces: tuple[Pace, ...] = ANY_PACE
    required: str = ""
    defaults: Mapping[Role, Pace] = OWNERS
    urgent: bool = False


TOPICS: Mapping[Topic, TopicRule] = {
    Topic.WARNED: TopicRule(
        "warnings", "A URL of a Host fails. Clients are not sent to that URL while it does."
    ),
    Topic.DISABLED: TopicRule(
        "out of service", "A Host was taken out of service, by the system or by an operator."
    ),
    Topic.RECOVERED: TopicRule("recovered", "A URL or a Host works again."),
    Topic.CHECK_IN: TopicRule(
        "check-ins", "A private Host no longer reports what it has, or does so again."
    ),
    Topic.APPROVAL: TopicRule(
        "approval",
        "An operator approved or rejected something of yours, or asks you something first.",
        paces=NOT_NEVER,
        required="You asked for something, and this is the answer; you get no other.",
        urgent=True,
    ),
    Topic.MESSAGE: TopicRule(
        "messages of operators",
        "An operator writes to the owners of Hosts.",
        paces=NOW_ONLY,
        required="Operators write seldom, and only when you must know or do something.",
        urgent=True,
    ),
    Topic.WEBHOOK: TopicRule("webhooks", "A webhook was switched off, because it kept failing."),
    Topic.CHANGED: TopicRule("changes", "An operator changed something of yours."),
    Topic.OPERATIONS: TopicRule(
        "operations",
        "A scan of the master or a snapshot was refused, so that the network stands still.",
        defaults={Role.OPERATOR: Pace.IMMEDIATE},
    ),
    Topic.QUEUE: TopicRule(
        "approval queue",
        "Something new waits for a decision of operators, or an owner answered a question.",
        defaults={Role.OPERATOR: Pace.IMMEDIATE},
    ),
}

# Kinds of Event by name; an Event of any other kind is a change.
TOPIC_OF_KIND: Mapping[str, Topic] = {
    "url_failed": Topic.WARNED,
    "url_recovered": Topic.RECOVERED,
    "certificate_expiring": Topic.WARNED,
    "system_disabled": Topic.DISABLED,
    "system_recovered": Topic.RECOVERED,
    "place_hint": Topic.WARNED,
    "approved": Topic.APPROVAL,
    "rejected": Topic.APPROVAL,
    "asked": Topic.APPROVAL,
    "answered": Topic.QUEUE,
    "checked_in": Topic.CHECK_IN,
    "check_in_ignored": Topic.CHECK_IN,
    "check_in_outdated": Topic.CHECK_IN,
    "check_in_missed": Topic.CHECK_IN,
    "check_in_expired": Topic.CHECK_IN,
    "message": Topic.MESSAGE,
    "webhook_tested": Topic.WEBHOOK,
    "webhook_disabled": Topic.WEBHOOK,
    "scan_refused": Topic.OPERATIONS,
    "snapshot_refused": Topic.OPERATIONS,
    "ranges_refused": Topic.OPERATIONS,
}
OF_OPERATORS = frozenset(t for t, rule in TOPICS.items() if Role.OPERATOR in rule.defaults)


def topic_of(kind: str, facts: Mapping[str, Any]) -> Topic:
    """Return what an Event is about. The operators' switch counts as what it does to clients.

    Something new that waits for approval is of the queue.
    """
    if kind == "created" and facts.get("approval") == "pending":
        return Topic.QUEUE
    switch = facts.get("admin_active")
    if kind == "changed" and isinstance(switch, list) and len(switch) == 2:
        return Topic.RECOVERED if switch[1] else Topic.DISABLED
    return TOPIC_OF_KIND.get(kind, Topic.CHANGED)


def topics_for(roles: Sequence[Role]) -> tuple[Topic, ...]:
    """Return what somebody in these roles is told of, in the order of the table."""
    return tuple(topic for topic, rule in TOPICS.items() if any(r in rule.defaults for r in roles))


def allowed_paces(topic: Topic, *, role: Role) -> tuple[Pace, ...]:
    """Return what may be chosen.

    A bare address may turn off everything: nobody asked it, and it cannot sign in to change more.
    """
    return ANY_PACE if role is Role.CONTACT else TOPICS[topic].paces


def choose_pace(topic: Topic, *, role: Role, chosen: Mapping[str, str]) -> Pace:
    """Return when somebody is told of a topic: as chosen if that is allowed, else by default.

    A role for which a topic is not meant is never told of it.
    """
    default = TOPICS[topic].defaults.get(role, Pace.NEVER)
    wanted = chosen.get(topic)
    if default is Pace.NEVER or wanted not in allowed_paces(topic, role=role):
        return default
    return Pace(wanted)


def next_digest(after: datetime, *, hour: int) -> datetime:
    """Return the next moment at which a clock shows this hour; at the hour itself, a day later."""
    today = after.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today > after else today + timedelta(days=1)
