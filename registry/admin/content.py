"""Admin pages of what is mirrored: Categories, Directories, Repositories and their rules."""

from collections.abc import Iterable

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_q.tasks import async_task

from registry.admin.approvals import operator
from registry.admin.base import (
    AuditedAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    TabularInline,
    ago,
    link,
    page_url,
    pill,
    rows_url,
)
from registry.admin.messages import write_to_owners_action
from registry.admin.operation_pages import (
    DISABLE,
    EXPIRE,
    MOVE_TO_ARCHIVE,
    RELEASE_DAY,
    REMOVE_REDIRECTS,
)
from registry.admin.operations import row_action
from registry.logic.listings import unpack_listing
from registry.logic.wording import counted
from registry.models import (
    Arch,
    Category,
    Directory,
    FileDetail,
    Product,
    Repository,
    RepositoryRedirect,
    Version,
)
from registry.querysets import CategoryQuerySet
from registry.services.coverage import copies_of
from registry.services.operations.base import carry_out
from registry.services.operations.switching import EnableRepositories

# Named in words: the registry may not import the crawler.
SCAN_TASK = "crawler.tasks.umdl_category"
FILES_SHOWN = 200
HEAVY = ("directory__listing", "directory__digest")


class VersionInline(TabularInline):
    model = Version
    related = ("product",)
    fields = ("name", "display_name", "display", "is_test")


