"""Admin pages of crawls: what each visit of a Host found."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from crawler.models import CategoryCrawl, CrawlRun, RunState
from registry.admin.base import ReadOnlyAdmin, ReadOnlyInline, ago, pill, verbatim

# How often the page of a crawl that runs is shown anew.
REFRESH_SECONDS = "2"


class CategoryCrawlInline(ReadOnlyInline):
    model = CategoryCrawl
    verbose_name_plural = "What was found, by Category"
    fields = [
        "category",
        "up2date",
        "stale",
        "missing",
        "unreadable",
        "unknown",
        "requests",
        "url",
        "reason",
    ]
    readonly_fields = ["category"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CategoryCrawl]:
        related = "host_category__category", "host_category__host"
        return super().get_queryset(request).select_related(*related)

    @admin.display(description="Category")
    def category(self, crawl: CategoryCrawl) -> str:
        return str(crawl.host_category.category)


@admin.register(CrawlRun)
class CrawlRunAdmin(ReadOnlyAdmin):
    list_display = ["host", "result", "started", "duration", "up2date", "wrong", "requests", "why"]
    list_filter = ["state", "mode", "started_at"]
    list_select_related = ["host"]
    search_fields = ["host__name", "host__site__name", "reason"]
    search_help_text = "Name of the Host or its Site, or words of the reason"
    date_hierarchy = "started_at"
    inlines = [CategoryCrawlInline]
    fieldsets = [
        (None, {"fields": ["host", "mode", "result", "progress", "reason"]}),
        ("When", {"fields": ["started_at", "finished_at", "duration"]}),
        ("What happened", {"fields": ["log_lines"]}),
        (
            "Observed",
            {"classes": ["collapse"], "fields": ["counts", "seed", "worker", "lease_until_at"]},
        ),
    ]
    readonly_fields = ["result", "progress", "duration", "log_lines"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CrawlRun]:
        found = super().get_queryset(request)
        page = request.resolver_match.url_name if request.resolver_match else None
        return found.defer("log") if page == "crawler_crawlrun_changelist" else found

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response = super().render_change_form(request, context, *args, **kwargs)
        run = context.get("original")
        if isinstance(run, CrawlRun) and run.state == RunState.RUNNING:
            response["Refresh"] = REFRESH_SECONDS  # the browser asks again, without a script
        return response

    @admin.display(description="Progress")
    def progress(self, run: CrawlRun) -> str:
        if run.state != RunState.RUNNING:
            return "–"
        done, total = (run.counts.get(name, 0) for name in ("looked_at", "directories"))
        return f"{done:,} of at most {total:,} Directories" if total else "It begins."

    @admin.display(description="State", ordering="state")
    def result(self, run: CrawlRun) -> SafeString:
        return pill(run.state, run.get_state_display(), title=run.reason)

    @admin.display(description="Started", ordering="started_at")
    def started(self, run: CrawlRun) -> SafeString | str:
        return ago(run.started_at)

    @admin.display(description="Duration")
    def duration(self, run: CrawlRun) -> str:
        if run.finished_at is None:
            return "–"
        return f"{(run.finished_at - run.started_at).total_seconds():,.1f} s"

    @admin.display(description="up2date")
    def up2date(self, run: CrawlRun) -> str:
        return _number(run, "up2date")

    @admin.display(description="Wrong or unknown")
    def wrong(self, run: CrawlRun) -> str:
        states = ("stale", "missing", "unreadable", "unknown")
        return ", ".join(f"{run.counts[s]:,} {s}" for s in states if run.counts.get(s)) or "–"

    @admin.display(description="Requests")
    def requests(self, run: CrawlRun) -> str:
        return _number(run, "requests")

    @admin.display(description="Reason")
    def why(self, run: CrawlRun) -> str:
        return run.reason if len(run.reason) <= 120 else f"{run.reason[:119]}…"

    @admin.display(description="Log")
    def log_lines(self, run: CrawlRun) -> SafeString | str:
        return verbatim(run.log) if run.log else "Nothing was written down."


def _number(run: CrawlRun, name: str) -> str:
    return f"{run.counts[name]:,}" if name in run.counts else "–"
