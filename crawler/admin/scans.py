"""Admin page of master scans: what each found, what was odd, why it ended as it did."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from crawler.admin.sources import try_source_page
from crawler.models import MasterScan, RunState
from registry.admin.base import ReadOnlyAdmin, ago, pill, verbatim

# How often the page of a scan that runs is shown anew.
REFRESH_SECONDS = "3"
SO_FAR = "so_far_"


@admin.register(MasterScan)
class MasterScanAdmin(ReadOnlyAdmin):
    list_display = ["category", "state_pill", "started", "duration", "tree", "changes", "reason"]
    list_filter = ["state", "category"]
    search_fields = ["category__name", "reason"]
    date_hierarchy = "started_at"
    list_select_related = ["category"]
    fieldsets = [
        (None, {"fields": ["category", "state_pill", "progress", "reason", "tree", "changes"]}),
        ("When and where", {"fields": ["started_at", "finished_at", "duration", "worker"]}),
        ("What was odd", {"fields": ["log_lines"]}),
        ("Observed", {"classes": ["collapse"], "fields": ["counts", "lease_until_at"]}),
    ]

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(partial(try_source_page, site=self.admin_site))
        source = path("source/<int:pk>/", page, name="crawler_masterscan_source")
        return [source, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MasterScan]:
        found = super().get_queryset(request)
        # Logs have a thousand lines each, which no list shows.
        return found if _one_object(request) else found.defer("log")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response = super().render_change_form(request, context, *args, **kwargs)
        scan = context.get("original")
        if isinstance(scan, MasterScan) and scan.state == RunState.RUNNING:
            response["Refresh"] = REFRESH_SECONDS  # the browser asks again, without a script
        return response

    @admin.display(description="progress")
    def progress(self, scan: MasterScan) -> str:
        if scan.state != RunState.RUNNING:
            return "–"
        said = {
            name.removeprefix(SO_FAR): count
            for name, count in scan.counts.items()
            if name.startswith(SO_FAR)
        }
        return ", ".join(f"{phase}: {count:,} directories" for phase, count in said.items()) or (
            "It begins."
        )

    @admin.display(description="state", ordering="state")
    def state_pill(self, scan: MasterScan) -> SafeString:
        return pill(scan.state, scan.get_state_display(), title=scan.reason)

    @admin.display(description="started", ordering="started_at")
    def started(self, scan: MasterScan) -> SafeString | str:
        return ago(scan.started_at)

    @admin.display(description="duration")
    def duration(self, scan: MasterScan) -> str:
        if scan.finished_at is None:
            return "–"
        return f"{(scan.finished_at - scan.started_at).total_seconds():,.1f} s"

    @admin.display(description="tree")
    def tree(self, scan: MasterScan) -> str:
        directories, files = (scan.counts.get(name) for name in ("directories", "files"))
        return "–" if directories is None else f"{directories:,} directories, {files:,} files"

    @admin.display(description="changes")
    def changes(self, scan: MasterScan) -> str:
        names = ("added", "changed", "vanished", "odd")
        parts = [f"{scan.counts[name]:,} {name}" for name in names if scan.counts.get(name)]
        return ", ".join(parts) or "none"

    @admin.display(description="log")
    def log_lines(self, scan: MasterScan) -> SafeString | str:
        return verbatim(scan.log) if scan.log else "Nothing was odd."


def _one_object(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and "object_id" in match.kwargs
