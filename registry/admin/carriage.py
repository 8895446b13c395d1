"""Admin pages of who carries what: HostCategories, their URLs and what is wrong with them."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from registry.admin.approvals import ApprovableAdmin
from registry.admin.base import (
    AddOnlyInline,
    AuditedAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    TabularInline,
    ago,
    page_url,
    pill,
    rows_url,
)
from registry.admin.csv_pages import CsvAdmin
from registry.logic.wording import span
from registry.models import Directory, DirectoryIssue, HostCategory, HostCategoryUrl
from registry.services.coverage import copies_on

# The only columns that lists of URLs show; reasons can be long.
URLS = HostCategoryUrl.objects.only("id", "host_category", "url", "state", "reason", "private")


def url_pills(urls: Iterable[HostCategoryUrl]) -> SafeString | str:
    """Return the protocols of some URLs, each in the color of its state."""
    pills = [(pill(url.state, url.protocol, title=f"{url.url} {url.reason}"),) for url in urls]
    return format_html_join(" ", "{}", pills) or "–"


class HostCategoryInline(AddOnlyInline):
    """The Categories of a Host; their URLs are on the page that each row links to."""

    model = HostCategory
    fields = (
        "category",
        "always_up2date",
        "url_states",
        "up2date_count",
        "issue_count",
        "offset",
        "crawled",
    )
    readonly_fields = ("url_states", "up2date_count", "issue_count", "offset", "crawled")
    related = ("category", "host")
    autocomplete_fields = ("category",)
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.defer("up2date").prefetch_related(Prefetch("urls", URLS))

    @admin.display(description="URLs")
    def url_states(self, obj: HostCategory) -> SafeString | str:
        return url_pills(obj.urls.all()) if obj.pk else "–"

    @admin.display(description="behind the master")
    def offset(self, obj: HostCategory) -> str:
        return "–" if obj.behind is None else span(obj.behind)

    @admin.display(description="crawled")
    def crawled(self, obj: HostCategory) -> SafeString | str:
        return ago(obj.last_crawled_at)


class UrlInline(TabularInline):
    model = HostCategoryUrl
    fields = ("url", "private", "state_pill", "consecutive_failures", "worked")
    readonly_fields = ("state_pill", "consecutive_failures", "worked")

    @admin.display(description="state")
    def state_pill(self, obj: HostCategoryUrl) -> SafeString | str:
        return pill(obj.state, obj.get_state_display(), title=obj.reason)

    @admin.display(description="last worked")
    def worked(self, obj: HostCategoryUrl) -> SafeString | str:
        return ago(obj.last_success_at)


class IssueInline(ReadOnlyInline):
    model = DirectoryIssue
    fields = ("directory", "state_pill", "sentence", "since")
    readonly_fields = ("state_pill", "since")
    related = ("directory",)
    verbose_name_plural = "Directories with something wrong (the first 20)"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("directory__listing", "directory__digest")

    @admin.display(description="state")
    def state_pill(self, obj: DirectoryIssue) -> SafeString:
        return pill(obj.state, title=obj.reason)

    @admin.display(description="since")
    def since(self, obj: DirectoryIssue) -> SafeString | str:
        return ago(obj.since_at)


@admin.register(HostCategory)
class HostCategoryPage(AuditedAdmin):
    change_form_template = "admin/registry/hostcategory/change_form.html"
    list_display = (
        "host",
        "category",
        "url_states",
        "always_up2date",
        "up2date_count",
        "issue_count",
        "crawled",
    )
    list_filter = ("category", "always_up2date", "urls__state")
    list_select_related = ("host", "category")
    search_fields = ("host__name", "category__name", "urls__url")
    autocomplete_fields = ("host", "category")
    inlines = (UrlInline, IssueInline)
    observed = (
        "reason",
        "up2date_count",
        "issue_count",
        "behind",
        "last_crawled_at",
        "up2date_changed_at",
        "up2date_revision",
    )
    readonly_fields = observed
    fieldsets = (
        (None, {"fields": ("host", "category", "always_up2date")}),
        ("Observed", {"classes": ("collapse",), "fields": observed}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.defer("up2date").prefetch_related(Prefetch("urls", URLS))

    def page_rows(self, request: HttpRequest) -> QuerySet[Any]:
        # The inline asks for whole URLs; those of the list lack columns that it shows.
        return super().page_rows(request).prefetch_related(None)

    def tools(self, obj: HostCategory) -> Iterable[tuple[str, str | None]]:
        return (
            ("Host", page_url(obj.host)),
            ("Category", page_url(obj.category)),
            ("Issues", rows_url("registry_directoryissue", {"host_category__id__exact": obj.pk})),
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = context.get("original")
        if obj is not None:
            directories = Directory.objects.filter(category=obj.category_id).only("id", "path")
            page = Paginator(directories, 100).get_page(request.GET.get("directories"))
            context["page"] = page
            context["copies"] = [
                (copy.directory, pill(copy.state.state), copy.state.sentence)
                for copy in copies_on(obj, page)
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="URLs")
    def url_states(self, obj: HostCategory) -> SafeString | str:
        return url_pills(obj.urls.all())

    @admin.display(description="crawled", ordering="last_crawled_at")
    def crawled(self, obj: HostCategory) -> SafeString | str:
        return ago(obj.last_crawled_at)


@admin.register(HostCategoryUrl)
class HostCategoryUrlPage(CsvAdmin, ApprovableAdmin, AuditedAdmin):
    csv_table = "urls"
    list_display = (
        "url", "host", "category", "state_pill", "approval_pill", "failures", "probed", "private"
    )  # fmt: skip
    list_filter = ("state", "approval", "private", "host_category__category")
    list_select_related = ("host_category__host", "host_category__category")
    search_fields = ("url", "host_category__host__name")
    autocomplete_fields = ("host_category",)
    observed = (
        "state",
        "reason",
        "consecutive_failures",
        "failing_since_at",
        "last_success_at",
        "last_probed_at",
        "ipv4_state",
        "ipv4_reason",
        "ipv4_failures",
        "ipv6_state",
        "ipv6_reason",
        "ipv6_failures",
        "canary_failures",
        "certificate_until_at",
        "certificate_reason",
    )
    readonly_fields = (*ApprovableAdmin.approval_fields, *observed)
    fieldsets = (
        (None, {"fields": ("host_category", "url", "private")}),
        ("Approval", {"fields": ApprovableAdmin.approval_fields}),
        ("Observed", {"classes": ("collapse",), "fields": observed}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("host_category__up2date")

    @admin.display(description="Host", ordering="host_category__host")
    def host(self, obj: HostCategoryUrl) -> str:
        return str(obj.host_category.host)

    @admin.display(description="Category", ordering="host_category__category")
    def category(self, obj: HostCategoryUrl) -> str:
        return str(obj.host_category.category)

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: HostCategoryUrl) -> SafeString:
        return pill(obj.state, obj.get_state_display(), title=obj.reason)

    @admin.display(description="failures", ordering="consecutive_failures")
    def failures(self, obj: HostCategoryUrl) -> int:
        return obj.consecutive_failures

    @admin.display(description="probed", ordering="last_probed_at")
    def probed(self, obj: HostCategoryUrl) -> SafeString | str:
        return ago(obj.last_probed_at)


@admin.register(DirectoryIssue)
class DirectoryIssuePage(ReadOnlyAdmin):
    list_display = ("directory", "host_category", "state_pill", "sentence", "since", "seen")
    list_filter = ("state", "host_category__category")
    list_select_related = (
        "directory",
        "host_category__host",
        "host_category__category",
    )
    search_fields = ("directory__path", "host_category__host__name")
    autocomplete_fields = ("host_category", "directory")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        heavy = ("directory__listing", "directory__digest", "host_category__up2date")
        return super().get_queryset(request).defer(*heavy)

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: DirectoryIssue) -> SafeString:
        return pill(obj.state, title=obj.reason)

    @admin.display(description="since", ordering="since_at")
    def since(self, obj: DirectoryIssue) -> SafeString | str:
        return ago(obj.since_at)

    @admin.display(description="seen", ordering="seen_at")
    def seen(self, obj: DirectoryIssue) -> SafeString | str:
        return ago(obj.seen_at)
