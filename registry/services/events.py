"""Write the timeline: what happened to whom, and why. Sends nothing; the outbox does."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from registry.models import Event, EventKind, Host, HostCategory, HostCategoryUrl, Site


def record_event(
    subject: models.Model,
    kind: EventKind,
    sentence: str,
    *,
    now: datetime,
    actor: AbstractBaseUser | None = None,
    facts: dict[str, Any] | None = None,
) -> Event:
    """Note that something happened to an object, with its Host and Site where it has them.

    `facts` must be JSON. The object is named in words, so that the Event outlives it.
    """
    event = compose_event(subject, kind, sentence, now=now, actor=actor, facts=facts)
    event.save(force_insert=True)
    return event


def compose_event(
    subject: models.Model,
    kind: EventKind,
    sentence: str,
    *,
    now: datetime,
    actor: AbstractBaseUser | None = None,
    facts: dict[str, Any] | None = None,
) -> Event:
    """Return the same Event without writing it, for who writes many at once."""
    host = _host_of(subject)
    return Event(
        at=now,
        kind=kind,
        sentence=sentence,
        actor_id=actor.pk if actor is not None else None,
        host=host,
        site=host.site if host else _site_of(subject),
        thing=str(subject._meta.model_name),
        subject=f"{subject._meta.verbose_name}: {subject}"[:300],
        facts=facts or {},
    )


def _host_of(subject: models.Model) -> Host | None:
    if isinstance(subject, Host):
        return subject
    if isinstance(subject, HostCategory):
        return subject.host
    if isinstance(subject, HostCategoryUrl):
        return subject.host_category.host
    host = getattr(subject, "host", None)
    return host if isinstance(host, Host) else None


def _site_of(subject: models.Model) -> Site | None:
    if isinstance(subject, Site):
        return subject
    site = getattr(subject, "site", None)
    return site if isinstance(site, Site) else None
