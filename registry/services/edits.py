"""What people change about Sites, Hosts and URLs: one way in for pages, the API and scripts.

Who may touch an object is the edges' question; which of its fields, and whether somebody else
changed it meanwhile, is answered here. Whatever happens is on the timeline.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F
from pyroaring import BitMap

from registry.logic.approval import Kind
from registry.logic.owner_fields import why_refused
from registry.logic.typed_text import clean_value
from registry.logic.url_claims import judge_name
from registry.models import (
    Approval,
    DirectoryIssue,
    Event,
    Host,
    HostCategory,
    HostCategoryUrl,
    Site,
)
from registry.querysets import is_operator
from registry.services.approvals import approval_policy
from registry.services.changes import record_change, record_deletion

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
    values = {
        **values,
        **cleaned(kind, {k: value for k, value in values.items() if value != before[k]}),
    }
    if isinstance(thing, Host) and values.get("name", thing.name) != thing.name:
        _check_rename(thing, values["name"], actor=actor)
    _assign(thing, values)
    thing.full_clean(exclude=_others(thing, values))
    with saved_once(), transaction.atomic():
        changed = {name: getattr(thing, name) for name in values}
        rows: models.QuerySet[Any] = type(thing)._default_manager.filter(
            pk=thing.pk, revision=thing.revision
        )
        if not rows.update(**changed, revision=F("revision") + 1):
            raise StaleEditError(_stale(thing))
        thing.revision += 1
        if changed.get("private") is not None and changed["private"] != before["private"]:
            own = Host.objects.filter(pk=thing.pk) if isinstance(thing, Host) else thing.hosts.all()
            forget_copies(own, private=changed["private"])
        return record_change(thing, before, changed, actor=actor, now=now)


def remove(thing: Site | Host, *, actor: User, now: datetime) -> None:
    """Delete a Site or Host with everything that belongs to it; the timeline keeps its name."""
    with transaction.atomic():
        record_deletion(thing, actor=actor, now=now)
        thing.delete()


def cleaned(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as they are stored: one spelling of names, nothing that hides in words.

    Raises ValidationError with the sentences of all fields that are not taken.
    """
    taken: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, value in values.items():
        try:
            taken[name] = clean_value(kind, name, value)
        except ValueError as error:
            problems[name] = str(error)
    if problems:
        raise ValidationError(problems)
    return taken


@contextmanager
def saved_once() -> Iterator[None]:
    """Turn what the database refuses into EditRefusedError: two people, or one with two clicks.

    Both were told by `full_clean` that the name is free.
    """
    try:
        yield
    except IntegrityError as error:
        raise EditRefusedError(
            "Something of this name was stored at the same moment. Look whether it is yours."
        ) from error


def _check_rename(host: Host, name: str, *, actor: User) -> None:
    """Refuse a name of somebody else's machine with a ValidationError of the field."""
    known = HostCategoryUrl.objects.approved().filter(host_category__host=host)
    verdict = judge_name(
        name,
        old_name=host.name,
        known_urls=known.values_list("url", flat=True),
        by_operator=is_operator(actor),
        urls_wait=Kind.URL in approval_policy().kinds and host.approval == Approval.APPROVED,
    )
    if not verdict.allowed:
        raise ValidationError({"name": verdict.sentence})


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


def forget_copies(hosts: models.QuerySet[Host], *, private: bool) -> None:
    """Empty the up2date sets of Hosts and look anew: until now another's word counted."""
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
