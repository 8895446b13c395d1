"""Ask owners before something of theirs is decided, and take their answers.

What was asked about still waits; asking decides nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q

from registry.logic.approval import judge_decision
from registry.models import Approvable, EventKind, Host, HostCategoryUrl, Question, Site
from registry.querysets import is_operator, is_reviewer
from registry.services.approvals import Outcome
from registry.services.events import record_event
from registry.services.notifications import queue_emails

GREATEST_TEXT = 2000


class QuestionError(ValueError):
    """A question or answer cannot be taken; the sentence says why."""


def ask_back(things: Iterable[Approvable], text: str, *, actor: User, now: datetime) -> Outcome:
    """Ask the owners of things that wait, and let them be told; the things go on waiting.

    What is decided, was asked about already, or has no owner is skipped with the reason. Raises
    ValueError without a question.
    """
    asked = _checked(text, "Say what you want to know; the owner reads nothing else.")
    outcome = Outcome()
    for thing in things:
        ruling = judge_decision(thing.approval, may_decide=is_operator(actor) or is_reviewer(actor))
        site, host = owners_of(thing)
        if not ruling.allowed:
            outcome.skipped.append((thing, ruling.sentence))
        elif site is None:
            outcome.skipped.append((thing, "It belongs to no Site, so there is nobody to ask."))
        elif _store(thing, site, host, asked, actor=actor, now=now):
            outcome.done.append(thing)
        else:
            outcome.skipped.append((thing, "Its owner was asked already and has not answered."))
    return outcome


def answer(question: Question, text: str, *, actor: User, now: datetime) -> Question:
    """Take an owner's answer to a question that is open; operators are told.

    Raises QuestionError without an answer, or if the question is no longer open.
    """
    said = _checked(text, "Write an answer.")
    values = {
        "state": Question.State.ANSWERED,
        "answer": said,
        "answered_at": now,
        "answered_by": actor,
    }
    with transaction.atomic():
        if not Question.objects.open().filter(pk=question.pk).update(**values):
            raise QuestionError("This question needs no answer any more.")
        record_event(
            question.host or question.site,
            EventKind.ANSWERED,
            f"{actor} answered about {question.subject}: {said}",
            now=now,
            actor=actor,
            facts={"question": question.text, "answer": said},
        )
    for name, value in values.items():
        setattr(question, name, value)
    return question


def newest_questions(keys: Mapping[str, Iterable[int]]) -> dict[tuple[str, int], Question]:
    """Return the last question about each of some things, by model name and id; one query."""
    wanted = {kind: list(ids) for kind, ids in keys.items()}
    condition = Q(pk__in=())
    for kind, ids in wanted.items():
        condition |= Q(thing=kind, thing_id__in=ids)
    if not any(wanted.values()):
        return {}
    rows = Question.objects.filter(condition).order_by("asked_at", "pk")
    rows = rows.select_related("asked_by", "answered_by")
    return {(row.thing, row.thing_id): row for row in rows}


def owners_of(thing: Approvable) -> tuple[Site | None, Host | None]:
    """Return the Site whose SiteAdmins can be asked about something, and the Host it is of."""
    if isinstance(thing, Site):
        return thing, None
    if isinstance(thing, Host):
        return thing.site, thing
    carried = thing.host_category if isinstance(thing, HostCategoryUrl) else thing
    host = getattr(carried, "host", None)
    return (host.site, host) if isinstance(host, Host) else (None, None)


def _store(
    thing: Approvable, site: Site, host: Host | None, text: str, *, actor: User, now: datetime
) -> bool:
    """Write one question, unless one is open; tell whether it was written."""
    try:
        with transaction.atomic():
            Question.objects.create(
                thing=str(thing._meta.model_name),
                thing_id=thing.pk,
                subject=f"{thing._meta.verbose_name} “{thing}”"[:300],
                site=site,
                host=host,
                text=text,
                asked_at=now,
                asked_by=actor,
            )
            event = record_event(
                thing,
                EventKind.ASKED,
                f"Before it is decided about “{thing}”, operators ask: {text}",
                now=now,
                actor=actor,
                facts={"question": text},
            )
            queue_emails(event, site=site, host=host)
    except IntegrityError:
        return False
    return True


def _checked(text: str, missing: str) -> str:
    said = text.strip()
    if not said:
        raise QuestionError(missing)
    if len(said) > GREATEST_TEXT:
        raise QuestionError(f"At most {GREATEST_TEXT:,} characters can be kept.")
    return said
