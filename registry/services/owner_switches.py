"""Turn the SiteAdmins' switch of a Host, with the sentence that says why.

The operators' switch and the system's own verdict are never touched here.
"""

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from registry.logic.typed_text import clean_text
from registry.models import Host
from registry.services.changes import record_change
from registry.services.edits import EditRefusedError, StaleEditError


def switch_host(
    host: Host, reason: str, *, active: bool, actor: User, now: datetime, seen: int | None = None
) -> None:
    """Take a Host out of service as its SiteAdmin, or put it back.

    The sentence is shown to everybody who asks why the Host is off. While the operators' switch is
    off, their sentence stays. Raises EditRefusedError if the switch stands so already,
    StaleEditError if somebody changed the Host since `seen`, ValidationError for the sentence.
    """
    if host.user_active == active:
        raise EditRefusedError(f"“{host}” is switched {'on' if active else 'off'} already.")
    if seen is not None and seen != host.revision:
        raise StaleEditError(_stale(host))
    after: dict[str, bool | str] = {"user_active": active}
    if host.admin_active:
        after["disable_reason"] = "" if active else _sentence(reason)
    before = {name: getattr(host, name) for name in after}
    with transaction.atomic():
        rows = Host.objects.filter(pk=host.pk, revision=host.revision, user_active=not active)
        if not rows.update(**after, revision=F("revision") + 1):
            raise StaleEditError(_stale(host))
        record_change(host, before, after, actor=actor, now=now)


def _sentence(reason: str) -> str:
    try:
        sentence = clean_text(reason)
    except ValueError as error:
        raise ValidationError({"reason": str(error)}) from error
    if not sentence:
        raise ValidationError({"reason": "Say in a sentence why, for those who miss the mirror."})
    return sentence


def _stale(host: Host) -> str:
    return f"“{host}” was changed by somebody else in the meantime. Look at it as it is now."
