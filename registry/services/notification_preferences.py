"""How people want to be told: load it for their page, store what they choose, and unsubscribe.

The links in letters are signed and name whom they are for; they need no account and do not expire,
since letters are kept for years.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction
from django.urls import reverse

from registry.logic.notifications.topics import (
    TOPICS,
    Pace,
    Role,
    Topic,
    allowed_paces,
    choose_pace,
    next_digest,
    topics_for,
)
from registry.models import Notification, NotificationPreference
from registry.models.notifications import DEFAULT_DIGEST_HOUR, DIGEST
from registry.services.notification_people import roles_of

SALT = "registry.unsubscribe"


class Choice(NamedTuple):
    """One topic on the page: what may be chosen, what holds, and why it cannot be turned off."""

    topic: Topic
    label: str
    explanation: str
    paces: tuple[Pace, ...]
    chosen: Pace
    required: str


class Choices(NamedTuple):
    """All that somebody may choose."""

    topics: list[Choice]
    digest_hour: int
    language: str


class Unsubscription(NamedTuple):
    """Whom a signed link is for, and which topics it turns off."""

    user: int | None
    address: str
    topics: tuple[Topic, ...]

    @property
    def labels(self) -> str:
        return ", ".join(TOPICS[topic].label for topic in self.topics)


class LinkError(ValueError):
    """The link was not made by us, or the person behind it is gone."""


def choices_of(user: User) -> Choices:
    """Return what a user is told of, and when."""
    row = NotificationPreference.objects.filter(user=user).first()
    paces = row.paces if row else {}
    roles = roles_of(user)
    topics = []
    for topic in topics_for(roles):
        rule = TOPICS[topic]
        role = next(role for role in roles if role in rule.defaults)
        chosen = choose_pace(topic, role=role, chosen=paces)
        allowed = allowed_paces(topic, role=role)
        topics.append(Choice(topic, rule.label, rule.explanation, allowed, chosen, rule.required))
    if row is None:
        return Choices(topics, DEFAULT_DIGEST_HOUR, "")
    return Choices(topics, row.digest_hour, row.language)


def save_choices(
    user: User,
    paces: Mapping[Topic, Pace],
    *,
    digest_hour: int,
    language: str = "",
    now: datetime,
) -> None:
    """Store what a user chose; what waits for the digest moves to the new hour.

    Topics that are not given keep what holds; no language means that of the last sign-in. Raises
    ValueError for what may not be chosen, and for an hour that no clock shows.
    """
    offered = {choice.topic: choice.paces for choice in choices_of(user).topics}
    for topic, pace in paces.items():
        if pace not in offered.get(topic, ()):
            raise ValueError(f"“{TOPICS[topic].label}” cannot be set to “{pace}”.")
    if not 0 <= digest_hour <= 23:
        raise ValueError("The hour of the digest is a number from 0 to 23.")
    if language and language not in dict(settings.LANGUAGES):
        raise ValueError("Letters are not written in this language.")
    with transaction.atomic():
        row, _ = NotificationPreference.objects.get_or_create(user=user)
        row.paces = {**row.paces, **{topic.value: pace.value for topic, pace in paces.items()}}
        row.digest_hour, row.language = digest_hour, language
        row.save()
        Notification.objects.filter(
            user=user, bundle=DIGEST, state=Notification.State.WAITING
        ).update(due_at=next_digest(now, hour=digest_hour))


def unsubscribe_url(*, user: int | None, address: str, topics: Collection[Topic]) -> str:
    """Return the whole address of the page that turns topics off for one person; empty if none.

    Topics that cannot be turned off are left out.
    """
    role = Role.CONTACT if user is None else Role.OWNER
    chosen = [topic.value for topic in topics if Pace.NEVER in allowed_paces(topic, role=role)]
    if not chosen:
        return ""
    who = {"a": address} if user is None else {"u": user}
    token = signing.dumps({**who, "t": chosen}, salt=SALT, compress=True)
    return f"{settings.BASE_URL}{reverse('my:unsubscribe', args=[token])}"


def read_link(token: str) -> Unsubscription:
    """Return what a signed link is about; raise LinkError if it is none of ours."""
    try:
        content = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise LinkError("This link is not complete. Copy it from the letter once more.") from error
    topics = tuple(Topic(each) for each in content["t"] if each in set(Topic))
    return Unsubscription(content.get("u"), content.get("a", ""), topics)


def unsubscribe(link: Unsubscription) -> None:
    """Turn the topics of a link off, and take what waits of them out of the outbox.

    May run twice. Raises LinkError if the account is gone.
    """
    if link.user is not None and not User.objects.filter(pk=link.user).exists():
        raise LinkError("The account of this link does not exist any more; it gets no letters.")
    who = {"user_id": link.user} if link.user else {"address": link.address.lower()}
    with transaction.atomic():
        row, _ = NotificationPreference.objects.get_or_create(**who)
        row.paces = {**row.paces, **{topic.value: Pace.NEVER.value for topic in link.topics}}
        row.save(update_fields=["paces"])
        waiting = Notification.objects.filter(
            channel=Notification.Channel.EMAIL,
            state=Notification.State.WAITING,
            topic__in=link.topics,
        )
        mine = {"user": link.user} if link.user else {"user": None, "recipient": link.address}
        waiting.filter(**mine).update(
            state=Notification.State.FAILED, reason="Its recipient unsubscribed."
        )
