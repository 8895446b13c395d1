"""Turn the operators' switch of Sites and Hosts, with the Event that says why.

The SiteAdmins' switch and the system's own verdict are never touched here.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction

from registry.models import EventKind, Host, Site
from registry.services.events import record_event
from registry.services.notifications import queue_emails


def disable_hosts(hosts: Iterable[Host], *, actor: User, now: datetime, sentence: str) -> int:
    """Take Hosts out of service with a sentence that their owners are told; return how many.

    Raises ValueError without a sentence. Hosts that are off already stay as they are.
    """
    why = _required(sentence)
    return sum(
        _turn(host, {"admin_active": False, "disable_reason": why}, why, actor=actor, now=now)
        for host in hosts
        if host.admin_active
    )


def enable_hosts(hosts: Iterable[Host], *, actor: User, now: datetime) -> int:
    """Turn the operators' switch of Hosts on again; return how many were off.

    The stored reason goes, unless the SiteAdmins' switch is off, too, and still needs one.
    """
    return sum(
        _turn(
            host,
            {"admin_active": True} | ({"disable_reason": ""} if host.user_active else {}),
            "",
            actor=actor,
            now=now,
        )
        for host in hosts
        if not host.admin_active
    )


def disable_sites(sites: Iterable[Site], *, actor: User, now: datetime, sentence: str) -> int:
    """Take all Hosts of Sites out of service with a sentence; return how many Sites.

    Raises ValueError without a sentence.
    """
    why = _required(sentence)
    return sum(
        _turn(site, {"admin_active": False}, why, actor=actor, now=now)
        for site in sites
        if site.admin_active
    )


def enable_sites(sites: Iterable[Site], *, actor: User, now: datetime) -> int:
    """Turn the operators' switch of Sites on again; return how many were off."""
    return sum(
        _turn(site, {"admin_active": True}, "", actor=actor, now=now)
        for site in sites
        if not site.admin_active
    )


def _required(sentence: str) -> str:
    if not sentence.strip():
        raise ValueError("Say in a sentence why; the owner is told nothing else.")
    return sentence.strip()


@transaction.atomic
def _turn(
    thing: Site | Host,
    after: dict[str, Any],
    sentence: str,
    *,
    actor: User,
    now: datetime,
) -> bool:
    """Change the fields of one object unless somebody else did, note it and tell the owners."""
    switch = next(iter(after))
    before = {name: getattr(thing, name) for name in after}
    rows: models.QuerySet[Any] = type(thing)._default_manager.filter(pk=thing.pk)
    if not rows.filter(**{switch: before[switch]}).update(**after):
        return False
    for name, value in after.items():
        setattr(thing, name, value)
    event = record_event(
        thing,
        EventKind.CHANGED,
        f"An operator switched “{thing}” {'on' if after[switch] else 'off'}"
        f"{f': {sentence}' if sentence else '.'}",
        now=now,
        actor=actor,
        facts={name: [before[name], value] for name, value in after.items()},
    )
    queue_emails(event, site=event.site, host=event.host)
    return True
