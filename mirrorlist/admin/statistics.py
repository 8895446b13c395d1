"""Admin pages of statistics: the rows, and the batches that they came in. Nobody edits them."""

from django.contrib import admin
from django.utils.safestring import SafeString

from mirrorlist.models import AccessStat, FileStat, StatisticsBatch
from registry.admin.base import ReadOnlyAdmin, ago, pill


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
