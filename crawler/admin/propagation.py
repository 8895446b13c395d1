"""Admin page of how far the content of Repositories had come, measurement by measurement."""

from collections.abc import Iterable

from django.contrib import admin
from django.urls import reverse
from django.utils.safestring import SafeString

from crawler.models import PropagationStat
from registry.admin.base import ReadOnlyAdmin, ago


@admin.register(PropagationStat)
class PropagationStatAdmin(ReadOnlyAdmin):
    list_display = ["repository", "when", "same_day", "one_day", "two_day", "older", "no_info"]
    list_filter = ["at"]
    list_select_related = ["repository__arch", "repository__directory"]
    search_fields = ["repository__prefix"]
    date_hierarchy = "at"

    def tools(self, obj: PropagationStat) -> Iterable[tuple[str, str | None]]:
        prefix = obj.repository.prefix
        return [("Chart", reverse("crawler:repository", args=[prefix]) if prefix else None)]

    @admin.display(description="measured", ordering="at")
    def when(self, stat: PropagationStat) -> SafeString | str:
        return ago(stat.at)
