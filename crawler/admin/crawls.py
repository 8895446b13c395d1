"""Admin pages of crawls: what each visit of a Host found."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crawler.models import CategoryCrawl, CrawlRun
from registry.admin.base import ReadOnlyAdmin, ReadOnlyInline, ago, pill


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
    list_filter = ["state", "started_at"]
    list_select_related = ["host"]
    search_fields = ["host__name", "host__site__name", "reason"]
    search_help_text = "Name of the Host or its Site, or words of the reason"
    date_hierarchy = "started_at"
    inlines = [CategoryCrawlInline]
    fieldsets = [
        (None, {"fields": ["host", "result", "reason", "started_at", "finished_at", "duration"]}),
        ("What happened", {"fields": ["log_lines"]}),
        (
            "Observed",
            {"classes": ["collapse"], "fields": ["counts", "seed", "worker", "lease_until_at"]},
        ),
    ]
    readonly_fields = ["result", "duration", "log_lines"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CrawlRun]:
        found = super().get_queryset(request)
        page = request.resolver_match.url_name if request.resolver_match else None
        return found.defer("log") if page == "crawler_crawlrun_changelist" else found

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
        return format_html("<pre>{}</pre>", run.log) if run.log else "Nothing was written down."


def _number(run: CrawlRun, name: str) -> str:
    return f"{run.counts[name]:,}" if name in run.counts else "–"
