"""The admin page of snapshots: build, roll back, explain."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from mirrorlist.forms import ExplainForm
from mirrorlist.models import Snapshot
from mirrorlist.services.explain import NoSnapshotError, example_question, explain_answer
from mirrorlist.services.snapshots import (
    RollbackError,
    build_snapshot,
    rollback_snapshot,
    snapshot_policy,
)
from registry.admin.base import ReadOnlyAdmin, ago, pill


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    """What clients were answered from, newest first."""

    list_display = ("name", "state_pill", "built", "size", "contents", "reason")
    list_filter = ("state",)
    search_fields = ("filename", "reason", "sha256")
    actions = ("roll_back",)
    change_list_template = "admin/mirrorlist/snapshot_list.html"

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Building and rolling back are for those who might change snapshots."""
        return request.user.has_perm("mirrorlist.change_snapshot")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("build/", view(self.build), name="mirrorlist_snapshot_build"),
            path("explain/", view(self.explain), name="mirrorlist_snapshot_explain"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"may_build": self.has_operate_permission(request)}
        return super().changelist_view(request, extra | (extra_context or {}))

    def build(self, request: HttpRequest) -> HttpResponse:
        """Ask, then build; several buttons, because forcing is a decision of its own."""
        if not self.has_operate_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            context = self._context(request, title="Build a snapshot now")
            return TemplateResponse(request, "admin/mirrorlist/build.html", context)
        row = build_snapshot(
            now=timezone.now(),
            policy=snapshot_policy(),
            force="force" in request.POST,
            anew="anew" in request.POST,
            actor=_operator(request),
        )
        published = row.state == Snapshot.State.PUBLISHED
        level = messages.SUCCESS if published else messages.ERROR
        messages.add_message(request, level, f"The new snapshot is {row.state}. {row.reason}")
        return HttpResponseRedirect(reverse("admin:mirrorlist_snapshot_changelist"))

    def explain(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        host_id = request.GET.get("host", "")
        asked = "ip" in request.GET
        form = ExplainForm(request.GET) if asked else ExplainForm(initial=_initial(request))
        context = self._context(request, title="Explain an answer", form=form, host=host_id)
        if asked and form.is_valid():
            try:
                context["explanation"] = explain_answer(
                    form.answer_kind, form.parameters(), ip=form.cleaned_data["ip"]
                )
            except NoSnapshotError as error:
                context["problem"] = str(error)
        return TemplateResponse(request, "admin/mirrorlist/explain.html", context)

    @admin.action(description="Roll back to this snapshot", permissions=["operate"])
    def roll_back(self, request: HttpRequest, queryset: QuerySet[Snapshot]) -> None:
        if len(queryset) != 1:
            messages.error(request, "Select the one snapshot that clients are to be answered from.")
            return
        try:
            rollback_snapshot(
                queryset[0], now=timezone.now(), policy=snapshot_policy(), actor=_operator(request)
            )
        except RollbackError as error:
            messages.error(request, f"Nothing was changed. {error}")
            return
        messages.success(
            request, f"Clients are answered from {queryset[0]}, until the next build replaces it."
        )

    @admin.display(description="snapshot")
    def name(self, row: Snapshot) -> str:
        return str(row)

    @admin.display(description="state", ordering="state")
    def state_pill(self, row: Snapshot) -> SafeString:
        return pill(row.state, row.get_state_display(), title=row.reason)

    @admin.display(description="built", ordering="built_at")
    def built(self, row: Snapshot) -> SafeString | str:
        return ago(row.built_at)

    @admin.display(description="size", ordering="size_bytes")
    def size(self, row: Snapshot) -> str:
        return filesizeformat(row.size_bytes) if row.size_bytes else "–"

    @admin.display(description="contents")
    def contents(self, row: Snapshot) -> str:
        shown = ("hosts", "repositories", "directories")
        return (
            ", ".join(f"{row.counts[name]} {name}" for name in shown if name in row.counts) or "–"
        )

    def _context(self, request: HttpRequest, **more: Any) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, **more}


def _operator(request: HttpRequest) -> User:
    """Return who is signed in; the admin lets nobody else in."""
    return cast("User", request.user)


def _initial(request: HttpRequest) -> dict[str, str]:
    """Return a question to begin with, asked from where the operator is."""
    host_id = request.GET.get("host", "")
    # Databases refuse ids of more than 18 digits.
    known = host_id.isdecimal() and len(host_id) <= 18
    repo, arch = example_question(host_id=int(host_id) if known else None)
    return {"ip": request.META.get("REMOTE_ADDR", ""), "repo": repo, "arch": arch}
