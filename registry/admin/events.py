"""Admin pages of what happened. Nobody edits the past."""

from django.contrib import admin
from django.utils.safestring import SafeString

from registry.admin.base import ReadOnlyAdmin, ReadOnlyInline, ago, facts_table
from registry.models import Event


class HostEventInline(ReadOnlyInline):
    model = Event
    fields = ("at", "kind", "sentence", "actor")
    related = ("actor",)
    verbose_name_plural = "timeline (the newest 20)"


@admin.register(Event)
class EventPage(ReadOnlyAdmin):
    list_display = ("when", "kind", "sentence", "subject", "actor")
    list_display_links = ("when", "sentence")
    list_filter = ("kind", "at")
    list_select_related = ("actor",)
    search_fields = ("sentence", "subject")
    fields = ("at", "kind", "sentence", "subject", "site", "host", "actor", "what_changed")
    readonly_fields = ("what_changed",)

    @admin.display(description="when", ordering="at")
    def when(self, obj: Event) -> SafeString | str:
        return ago(obj.at)

    @admin.display(description="facts")
    def what_changed(self, obj: Event) -> SafeString | str:
        return facts_table(obj.facts)
