"""The answers to what waits for an operator, as actions on the lists of those tables.

The page with everything that waits is `registry.admin.queue`.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from registry.admin.base import ModelAdmin, pill
from registry.admin.sentences import ask_for_sentence, asked_sentence
from registry.models import Approvable
from registry.services.approvals import Outcome, approve, describe, reject, reopen
from registry.services.questions import ask_back


class ApprovableAdmin(ModelAdmin):
    """The state, the actions and the fields of tables whose rows wait for an operator."""

    actions: Sequence[Any] = (
        "approve_selected",
        "reject_selected",
        "ask_selected",
        "reopen_selected",
    )
    approval_fields = (
        "approval",
        "approval_reason",
        "approval_decided_at",
        "approval_decided_by",
    )

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return may_decide(request, str(self.opts.model_name))

    @admin.display(description="approval", ordering="approval")
    def approval_pill(self, obj: Approvable) -> SafeString:
        return pill(obj.approval, title=obj.approval_reason)

    @admin.action(description="Approve", permissions=["decide"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        report(request, approve(queryset, actor=operator(request), now=timezone.now()), "Approved")

    @admin.action(description="Reject, with a sentence…", permissions=["decide"])
    def reject_selected(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        sentence = asked_sentence(request)
        if not sentence:
            return ask_for_sentence(
                self,
                request,
                queryset,
                action="reject_selected",
                title="Reject",
                explanation="What you reject stays out. Its SiteAdmins are sent your sentence.",
            )
        outcome = reject(queryset, actor=operator(request), now=timezone.now(), sentence=sentence)
        report(request, outcome, "Rejected")
        return None

    @admin.action(description="Ask the owner first…", permissions=["decide"])
    def ask_selected(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        question = asked_sentence(request)
        if not question:
            return ask_for_sentence(
                self,
                request,
                queryset,
                action="ask_selected",
                title="Ask the owner",
                explanation="What you ask about goes on waiting. Its SiteAdmins are sent your "
                "question; the answer appears in the approval queue.",
            )
        try:
            outcome = ask_back(queryset, question, actor=operator(request), now=timezone.now())
        except ValueError as problem:
            messages.error(request, str(problem))
        else:
            report(request, outcome, "Asked about")
        return None

    @admin.action(description="Put back into the approval queue", permissions=["decide"])
    def reopen_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        outcome = reopen(queryset, actor=operator(request), now=timezone.now())
        report(request, outcome, "Put back into the queue")


def may_decide(request: HttpRequest, model_name: str) -> bool:
    """Tell whether a user decides about a table: whoever may change its rows, and reviewers."""
    user = operator(request)
    return any(user.has_perm(f"registry.{verb}_{model_name}") for verb in ("change", "decide"))


def operator(request: HttpRequest) -> Any:
    """Return the user of a request that the admin has let in already."""
    return request.user


def report(request: HttpRequest, outcome: Outcome, verb: str) -> None:
    """Show what became of a decision: the count as success, each skipped object as a warning."""
    count, *skipped = describe(outcome, verb)
    messages.success(request, count)
    for sentence in skipped:
        messages.warning(request, sentence)
