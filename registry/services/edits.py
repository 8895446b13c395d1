"""What people change about Sites, Hosts and URLs: one way in for pages, the API and scripts.

Who may touch an object is the edges' question; which of its fields, and whether somebody else
changed it meanwhile, is answered here. Whatever happens is on the timeline.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F
from pyroaring import BitMap

from registry.logic.owner_fields import why_refused
from registry.models import DirectoryIssue, Event, EventKind, Host, HostCategory, Site
from registry.querysets import is_operator
from registry.services.changes import record_change
from registry.services.events import record_event

BECAME_PUBLIC = (
    "The Host is public now: what it reported itself counts for nothing until we have looked."
)
BECAME_PRIVATE = "The Host is private now: it tells us itself what it has, by checking in."


class EditRefusedError(ValueError):
    """A change is not allowed, or not possible; the sentence says why and what to do."""


class StaleEditError(EditRefusedError):
    """Somebody else changed the object since the form was shown; nothing was written."""


def edit(
    thing: Site | Host,
    values: Mapping[str, Any],
    *,
    actor: User,
    now: datetime,
    seen: int | None = None,
) -> Event | None:
    """Change some fields of a Site or Host; return the Event, or None if nothing differs.

    `seen` is the revision that the form or client started from; None accepts any. Raises
    EditRefusedError for a field that is not the actor's to change, StaleEditError, and Django's
    ValidationError for values that the model refuses.
    """
    kind = str(thing._meta.model_name)
    if sentence := why_refused(kind, values, by_operator=is_operator(actor)):
        raise EditRefusedError(sentence)
    if seen is not None and seen != thing.revision:
        raise StaleEditError(_stale(thing))
    before = {name: getattr(thing, name) for name in values}
    _assign(thing, values)
    thing.full_clean(exclude=_others(thing, values))
    with transaction.atomic():
        changed = {name: getattr(thing, name) for name in values}
        rows: models.QuerySet[Any] = type(thing)._default_manager.filter(
            pk=thing.pk, revision=thing.revision
        )
        if not rows.update(**changed, revision=F("revision") + 1):
            raise StaleEditError(_stale(thing))
        thing.revision += 1
        if changed.get("private") is not None and changed["private"] != before["private"]:
            _forget_copies(thing, private=changed["private"])
        return record_change(thing, before, changed, actor=actor, now=now)


def remove(thing: Site | Host, *, actor: User, now: datetime) -> None:
    """Delete a Site or Host with everything that belongs to it; the timeline keeps its name."""
    noun = "Site" if isinstance(thing, Site) else "Host"
    with transaction.atomic():
        record_event(
            thing,
            EventKind.DELETED,
            f"{actor} deleted the {noun} “{thing}”.",
            now=now,
            actor=actor,
            facts={"id": thing.pk, "name": thing.name},
        )
        thing.delete()


def _assign(thing: models.Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(thing, name, value)


def _others(thing: models.Model, values: Mapping[str, Any]) -> set[str]:
    """Return the fields that are not being changed, whose state is nobody's fault now."""
    return {field.name for field in thing._meta.concrete_fields} - set(values)


def _stale(thing: Site | Host) -> str:
    return (
        f"“{thing}” was changed by somebody else in the meantime. Look at it as it is now, and "
        "make your change again."
    )


def _forget_copies(thing: Site | Host, *, private: bool) -> None:
    """Empty the up2date sets and look anew: until now another's word counted."""
    hosts = Host.objects.filter(pk=thing.pk) if isinstance(thing, Host) else thing.hosts.all()
    copies = HostCategory.objects.filter(host__in=hosts, always_up2date=False)
    DirectoryIssue.objects.filter(host_category__in=copies).delete()
    copies.update(
        up2date=BitMap(),
        up2date_count=0,
        issue_count=0,
        up2date_revision=F("up2date_revision") + 1,
        reason=BECAME_PRIVATE if private else BECAME_PUBLIC,
    )
    hosts.update(last_crawled_at=None, last_full_crawl_at=None)