@admin.register(Product)
class ProductPage(AuditedAdmin):
    list_display = ("name", "publiclist", "version_count")
    list_filter = ("publiclist",)
    search_fields = ("name",)
    inlines = (VersionInline,)
    actions = (row_action(EXPIRE, "products"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: QuerySet = super().get_queryset(request).annotate(versions_found=Count("versions"))
        return rows

    @admin.display(description="versions", ordering="versions_found")
    def version_count(self, obj: Product) -> SafeString | str:
        count: int = getattr(obj, "versions_found", 0)
        return link(rows_url("registry_version", {"product__id__exact": obj.pk}), count)


@admin.register(Version)
class VersionPage(AuditedAdmin):
    list_display = ("name", "product", "display_name", "display", "is_test")
    list_filter = ("product", "display", "is_test")
    list_select_related = ("product",)
    search_fields = ("name", "display_name", "product__name")
    autocomplete_fields = ("product",)
    actions = (
        row_action(RELEASE_DAY, "version"),
        row_action(MOVE_TO_ARCHIVE, "versions"),
        row_action(EXPIRE, "versions"),
    )


@admin.register(Arch)
class ArchPage(AuditedAdmin):
    list_display = ("name", "publiclist", "primary")
    list_filter = ("publiclist", "primary")
    search_fields = ("name",)


@admin.register(Category)
class CategoryPage(AuditedAdmin):
    list_display = ("name", "product", "top_directory", "source", "hosts", "publiclist")
    list_filter = ("product", "publiclist", "admin_only", "source_kind")
    list_select_related = ("product",)
    search_fields = ("name", "top_directory", "product__name")
    autocomplete_fields = ("product",)
    actions = ("scan_now", write_to_owners_action)
    fieldsets = (
        (
            None,
            {"fields": ("name", "product", "top_directory", "canonical_url", "crawl_protocols")},
        ),
        (
            "Master tree",
            {
                "fields": ("source_kind", "source_location", "excludes", "change_signals"),
                "description": "Where UMDL learns what the Category holds. Save, then use “Test "
                "this source” above.",
            },
        ),
        (
            "Master on another machine",
            {
                "fields": ("checksum_base", "source_options"),
                "description": "The checksum base is for all kinds but the local tree, the "
                "options are for rsync listings.",
            },
        ),
        ("Who sees it", {"fields": ("publiclist", "admin_only")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: QuerySet = super().get_queryset(request).annotate(host_count=Count("host_categories"))
        return rows

    def tools(self, obj: Category) -> Iterable[tuple[str, str | None]]:
        return (
            ("Repositories", rows_url("registry_repository", {"category__id__exact": obj.pk})),
            ("Directories", rows_url("registry_directory", {"category__id__exact": obj.pk})),
            ("Hosts", rows_url("registry_hostcategory", {"category__id__exact": obj.pk})),
            ("Scans", rows_url("crawler_masterscan", {"category__id__exact": obj.pk})),
            ("Try a path", f"{reverse('registry:try-paths')}?category={obj.pk}"),
            ("Test this source", reverse("admin:crawler_masterscan_source", args=[obj.pk])),
        )

    @admin.display(description="master tree", ordering="source_location")
    def source(self, obj: Category) -> str:
        return obj.source_location or "not scanned"

    @admin.display(description="Hosts", ordering="host_count")
    def hosts(self, obj: Category) -> SafeString | str:
        count: int = getattr(obj, "host_count", 0)
        return link(rows_url("registry_hostcategory", {"category__id__exact": obj.pk}), count)

    @admin.action(description="Scan now", permissions=["change"])
    def scan_now(self, request: HttpRequest, queryset: CategoryQuerySet) -> None:
        with_source = list(queryset.scanned().values_list("pk", flat=True))
        for category in with_source:
            async_task(SCAN_TASK, category)
        if with_source:
            named = counted(len(with_source), "Category", "Categories")
            messages.success(request, f"A scan of {named} is in the queue.")
        if left := queryset.count() - len(with_source):
            named = counted(left, "Category", "Categories")
            messages.warning(request, f"Not scanned: {named} without a source.")


class FileDetailInline(ReadOnlyInline):
    model = FileDetail
    fields = ("filename", "size_bytes", "timestamp", "sha256", "seen_at")
    show_change_link = True


@admin.register(Directory)
class DirectoryPage(ReadOnlyAdmin):
    list_display = ("path", "category", "file_count", "size_bytes", "readable", "changed")
    list_filter = ("category", "readable")
    list_select_related = ("category",)
    search_fields = ("path",)
    inlines = (FileDetailInline,)
    fields = (
        "path",
        "category",
        "readable",
        "changed_at",
        "scanned_at",
        "file_count",
        "size_bytes",
        "carriers",
        "files",
    )
    readonly_fields = ("carriers", "files")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("listing", "digest")

    @admin.display(description="changed", ordering="changed_at")
    def changed(self, obj: Directory) -> SafeString | str:
        return ago(obj.changed_at)

    @admin.display(description="who has it")
    def carriers(self, obj: Directory) -> SafeString | str:
        rows = [
            (pill(state.state), page_url(carrier), carrier.host, state.sentence)
            for carrier, _, state in copies_of(obj)
        ]
        lines = format_html_join("", '<li>{} <a href="{}">{}</a> {}</li>', rows)
        return format_html('<ul class="checks">{}</ul>', lines) if rows else "No Host carries it."

    @admin.display(description="files")
    def files(self, obj: Directory) -> SafeString | str:
        entries = unpack_listing(obj.listing)
        lines = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td></tr>",
            ((entry.name, entry.size) for entry in entries[:FILES_SHOWN]),
        )
        head = (
            '<div class="scroll"><table><thead><tr><th scope="col">name</th>'
            '<th scope="col">bytes</th></tr></thead><tbody>{}</tbody></table></div>'
        )
        more = len(entries) - FILES_SHOWN
        tail = f"and {more} more" if more > 0 else ""
        return format_html(head + "{}", lines, tail) if entries else "It has no files."


@admin.register(FileDetail)
class FileDetailPage(ReadOnlyAdmin):
    list_display = ("filename", "directory", "size_bytes", "short_digest", "seen")
    list_filter = ("directory__category",)
    list_select_related = ("directory",)
    search_fields = ("filename", "directory__path", "=sha256")
    autocomplete_fields = ("directory",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer(*HEAVY)

    @admin.display(description="SHA-256")
    def short_digest(self, obj: FileDetail) -> str:
        return f"{obj.sha256[:16]}…" if obj.sha256 else "–"

    @admin.display(description="on the master since", ordering="seen_at")
    def seen(self, obj: FileDetail) -> SafeString | str:
        return ago(obj.seen_at)


class RecognizedFilter(admin.SimpleListFilter):
    title = "recognized"
    parameter_name = "recognized"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("no", "unrecognized"), ("yes", "with prefix and Arch")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        everything = Repository.objects.all()
        chosen = {"no": everything.unrecognized(), "yes": everything.addressable()}
        value = self.value()
        return queryset.filter(pk__in=chosen[value].values("pk")) if value in chosen else queryset


@admin.register(Repository)
class RepositoryPage(AuditedAdmin):
    list_display = ("__str__", "state", "category", "version", "arch", "directory")
    list_filter = (RecognizedFilter, "kind", "disabled", "category", "arch")
    list_select_related = ("directory", "category", "version__product", "arch")
    search_fields = ("prefix", "directory__path")
    autocomplete_fields = ("directory", "category", "version", "arch")
    actions = (
        row_action(DISABLE, "repositories"),
        "enable",
        row_action(MOVE_TO_ARCHIVE, "repositories"),
        row_action(EXPIRE, "repositories"),
    )
    readonly_fields = ("reason", "created_at")
    fieldsets = (
        (None, {"fields": ("directory", "category", "kind")}),
        ("What clients ask for", {"fields": ("prefix", "version", "arch", "disabled")}),
        ("Observed", {"classes": ("collapse",), "fields": ("reason", "created_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer(*HEAVY)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Where only unrecognized ones are shown, say why instead of repeating what they lack."""
        unrecognized = request.GET.get(RecognizedFilter.parameter_name) == "no"
        return ("__str__", "category", "reason") if unrecognized else self.list_display

    @admin.display(description="state", ordering="disabled")
    def state(self, obj: Repository) -> SafeString:
        if obj.disabled:
            return pill("disabled", title="Clients are told that it is disabled.")
        if not obj.prefix:
            return pill("unknown", "no prefix", title=obj.reason)
        return pill("active", title=obj.reason)

    @admin.action(description="Enable", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet) -> None:
        done = carry_out(
            EnableRepositories(Repository.objects.filter(pk__in=queryset.values("pk"))),
            now=timezone.now(),
            actor=operator(request),
        )
        for step in done.plan.steps:
            messages.success(request, f"{step.subject}: {step.sentence}")


@admin.register(RepositoryRedirect)
class RepositoryRedirectPage(AuditedAdmin):
    list_display = ("from_prefix", "to_prefix")
    search_fields = ("from_prefix", "to_prefix")
    actions = (row_action(REMOVE_REDIRECTS, "redirects", permission="delete"),)
