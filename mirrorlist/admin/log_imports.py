"""The admin page of logs of mirrorlist-server: have one read, see what it has, have it counted."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from mirrorlist.forms import ReadLogForm
from mirrorlist.log_files import LogFileError
from mirrorlist.models import LogImport
from mirrorlist.services.log_imports import count_log, forget_log, look_at_log
from registry.admin.approvals import operator
from registry.admin.base import ReadOnlyAdmin, ago, page_url, pill

# How often the page of a log that is being read is shown anew.
REFRESH_SECONDS = "2"
UNDER_WAY = {LogImport.State.WAITING, LogImport.State.RUNNING}


@admin.register(LogImport)
class LogImportAdmin(ReadOnlyAdmin):
    list_display = ("filename", "state_pill", "only_day", "read", "asked", "actor", "reason")
    list_filter = ("state",)
    list_select_related = ("actor",)
    search_fields = ("filename", "reason")
    change_list_template = "admin/mirrorlist/log_import_list.html"
    change_form_template = "admin/mirrorlist/log_import.html"
    fieldsets = (
        (None, {"fields": ("filename", "only_day", "state_pill", "read", "reason")}),
        ("What is in it", {"fields": ("days", "left_out")}),
        ("When and who", {"fields": ("asked_at", "finished_at", "actor")}),
    )

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("mirrorlist.add_logimport")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("mirrorlist.delete_logimport")

    def delete_model(self, request: HttpRequest, obj: LogImport) -> None:
        forget_log(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[LogImport]) -> None:
        for row in queryset:
            forget_log(row)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        count = require_POST(view(self.count))
        return [
            path("read/", view(self.read_page), name="mirrorlist_logimport_read"),
            path("<int:pk>/count/", count, name="mirrorlist_logimport_count"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"may_read": self.has_operate_permission(request)}
        return super().changelist_view(request, extra | (extra_context or {}))

    def read_page(self, request: HttpRequest) -> HttpResponse:
        """Ask for a log; a worker looks at it, and nothing is counted yet."""
        if not self.has_operate_permission(request):
            raise PermissionDenied
        form = ReadLogForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
        if form.is_valid():
            try:
                row = look_at_log(
                    form.filename(),
                    only_day=form.cleaned_data["only_day"],
                    actor=operator(request),
                    now=timezone.now(),
                )
            except LogFileError as error:
                form.add_error(None, str(error))
            else:
                return HttpResponseRedirect(page_url(row))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Read a log of mirrorlist-server",
            "form": form,
        }
        return TemplateResponse(request, "admin/mirrorlist/read_log.html", context)

    def count(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have counted what was looked at."""
        if not self.has_operate_permission(request):
            raise PermissionDenied
        row = get_object_or_404(LogImport, pk=pk)
        if not count_log(row, actor=operator(request), now=timezone.now()):
            messages.warning(request, "There is nothing to count now: see its state.")
        return HttpResponseRedirect(page_url(row))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        new = sum(day["requests"] for day in row.found.get("days", ()) if not day["known"])
        ready = row.state == LogImport.State.LOOKED_AT and new
        context["new"] = new if ready and self.has_operate_permission(request) else 0
        context["count_url"] = reverse("admin:mirrorlist_logimport_count", args=[row.pk])
        response = super().render_change_form(request, context, *args, **kwargs)
        if row.state in UNDER_WAY:
            response["Refresh"] = REFRESH_SECONDS  # the browser asks again, without a script
        return response

    @admin.display(description="state", ordering="state")
    def state_pill(self, row: LogImport) -> SafeString:
        return pill(row.state, row.get_state_display(), title=row.reason)

    @admin.display(description="read", ordering="lines")
    def read(self, row: LogImport) -> str:
        return f"{row.lines:,} lines" + (" so far" if row.state in UNDER_WAY else "")

    @admin.display(description="asked for", ordering="asked_at")
    def asked(self, row: LogImport) -> SafeString | str:
        return ago(row.asked_at)

    @admin.display(description="requests")
    def days(self, row: LogImport) -> SafeString | str:
        days = row.found.get("days")
        if not days:
            return "–" if days is None else "None that count."
        lines = (
            (day["day"], f"{day['requests']:,}", "were counted before" if day["known"] else "")
            for day in days
        )
        body = format_html_join("", '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>', lines)
        head = '<tr><th scope="col">Day</th><th scope="col">Requests</th><th scope="col"></th></tr>'
        return format_html(f"<table><thead>{head}</thead><tbody>{{}}</tbody></table>", body)

    @admin.display(description="left out")
    def left_out(self, row: LogImport) -> SafeString | str:
        found = row.found
        if not found:
            return "–"
        return format_html(
            "{} of private addresses, {} of other days, {} lines that are none of this log{}",
            f"{found['private']:,}",
            f"{found['other_days']:,}",
            f"{found['garbage']:,}",
            format_html_join("", "<br><code>{}</code>", ((each,) for each in found["examples"])),
        )
