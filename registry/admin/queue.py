"""The approval queue: everything that waits for an operator on one page, and the three answers.

Works with a keyboard and without a script; `queue.js` only adds single keys.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from registry.admin.approvals import may_decide, operator, report
from registry.admin.base import ago, page_url, pill
from registry.logic.approval_hints import Weight
from registry.models import Approvable, Question
from registry.services.approval_facts import (
    Facts,
    key_of,
    known_facts,
    origins_from_settings,
)
from registry.services.approvals import KINDS, Outcome, approve, pending_objects, reject
from registry.services.questions import ask_back, newest_questions

HEADINGS = {
    "site": "Sites",
    "host": "Hosts",
    "hostnetblock": "Netblocks",
    "hostcategoryurl": "URLs",
    "enrolrequest": "Nodes",
}
ROWS_SHOWN = 50
# By the name of the button, what it is called when it is done.
DONE = {"approve": "Approved", "reject": "Rejected", "ask": "Asked about"}


class Known(NamedTuple):
    """One thing that is known, as the page shows it."""

    term: str
    value: SafeString | str


class Waiting(NamedTuple):
    """One row of the queue: what waits, where to look at it, and what is known of it."""

    key: str
    name: str
    url: str
    known: list[Known]
    question: Question | None


class Group(NamedTuple):
    """The rows of one kind; `more` says whether there are rows that are not shown."""

    kind: str
    heading: str
    rows: list[Waiting]
    more: bool
    page: Page | None = None


def approval_queue(request: HttpRequest) -> HttpResponse:
    """Show what waits, all kinds or one; take the answer to what was selected."""
    waiting = _waiting(request, now=timezone.now())
    error = ""
    if request.method == "POST":
        error = _answer(request, waiting)
        if not error:
            return HttpResponseRedirect(request.get_full_path())
    kind = request.GET.get("kind", "")
    groups = _groups(request, waiting, kind if kind in waiting else "")
    context = {
        **admin.site.each_context(request),
        "title": "Approval queue",
        "groups": groups,
        "kinds": [(name, HEADINGS[name]) for name in waiting],
        "kind": kind if kind in waiting else "",
        "anything": any(group.rows for group in groups),
        "error": error,
        "sentence": request.POST.get("sentence", ""),
        "selected": request.POST.getlist("selected"),
    }
    return TemplateResponse(request, "admin/approvals.html", context)


def _waiting(request: HttpRequest, *, now: datetime) -> dict[str, QuerySet[Any]]:
    """Return what waits of the kinds that the user decides about; what an owner has come last."""
    asked = Question.objects.open().filter(thing_id=OuterRef("pk"))
    return {
        kind: rows.annotate(asked=Exists(asked.filter(thing=kind))).order_by("asked", "pk")
        for kind, rows in pending_objects(now=now).items()
        if may_decide(request, kind)
    }


def _groups(request: HttpRequest, waiting: dict[str, QuerySet[Any]], kind: str) -> list[Group]:
    page = None
    if kind:
        page = Paginator(waiting[kind], ROWS_SHOWN).get_page(request.GET.get("page"))
        shown: dict[str, list[Any]] = {kind: list(page.object_list)}
    else:
        shown = {name: list(rows[: ROWS_SHOWN + 1]) for name, rows in waiting.items()}
    facts = known_facts(
        {name: rows[:ROWS_SHOWN] for name, rows in shown.items()}, origins=origins_from_settings()
    )
    questions = newest_questions({name: [row.pk for row in rows] for name, rows in shown.items()})
    return [
        Group(
            name,
            HEADINGS[name],
            [_row(row, facts, questions) for row in rows[:ROWS_SHOWN]],
            len(rows) > ROWS_SHOWN,
            page,
        )
        for name, rows in shown.items()
    ]


def _row(
    thing: Approvable,
    facts: Mapping[tuple[str, int], Facts],
    questions: Mapping[tuple[str, int], Question],
) -> Waiting:
    kind, number = key = key_of(thing)
    known = [Known(fact.term, _value(fact.value, fact.weight)) for fact in facts[key]]
    return Waiting(f"{kind}-{number}", str(thing), page_url(thing), known, questions.get(key))


def _value(value: str | datetime, weight: Weight) -> SafeString | str:
    if isinstance(value, datetime):
        return ago(value)
    if weight is Weight.NONE:
        return value
    return pill("approved" if weight is Weight.FOR else "rejected", value)


def _answer(request: HttpRequest, waiting: Mapping[str, Any]) -> str:
    """Take the answer; return the sentence for the operator if it cannot be taken.

    A button beside a row has the row's key as its value and means that row alone.
    """
    verb = next((name for name in DONE if name in request.POST), "approve")
    alone = request.POST.get(verb, "")
    keys = [alone] if "-" in alone else request.POST.getlist("selected")
    chosen = [thing for kind in waiting for thing in _selected(keys, kind)]
    if not chosen:
        return "Select something first."
    try:
        outcome = _carry_out(verb, chosen, request)
    except ValueError as problem:
        return str(problem)
    report(request, outcome, DONE[verb])
    return ""


def _carry_out(verb: str, chosen: list[Approvable], request: HttpRequest) -> Outcome:
    now, actor, words = timezone.now(), operator(request), request.POST.get("sentence", "")
    if verb == "approve":
        return approve(chosen, actor=actor, now=now)
    if verb == "reject":
        return reject(chosen, actor=actor, now=now, sentence=words)
    return ask_back(chosen, words, actor=actor, now=now)


def _selected(keys: list[str], kind: str) -> list[Approvable]:
    """Return the selected objects of a kind, decided ones included, so that they are reported."""
    model = next(model for model in KINDS if model._meta.model_name == kind)
    parts = (key.partition("-") for key in keys)
    # Databases refuse ids of more than 18 digits.
    ids = [int(n) for name, _, n in parts if name == kind and n.isdecimal() and len(n) <= 18]
    return list(model._default_manager.filter(pk__in=ids)) if ids else []
