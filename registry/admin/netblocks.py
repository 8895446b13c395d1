"""Admin pages of the address ranges that prefer Hosts, and of the lists they come from."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.admin.approvals import ApprovableAdmin
from registry.admin.base import AuditedAdmin, ago, pill
from registry.admin.csv_pages import CsvAdmin
from registry.admin.operations import OperationPage, add_page, row_action
from registry.models import HostNetblock, HostNetblockSource
from registry.network_forms import RangesForm

UPDATE_RANGES = add_page(
    OperationPage(
        "update-ranges",
        "Update cloud ranges",
        "Fetch the lists that clouds publish, and make the netblocks of Hosts inside them as these "
        "say. Netblocks that people wrote stay. A schedule does the same every day.",
        RangesForm,
        tuple(f"registry.{verb}_hostnetblock" for verb in ("add", "delete")),
    )
)


@admin.register(HostNetblock)
class HostNetblockPage(CsvAdmin, ApprovableAdmin, AuditedAdmin):
    csv_table = "netblocks"
    list_display = ("netblock", "host", "name", "source", "approval_pill")
    list_filter = ("approval", ("source", admin.EmptyFieldListFilter))
    list_select_related = ("host", "source__host")
    search_fields = ("netblock", "name", "host__name")
    autocomplete_fields = ("host",)
    readonly_fields = ("source", *ApprovableAdmin.approval_fields)
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave to the list what comes from a list: the next look would undo it."""
        written = obj is None or obj.source_id is None
        return written and super().has_change_permission(request, obj)


@admin.register(HostNetblockSource)
class HostNetblockSourcePage(AuditedAdmin):
    list_display = ("name", "host", "provider", "regions", "netblocks", "state_pill", "looked")
    list_filter = ("state", "provider")
    list_select_related = ("host",)
    search_fields = ("name", "host__name", "regions")
    autocomplete_fields = ("host",)
    readonly_fields = ("state", "reason", "last_fetched_at")
    actions = (row_action(UPDATE_RANGES, "sources"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: QuerySet = super().get_queryset(request).annotate(count=Count("netblocks"))
        return rows

    @admin.display(description="netblocks", ordering="count")
    def netblocks(self, obj: Any) -> int:
        count: int = obj.count
        return count

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: HostNetblockSource) -> SafeString:
        return pill(obj.state, title=obj.reason)

    @admin.display(description="last look", ordering="last_fetched_at")
    def looked(self, obj: HostNetblockSource) -> SafeString | str:
        return ago(obj.last_fetched_at)
