"""The admin pages of snapshots (build, roll back, explain), of statistics and of edges' keys."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from mirrorlist.forms import ExplainForm
from mirrorlist.models import AccessStat, EdgeKey, FileStat, Snapshot, StatisticsBatch
from mirrorlist.operation_forms import BuildNetblocksForm, ExpireStatisticsForm
from mirrorlist.services.edge_keys import revoke_edge_keys
from mirrorlist.services.explain import NoSnapshotError, example_question, explain_answer
from mirrorlist.services.snapshots import (
    RollbackError,
    build_snapshot,
    rollback_snapshot,
    snapshot_policy,
)
from registry.admin.base import ReadOnlyAdmin, ago, pill
from registry.admin.operations import OperationPage, add_page
from registry.logic.vitals import VitalsPolicy

add_page(
    OperationPage(
        "build-netblocks",
        "Build netblocks",
        "Make the table that says which autonomous system announces a network. A worker does it; "
        "the result is among the finished tasks.",
        BuildNetblocksForm,
        ("mirrorlist.change_snapshot",),
    )
)
add_page(
    OperationPage(
        "expire-statistics",
        "Expire statistics",
        "Delete the numbers of days and months that are older than the settings keep them. "
        "A worker does the same every day.",
        ExpireStatisticsForm,
        ("mirrorlist.delete_accessstat",),
    )
)


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
        """Ask, then build; two buttons, because forcing is a decision of its own."""
        if not self.has_operate_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            context = self._context(request, title="Build a snapshot now")
            return TemplateResponse(request, "admin/mirrorlist/build.html", context)
        row = build_snapshot(
            now=timezone.now(),
            policy=snapshot_policy(),
            force="force" in request.POST,
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


class StatAdmin(ReadOnlyAdmin):
    """Numbers of days and months; the page of statistics adds them up."""

    date_hierarchy = "day"
    sortable_by = ("day", "count")

    @admin.display(description="number", ordering="count")
    def number(self, row: AccessStat | FileStat) -> str:
        return f"{row.count:,}"


@admin.register(AccessStat)
class AccessStatAdmin(StatAdmin):
    list_display = ("day", "span", "dimension", "shown_key", "number")
    list_filter = ("span", "dimension")
    search_fields = ("key",)

    @admin.display(description="key")
    def shown_key(self, row: AccessStat) -> str:
        return row.key or "other"


@admin.register(FileStat)
class FileStatAdmin(StatAdmin):
    list_display = ("day", "span", "shown_path", "number")
    list_filter = ("span",)
    search_fields = ("path",)

    @admin.display(description="path")
    def shown_path(self, row: FileStat) -> str:
        return row.path or "other"


@admin.register(StatisticsBatch)
class StatisticsBatchAdmin(ReadOnlyAdmin):
    """What edges and log files handed over, and why something was refused."""

    list_display = ("name", "source", "state_pill", "requests", "received", "reason")
    list_filter = ("state", "source")
    search_fields = ("name", "reason")

    @admin.display(description="state", ordering="state")
    def state_pill(self, row: StatisticsBatch) -> SafeString:
        return pill(row.state, row.get_state_display(), title=row.reason)

    @admin.display(description="received", ordering="received_at")
    def received(self, row: StatisticsBatch) -> SafeString | str:
        return ago(row.received_at)


class HeardFilter(admin.SimpleListFilter):
    """Keys by whether their edge was heard of lately."""

    title = "heard of"
    parameter_name = "heard"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("silent", "silent for a day"), ("lately", "lately")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        lately = Q(last_used_at__gte=timezone.now() - VitalsPolicy().edge_silent)
        if self.value() == "lately":
            return queryset.filter(lately)
        if self.value() == "silent":
            return queryset.exclude(lately).filter(revoked_at=None)
        return queryset


@admin.register(EdgeKey)
class EdgeKeyAdmin(ReadOnlyAdmin):
    """Which edges may send statistics; `manage.py edge_key` issues a token and prints it once."""

    list_display = ("edge", "prefix", "state_pill", "issued", "last_used")
    list_filter = (HeardFilter,)
    search_fields = ("edge", "prefix")
    actions = ("revoke",)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("mirrorlist.change_edgekey")

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[EdgeKey]) -> None:
        now = timezone.now()
        ended = sum(
            revoke_edge_keys(key.edge, now=now, prefix=key.prefix) for key in list(queryset)
        )
        messages.success(request, f"{ended} token(s) are refused from now on.")

    @admin.display(description="state")
    def state_pill(self, row: EdgeKey) -> SafeString:
        return pill("revoked") if row.revoked_at else pill("working")

    @admin.display(description="issued", ordering="created_at")
    def issued(self, row: EdgeKey) -> SafeString | str:
        return ago(row.created_at)

    @admin.display(description="last used", ordering="last_used_at")
    def last_used(self, row: EdgeKey) -> SafeString | str:
        return ago(row.last_used_at)
