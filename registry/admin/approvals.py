"""The approval queue: everything that waits for an operator on one page, and its two answers.

The same answers are actions on the lists of those tables (`ApprovableAdmin`).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from registry.admin.base import ModelAdmin, ago, page_url, pill
from registry.admin.sentences import ask_for_sentence, asked_sentence
from registry.logic.netblocks import judge_netblock, parse_netblock
from registry.models import (
    Approvable,
    EnrolRequest,
    Host,
    HostCategoryUrl,
    HostNetblock,
    Site,
)
from registry.services.approvals import (
    KINDS,
    Outcome,
    approve,
    describe,
    pending_objects,
    reject,
    reopen,
)
from registry.services.netblocks import netblock_policy

HEADINGS = {
    "site": "Sites",
    "host": "Hosts",
    "hostnetblock": "Netblocks",
    "hostcategoryurl": "URLs",
    "enrolrequest": "Nodes",
}


class Waiting(NamedTuple):
    """One row of the queue: what waits, where to look at it, and what is known of it."""

    key: str
    name: str
    url: str
    known: list[tuple[str, object]]


class ApprovableAdmin(ModelAdmin):
    """The state, the actions and the fields of tables whose rows wait for an operator."""

    actions: Sequence[Any] = ("approve_selected", "reject_selected", "reopen_selected")
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


def approval_queue(request: HttpRequest) -> HttpResponse:
    """Show what waits; take the answer to what was selected."""
    now = timezone.now()
    waiting = {
        kind: rows for kind, rows in pending_objects(now=now).items() if may_decide(request, kind)
    }
    error = ""
    if request.method == "POST":
        chosen = [thing for kind in waiting for thing in _selected(request, kind)]
        error = _answer(request, chosen)
        if not error:
            return HttpResponseRedirect(reverse("registry:approval-queue"))
    context = {
        **admin.site.each_context(request),
        "title": "Approval queue",
        "groups": [
            (HEADINGS[kind], [_describe(row) for row in rows[:200]])
            for kind, rows in waiting.items()
        ],
        "error": error,
        "sentence": request.POST.get("sentence", ""),
        "selected": request.POST.getlist("selected"),
    }
    return TemplateResponse(request, "admin/approvals.html", context)


def _selected(request: HttpRequest, kind: str) -> list[Approvable]:
    """Return the selected objects of a kind, decided ones included, so that they are reported."""
    model = next(model for model in KINDS if model._meta.model_name == kind)
    keys = (key.partition("-") for key in request.POST.getlist("selected"))
    ids = [number for name, _, number in keys if name == kind and number.isdecimal()]
    return list(model._default_manager.filter(pk__in=ids))


def _answer(request: HttpRequest, chosen: list[Approvable]) -> str:
    """Take the answer; return the sentence for the operator if it cannot be taken."""
    now, actor = timezone.now(), operator(request)
    if not chosen:
        return "Select something first."
    if "approve" in request.POST:
        report(request, approve(chosen, actor=actor, now=now), "Approved")
        return ""
    try:
        outcome = reject(chosen, actor=actor, now=now, sentence=request.POST.get("sentence", ""))
    except ValueError as problem:
        return str(problem)
    report(request, outcome, "Rejected")
    return ""


def _describe(thing: Model) -> Waiting:
    key = f"{thing._meta.model_name}-{thing.pk}"
    return Waiting(key, str(thing), page_url(thing), _KNOWN[type(thing)](thing))


def _known_of_site(site: Site) -> list[tuple[str, object]]:
    return [
        ("organization", site.organization_url or "no home page given"),
        ("registered by", site.created_by or "unknown"),
        ("privacy", "private" if site.private else "public"),
        ("registered", ago(site.created_at)),
    ]


def _known_of_host(host: Host) -> list[tuple[str, object]]:
    return [
        ("Site", f"{host.site} ({host.site.get_approval_display()})"),
        ("country", host.country),
        ("bandwidth", f"{host.bandwidth_mbps} Mbit/s"),
        ("privacy", "private" if host.counts_as_private else "public"),
        ("added", ago(host.created_at)),
    ]


def _known_of_netblock(netblock: HostNetblock) -> list[tuple[str, object]]:
    network = parse_netblock(netblock.netblock)
    return [
        ("why it waits", judge_netblock(network, policy=netblock_policy()).sentence),
        ("addresses", f"{network.num_addresses:,}"),
        ("Host", netblock.host),
        ("Site", netblock.host.site),
        ("network", netblock.name or "not named"),
    ]


def _known_of_url(url: HostCategoryUrl) -> list[tuple[str, object]]:
    return [
        ("why it waits", url.approval_reason),
        ("Host", url.host_category.host),
        ("Site", url.host_category.host.site),
        ("Category", url.host_category.category),
    ]


def _known_of_request(request: EnrolRequest) -> list[tuple[str, object]]:
    told = ", ".join(f"{name}: {value}" for name, value in request.description.items())
    return [
        ("code on its console", request.user_code),
        ("asked from", request.source_ip),
        ("told", told or "nothing"),
        ("asked", ago(request.created_at)),
        ("forgotten", f"{request.expires_at:%Y-%m-%d %H:%M} UTC"),
    ]


_KNOWN: dict[type[Model], Any] = {
    Site: _known_of_site,
    Host: _known_of_host,
    HostNetblock: _known_of_netblock,
    HostCategoryUrl: _known_of_url,
    EnrolRequest: _known_of_request,
}
