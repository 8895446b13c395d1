"""Note what people change on forms: the Event with every field before and after."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import models

from registry.models import Event, EventKind
from registry.services.events import record_event
from registry.services.notification_facts import facts_before_deletion


def record_creation(thing: models.Model, *, actor: User, now: datetime) -> Event:
    """Note that somebody added an object."""
    return record_event(thing, EventKind.CREATED, f"{actor} added “{thing}”.", now=now, actor=actor)


def record_deletion(thing: models.Model, *, actor: User, now: datetime) -> Event:
    """Note that somebody is about to delete an object, with what programs are told of it.

    Must be called while the object still exists.
    """
    return record_event(
        thing,
        EventKind.DELETED,
        f"{actor} deleted “{thing}”.",
        now=now,
        actor=actor,
        facts=facts_before_deletion(thing),
    )


def record_change(
    thing: models.Model,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    actor: User,
    now: datetime,
) -> Event | None:
    """Note the fields that differ; nothing at all is no Event."""
    facts = {
        name: [_plain(before[name]), _plain(after[name])]
        for name in after
        if before[name] != after[name]
    }
    if not facts:
        return None
    names = ", ".join(name.replace("_", " ") for name in facts)
    return record_event(
        thing,
        EventKind.CHANGED,
        f"{actor} changed {names} of “{thing}”.",
        now=now,
        actor=actor,
        facts=facts,
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str | None) else str(value)
