"""Admin pages of Hosts and of which clients each of them prefers or refuses."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django_q.tasks import async_task

from registry.admin.approvals import ApprovableAdmin
from registry.admin.base import (
    AddOnlyInline,
    AuditedAdmin,
    ReadOnlyAdmin,
    TabularInline,
    ago,
    checks_list,
    findings_list,
    pill,
    rows_url,
)
from registry.admin.bulk_pages import (
    ADD_CATEGORY,
    REMOVE_CATEGORY,
    SET_BANDWIDTH,
    SET_COUNTRY,
    SET_PRIVACY,
)
from registry.admin.carriage import HostCategoryInline
from registry.admin.credentials import new_host_token
from registry.admin.csv_pages import CsvAdmin
from registry.admin.events import HostEventInline
from registry.admin.messages import write_to_owners_action
from registry.admin.operations import row_action
from registry.admin.switches import SwitchableAdmin
from registry.logic.wording import counted
from registry.models import (
    ExclusiveDirectory,
    Host,
    HostAclIp,
    HostCountryAllowed,
    HostCountryExcluded,
    HostCountryServed,
    HostNetblock,
    HostNetblockSource,
    HostPeerAsn,
    HostTransfer,
)
from registry.querysets import LATE_CRAWLS
from registry.services.audiences import prefetch_countries
from registry.services.lint import lint_ready, ready_to_lint
from registry.services.standing import NEEDED, host_standing
from registry.services.switches import disable_hosts, enable_hosts

# Named in words: the registry may not import the crawler.
CRAWL_TASK = "crawler.tasks.crawl_hosts"


class NetblockInline(TabularInline):
    model = HostNetblock
    related = ("host",)
    fields = ("netblock", "name", "approval_pill")
    readonly_fields = ("approval_pill",)
    verbose_name_plural = "netblocks (the first 50 that people wrote)"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(source=None)

    @admin.display(description="approval")
    def approval_pill(self, obj: HostNetblock) -> SafeString | str:
        return pill(obj.approval, title=obj.approval_reason) if obj.pk else "–"


class NetblockSourceInline(TabularInline):
    model = HostNetblockSource
    related = ("host",)
    fields = ("name", "provider", "regions", "service", "url", "state_pill")
    readonly_fields = ("state_pill",)

    @admin.display(description="state")
    def state_pill(self, obj: HostNetblockSource) -> SafeString | str:
        return pill(obj.state, title=obj.reason) if obj.pk else "–"


class PeerAsnInline(TabularInline):
    model = HostPeerAsn
    related = ("host",)
    fields = ("asn", "name")


class CountryAllowedInline(AddOnlyInline):
    model = HostCountryAllowed
    fields = ("country",)
    related = ("host", "country")
    autocomplete_fields = ("country",)


class CountryExcludedInline(AddOnlyInline):
    model = HostCountryExcluded
    fields = ("country",)
    related = ("host", "country")
    autocomplete_fields = ("country",)


class CountryServedInline(AddOnlyInline):
    model = HostCountryServed
    fields = ("country",)
    related = ("host", "country")
    autocomplete_fields = ("country",)


class AclIpInline(TabularInline):
    model = HostAclIp
    related = ("host",)
    fields = ("ip",)


class StandingFilter(admin.SimpleListFilter):
    """Hosts by what keeps them from being listed, or what is wrong with them."""

    title = "standing"
    parameter_name = "standing"
    CONDITIONS = {
        "failing": ("a URL fails", Q(host_categories__urls__state="failing")),
        "operators": ("switched off by operators", Q(admin_active=False)),
        "owners": ("switched off by SiteAdmins", Q(user_active=False)),
        "system": ("out of service by the system", Q(system_active=False)),
        "private": ("private", Q(private=True) | Q(site__private=True)),
        "empty": ("carries nothing", Q(host_categories=None)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = [(value, label) for value, (label, _) in self.CONDITIONS.items()]
        return [("listed", "listed"), *rows, ("late", "crawl overdue")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value == "listed":
            return queryset.filter(pk__in=Host.objects.listable().values("pk"))
        if value == "late":
            before = timezone.now() - LATE_CRAWLS * settings.CRAWLER_INTERVAL
            return queryset.filter(pk__in=Host.objects.late(before=before).values("pk"))
        if value in self.CONDITIONS:
            matching = Host.objects.filter(self.CONDITIONS[value][1])
            return queryset.filter(pk__in=matching.values("pk"))
        return queryset


@admin.register(Host)
class HostPage(CsvAdmin, SwitchableAdmin, ApprovableAdmin, AuditedAdmin):
    csv_table = "hosts"
    list_display = (
        "name",
        "site",
        "state",
        "place",
        "bandwidth",
        "url_states",
        "stability",
        "seen",
    )
    list_filter = (
        StandingFilter,
        "approval",
        "system_active",
        ("country", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = NEEDED
    search_fields = ("name", "site__name", "host_categories__urls__url", "comment")
    autocomplete_fields = ("site", "sponsor", "country")
    switch_noun = "Host"
    switched_off_means = "No client is sent to them until you enable them again."
    switched_off = disable_hosts
    switched_on = enable_hosts
    actions = (
        *ApprovableAdmin.actions,
        "disable",
        "enable",
        "crawl_now",
        row_action(SET_BANDWIDTH, "hosts"),
        row_action(SET_COUNTRY, "hosts"),
        row_action(SET_PRIVACY, "hosts"),
        row_action(ADD_CATEGORY, "hosts"),
        row_action(REMOVE_CATEGORY, "hosts"),
        write_to_owners_action,
        new_host_token,
    )
    inlines = (
        HostCategoryInline,
        NetblockInline,
        NetblockSourceInline,
        PeerAsnInline,
        CountryAllowedInline,
        CountryExcludedInline,
        CountryServedInline,
        AclIpInline,
        HostEventInline,
    )
    observed = (
        "system_active",
        "system_rule",
        "system_reason",
        "system_changed_at",
        "stability_percent",
        "last_crawled_at",
        "last_crawl_duration",
        "last_full_crawl_at",
        "last_checked_in_at",
        *ApprovableAdmin.approval_fields,
        "created_at",
    )
    readonly_fields = ("standing", "oddities", "place_hint", *observed)
    fieldsets = (
        (
            None,
            {"fields": ("standing", "oddities", "site", "name", "sponsor", "contact", "comment")},
        ),
        ("Switches", {"fields": ("admin_active", "user_active", "disable_reason", "private")}),
        (
            "Place",
            {"fields": ("country", "place_hint", "latitude", "longitude", "asn", "asn_clients")},
        ),
        ("Clients", {"fields": ("reach", "always_listed", "max_file_mb")}),
        ("Capacity", {"fields": ("bandwidth_mbps", "share_percent", "max_connections")}),
        ("Crawling", {"classes": ("collapse",), "fields": (("crawl_from", "crawl_until"),)}),
        ("Observed", {"classes": ("collapse",), "fields": observed}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        failing = Q(host_categories__urls__state="failing")
        rows: QuerySet = (
            super()
            .get_queryset(request)
            .annotate(
                url_count=Count("host_categories__urls", distinct=True),
                failing_count=Count("host_categories__urls", filter=failing, distinct=True),
            )
        )
        return rows

    def page_rows(self, request: HttpRequest) -> QuerySet:
        """Return Hosts as their pages need them; the sums of the list would only take time."""
        return ready_to_lint(Host.objects.select_related(*NEEDED, "sponsor", "approval_decided_by"))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        host: Any = super().get_object(request, object_id, from_field)
        if host is not None:
            prefetch_countries(host)
        return host

    def tools(self, obj: Host) -> Iterable[tuple[str, str | None]]:
        return (
            ("Explain", explain_url(obj)),
            ("Crawls", rows_url("crawler_crawlrun", {"host__id__exact": obj.pk})),
            ("Categories", rows_url("registry_hostcategory", {"host__id__exact": obj.pk})),
            ("Netblocks", rows_url("registry_hostnetblock", {"host__id__exact": obj.pk})),
        )

    @admin.display(description="state")
    def state(self, obj: Host) -> SafeString:
        judgment = host_standing(obj)
        return pill(judgment.standing.value, title=" ".join(judgment.reasons))

    @admin.display(description="is it listed?")
    def standing(self, obj: Host) -> SafeString | str:
        if obj._state.adding:
            return "–"
        return checks_list(host_standing(obj).checks)

    @admin.display(description="how it is set up")
    def oddities(self, obj: Host) -> SafeString | str:
        if obj._state.adding:
            return "–"
        return findings_list(hint.finding for hint in lint_ready(obj, now=timezone.now()))

    @admin.display(description="country", ordering="country")
    def place(self, obj: Host) -> str:
        return obj.country_id

    @admin.display(description="Mbit/s", ordering="bandwidth_mbps")
    def bandwidth(self, obj: Host) -> int:
        return obj.bandwidth_mbps

    @admin.display(description="URLs", ordering="-failing_count")
    def url_states(self, obj: Host) -> SafeString | str:
        count: int = getattr(obj, "url_count", 0)
        failing: int = getattr(obj, "failing_count", 0)
        return pill("failing", f"{failing} of {count} failing") if failing else str(count)

    @admin.display(description="stable", ordering="stability_percent")
    def stability(self, obj: Host) -> str:
        return "–" if obj.stability_percent is None else f"{obj.stability_percent} %"

    @admin.display(description="last seen", ordering="last_crawled_at")
    def seen(self, obj: Host) -> SafeString | str:
        moments = [at for at in (obj.last_crawled_at, obj.last_checked_in_at) if at is not None]
        return ago(max(moments, default=None))

    @admin.action(description="Crawl now", permissions=["change"])
    def crawl_now(self, request: HttpRequest, queryset: QuerySet) -> None:
        selected = set(queryset.values_list("pk", flat=True))
        due = sorted(Host.objects.crawlable().filter(pk__in=selected).values_list("pk", flat=True))
        if due:
            async_task(CRAWL_TASK, due, cluster="crawl")
            messages.success(request, f"A crawl of {counted(len(due), 'Host')} is in the queue.")
        if left := len(selected) - len(due):
            messages.warning(
                request,
                f"Not visited: {counted(left, 'Host')}, private or switched off by people.",
            )


def explain_url(host: Host) -> str | None:
    """Return the page that explains whom a Host serves, where that page is installed."""
    try:
        return f"{reverse('admin:mirrorlist_snapshot_explain')}?host={host.pk}"
    except NoReverseMatch:
        return None


@admin.register(HostTransfer)
class HostTransferPage(ReadOnlyAdmin):
    list_display = ("host", "to_site", "created_by", "created_at")
    list_select_related = ("host", "to_site", "created_by")
    search_fields = ("host__name", "to_site__name")


@admin.register(HostPeerAsn)
class HostPeerAsnPage(AuditedAdmin):
    list_display = ("asn", "name", "host")
    list_select_related = ("host",)
    search_fields = ("=asn", "name", "host__name")
    autocomplete_fields = ("host",)


@admin.register(HostCountryAllowed, HostCountryExcluded, HostCountryServed)
class HostCountryPage(AuditedAdmin):
    list_display = ("host", "country")
    list_select_related = ("host", "country")
    search_fields = ("host__name", "country__name", "country__code")
    autocomplete_fields = ("host", "country")


@admin.register(ExclusiveDirectory)
class ExclusiveDirectoryPage(AuditedAdmin):
    list_display = ("path", "host")
    list_select_related = ("host",)
    search_fields = ("path", "host__name")
    autocomplete_fields = ("host",)


@admin.register(HostAclIp)
class HostAclIpPage(AuditedAdmin):
    list_display = ("ip", "host")
    list_select_related = ("host",)
    search_fields = ("ip", "host__name")
    autocomplete_fields = ("host",)
