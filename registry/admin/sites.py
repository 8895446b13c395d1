"""Admin pages of Sites, SiteAdmins and Sponsors."""

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry.admin.approvals import ApprovableAdmin
from registry.admin.base import (
    AddOnlyInline,
    AuditedAdmin,
    ReadOnlyInline,
    ago,
    checks_list,
    link,
    pill,
    rows_url,
)
from registry.admin.bulk_pages import SET_SITE_PRIVACY
from registry.admin.credentials import new_check_in_password
from registry.admin.csv_pages import CsvAdmin
from registry.admin.operations import row_action
from registry.admin.switches import SwitchableAdmin
from registry.models import Host, Site, SiteAdmin, Sponsor
from registry.services.standing import NEEDED, host_standing, site_standing
from registry.services.switches import disable_sites, enable_sites


class SiteAdminInline(AddOnlyInline):
    model = SiteAdmin
    related = ("user", "site")
    autocomplete_fields = ("user",)


class HostInline(ReadOnlyInline):
    model = Host
    fields = ("name", "country", "state", "crawled")
    readonly_fields = ("state", "crawled")
    related = NEEDED
    show_change_link = True
    shown = 50

    @admin.display(description="state")
    def state(self, obj: Host) -> SafeString:
        judgment = host_standing(obj)
        return pill(judgment.standing.value, title=" ".join(judgment.reasons))

    @admin.display(description="crawled")
    def crawled(self, obj: Host) -> SafeString | str:
        return ago(obj.last_crawled_at)


@admin.register(Site)
class SitePage(CsvAdmin, SwitchableAdmin, ApprovableAdmin, AuditedAdmin):
    csv_table = "sites"
    list_display = ("name", "state", "approval_pill", "hosts", "home_page", "registered")
    list_filter = ("approval", "admin_active", "user_active", "private")
    search_fields = ("name", "organization_url", "admins__user__username", "admins__user__email")
    switch_noun = "Site"
    switched_off_means = "All their Hosts go out of service."
    switched_off = disable_sites
    switched_on = enable_sites
    actions = (
        *ApprovableAdmin.actions,
        "disable",
        "enable",
        row_action(SET_SITE_PRIVACY, "sites"),
        new_check_in_password,
    )
    inlines = (SiteAdminInline, HostInline)
    readonly_fields = ("standing", *ApprovableAdmin.approval_fields, "created_at", "created_by")
    fieldsets = (
        (None, {"fields": ("standing", "name", "organization_url")}),
        ("Switches", {"fields": ("admin_active", "user_active", "private")}),
        ("For those downstream", {"fields": ("all_sites_can_pull_from_me", "downstream_comments")}),
        (
            "Observed",
            {
                "classes": ("collapse",),
                "fields": (*ApprovableAdmin.approval_fields, "created_at", "created_by"),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: QuerySet = (
            super().get_queryset(request).annotate(host_count=Count("hosts", distinct=True))
        )
        return rows

    def tools(self, obj: Site) -> Iterable[tuple[str, str | None]]:
        return (("Hosts", rows_url("registry_host", {"site__id__exact": obj.pk})),)

    @admin.display(description="state")
    def state(self, obj: Site) -> SafeString:
        judgment = site_standing(obj)
        label = "active" if judgment.listed else judgment.standing.value
        return pill(label, title=" ".join(judgment.reasons))

    @admin.display(description="are its Hosts listed?")
    def standing(self, obj: Site) -> SafeString | str:
        if obj._state.adding:
            return "–"
        return checks_list(site_standing(obj).checks)

    @admin.display(description="Hosts", ordering="host_count")
    def hosts(self, obj: Site) -> SafeString | str:
        count: int = getattr(obj, "host_count", 0)
        return link(rows_url("registry_host", {"site__id__exact": obj.pk}), count)

    @admin.display(description="home page")
    def home_page(self, obj: Site) -> SafeString | str:
        return link(obj.organization_url, obj.organization_url) if obj.organization_url else "–"

    @admin.display(description="registered", ordering="created_at")
    def registered(self, obj: Site) -> SafeString | str:
        return ago(obj.created_at)


@admin.register(SiteAdmin)
class SiteAdminPage(AuditedAdmin):
    list_display = ("user", "site", "since")
    list_select_related = ("user", "site")
    search_fields = ("user__username", "user__email", "site__name")
    autocomplete_fields = ("site", "user")

    @admin.display(description="since", ordering="created_at")
    def since(self, obj: SiteAdmin) -> SafeString | str:
        return ago(obj.created_at)


@admin.register(Sponsor)
class SponsorPage(AuditedAdmin):
    list_display = ("name", "home_page", "site", "contact")
    list_select_related = ("site",)
    search_fields = ("name", "url", "site__name")
    autocomplete_fields = ("site",)

    @admin.display(description="home page")
    def home_page(self, obj: Sponsor) -> SafeString | str:
        return format_html('<a href="{0}">{0}</a>', obj.url) if obj.url else "–"
