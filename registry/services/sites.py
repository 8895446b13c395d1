"""Register Sites: the row, its first SiteAdmin, and whether it waits for an operator."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from registry.logic.approval import Kind, judge_new
from registry.logic.owner_fields import SITE, why_refused
from registry.models import Approval, EventKind, Site, SiteAdmin
from registry.querysets import is_operator
from registry.services.approvals import approval_policy
from registry.services.edits import EditRefusedError, cleaned, saved_once
from registry.services.events import record_event

# Somebody with more Sites in the queue than this is asked to wait for an answer first.
PENDING_PER_PERSON = 5


def register_site(values: Mapping[str, Any], *, actor: User, now: datetime) -> Site:
    """Add a Site whose SiteAdmin is whoever registers it; it may have to wait for an operator.

    Raises EditRefusedError for a field that is not the actor's to set or too many Sites that
    wait, and Django's ValidationError for values that the model refuses.
    """
    by_operator = is_operator(actor)
    if sentence := why_refused(SITE, values, by_operator=by_operator):
        raise EditRefusedError(sentence)
    waiting = Site.objects.pending().filter(created_by=actor).count()
    if waiting >= PENDING_PER_PERSON and not by_operator:
        raise EditRefusedError(
            f"{waiting} Sites of yours wait for an operator already. Wait for an answer first."
        )
    admission = judge_new(Kind.SITE, by_operator=by_operator, policy=approval_policy())
    site = Site(
        **cleaned(SITE, values),
        created_by=actor,
        approval=Approval.PENDING if admission.waits else Approval.APPROVED,
        approval_reason=admission.sentence,
    )
    site.full_clean()
    with saved_once(), transaction.atomic():
        site.save()
        SiteAdmin.objects.create(site=site, user=actor)
        record_event(
            site,
            EventKind.CREATED,
            f"{actor} registered “{site}”. {admission.sentence}",
            now=now,
            actor=actor,
            facts={"approval": site.approval},
        )
    return site
