"""Approve, reject and reopen what waits for an operator: store it, note it, tell the owners."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, QuerySet, Value

from registry.logic.approval import ApprovalPolicy, judge_decision, parse_kinds
from registry.logic.wording import counted
from registry.models import (
    Approvable,
    Approval,
    EnrolRequest,
    EventKind,
    Host,
    HostCategoryUrl,
    HostNetblock,
    Question,
    Site,
)
from registry.querysets import is_operator, is_reviewer
from registry.services.events import record_event
from registry.services.notifications import queue_emails

KINDS: tuple[type[Approvable], ...] = (Site, Host, HostNetblock, HostCategoryUrl, EnrolRequest)


@dataclass
class Outcome:
    """What became of a decision: the objects decided, and the others with the reason."""

    done: list[Approvable] = field(default_factory=list)
    skipped: list[tuple[Approvable, str]] = field(default_factory=list)


def approval_policy() -> ApprovalPolicy:
    """Return what the settings say about who waits."""
    return ApprovalPolicy(parse_kinds(settings.APPROVAL_KINDS))


def pending_objects(*, now: datetime) -> dict[str, QuerySet[Any]]:
    """Return what waits for an operator, by the name of its model, oldest first."""
    return {
        "site": Site.objects.pending().select_related("created_by").order_by("pk"),
        "host": Host.objects.pending().select_related("site", "country").order_by("pk"),
        "hostnetblock": HostNetblock.objects.pending().select_related("host__site").order_by("pk"),
        "hostcategoryurl": HostCategoryUrl.objects.pending()
        .select_related("host_category__host__site", "host_category__category")
        .defer("host_category__up2date")
        .order_by("pk"),
        "enrolrequest": EnrolRequest.objects.pending(at=now).order_by("pk"),
    }


def count_pending(*, now: datetime) -> dict[str, int]:
    """Return how many objects of each model wait; one query."""
    counts = [
        # select_related is dropped, since an aggregate has nothing to relate.
        rows.select_related(None).order_by().values(kind=Value(name)).annotate(count=Count("pk"))
        for name, rows in pending_objects(now=now).items()
    ]
    found = counts[0].union(*counts[1:], all=True)
    return dict.fromkeys(pending_objects(now=now), 0) | {row["kind"]: row["count"] for row in found}


def approve(objects: Iterable[Approvable], *, actor: User, now: datetime) -> Outcome:
    """Let pending objects count from now on, and tell their SiteAdmins.

    What is decided already is skipped with the reason, so approving twice tells nobody twice.
    """
    return _decide(objects, Approval.APPROVED, actor=actor, now=now, sentence="")


def reject(objects: Iterable[Approvable], *, actor: User, now: datetime, sentence: str) -> Outcome:
    """Refuse pending objects with a sentence that their SiteAdmins are told.

    Raises ValueError without a sentence. What is decided already is skipped with the reason.
    """
    if not sentence.strip():
        raise ValueError("Say in a sentence why; the owner is told nothing else.")
    return _decide(objects, Approval.REJECTED, actor=actor, now=now, sentence=sentence.strip())


def reopen(objects: Iterable[Approvable], *, actor: User, now: datetime) -> Outcome:
    """Put decided objects back into the queue, where they count for nothing until decided."""
    outcome = Outcome()
    for thing in objects:
        with transaction.atomic():
            won = (
                _rows(thing)
                .exclude(approval=Approval.PENDING)
                .update(approval=Approval.PENDING, approval_decided_at=None)
            )
            if not won:
                outcome.skipped.append((thing, "It waits already."))
                continue
            facts = {"approval": [thing.approval, Approval.PENDING.value]}
            record_event(
                thing,
                EventKind.CHANGED,
                f"{_name(thing)} waits for an operator again.",
                now=now,
                actor=actor,
                facts=facts,
            )
            outcome.done.append(thing)
    return outcome


def _decide(
    objects: Iterable[Approvable], to: Approval, *, actor: User, now: datetime, sentence: str
) -> Outcome:
    outcome = Outcome()
    for thing in objects:
        ruling = judge_decision(thing.approval, may_decide=is_operator(actor) or is_reviewer(actor))
        if not ruling.allowed:
            outcome.skipped.append((thing, ruling.sentence))
        elif _store_decision(thing, to, actor=actor, now=now, sentence=sentence):
            outcome.done.append(thing)
        else:
            outcome.skipped.append((thing, "Somebody else decided it in the meantime."))
    return outcome


@transaction.atomic
def _store_decision(
    thing: Approvable, to: Approval, *, actor: User, now: datetime, sentence: str
) -> bool:
    """Write one decision if nobody was faster; tell whether it was written."""
    decision = {
        "approval": to,
        "approval_reason": sentence,
        "approval_decided_at": now,
        "approval_decided_by": actor,
    }
    if not _rows(thing).filter(approval=Approval.PENDING).update(**decision):
        return False
    for name, value in decision.items():
        setattr(thing, name, value)
    Question.objects.open().about(thing).update(state=Question.State.DROPPED)
    event = record_event(
        thing,
        EventKind.APPROVED if to == Approval.APPROVED else EventKind.REJECTED,
        f"{_name(thing)} was {to.label}{f': {sentence}' if sentence else '.'}",
        now=now,
        actor=actor,
        facts={"approval": [Approval.PENDING.value, to.value]},
    )
    queue_emails(event, site=event.site, host=event.host)
    return True


def _rows(thing: Approvable) -> QuerySet[Any]:
    return type(thing)._default_manager.filter(pk=thing.pk)


def _name(thing: Approvable) -> str:
    label = str(thing._meta.verbose_name)
    return f"{label[:1].upper()}{label[1:]} “{thing}”"


def describe(outcome: Outcome, verb: str) -> Sequence[str]:
    """Return the sentences for whoever decided: a count, then each object that was skipped."""
    sentences = [f"{verb}: {counted(len(outcome.done), 'object')}."]
    sentences += [f"{thing}: {sentence}" for thing, sentence in outcome.skipped]
    return sentences
