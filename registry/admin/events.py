"""Admin pages of what happened and who is told. Nobody edits the past."""

from django.contrib import admin
from django.utils.safestring import SafeString

from registry.admin.base import ReadOnlyAdmin, ReadOnlyInline, ago, facts_table, pill
from registry.models import Event, Notification


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


@admin.register(Notification)
class NotificationPage(ReadOnlyAdmin):
    list_display = ("recipient", "channel", "state_pill", "event", "attempts", "sent")
    list_filter = ("state", "channel")
    list_select_related = ("event",)
    search_fields = ("recipient", "event__sentence")

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: Notification) -> SafeString:
        return pill(obj.state, title=obj.last_error)

    @admin.display(description="sent", ordering="sent_at")
    def sent(self, obj: Notification) -> SafeString | str:
        return ago(obj.sent_at)
