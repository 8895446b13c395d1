"""Admin pages of the outbox, of what people chose to be told, and of webhooks."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm, MultipleChoiceField, URLField
from django.forms.widgets import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django_q.tasks import async_task

from registry.admin.approvals import operator
from registry.admin.base import (
    AuditedAdmin,
    ModelAdmin,
    ReadOnlyAdmin,
    ago,
    pill,
    rows_url,
    verbatim,
)
from registry.admin.credentials import issue_secrets
from registry.logic.notifications.webhooks import find_fault
from registry.logic.wording import counted
from registry.models import Notification, NotificationPreference, Webhook
from registry.services.notification_delivery import preview, retry_notifications
from registry.services.webhooks import OFFERED, new_salt, renew_secret, switch_webhook, try_webhook

SEND_TASK = "registry.tasks.send_notifications"


@admin.register(Notification)
class NotificationPage(ReadOnlyAdmin):
    list_display = (
        "recipient",
        "channel",
        "topic",
        "state_pill",
        "event",
        "attempts",
        "due",
        "sent",
    )
    list_filter = ("state", "channel", "topic", "role")
    list_select_related = ("event",)
    search_fields = ("recipient", "event__sentence", "reason")
    actions = ("try_again",)
    exclude = ("payload",)
    readonly_fields = ("body",)

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: Notification) -> SafeString:
        return pill(obj.state, obj.get_state_display(), title=obj.reason)

    @admin.display(description="due", ordering="due_at")
    def due(self, obj: Notification) -> SafeString | str:
        if obj.state != Notification.State.WAITING or obj.due_at <= timezone.now():
            return ago(obj.due_at)
        return f"at {obj.due_at:%Y-%m-%d %H:%M} UTC"

    @admin.display(description="sent", ordering="sent_at")
    def sent(self, obj: Notification) -> SafeString | str:
        return ago(obj.sent_at)

    @admin.display(description="what it says")
    def body(self, obj: Notification) -> SafeString:
        return verbatim(preview(obj))

    @admin.action(description="Try again now", permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        count = retry_notifications(queryset, now=timezone.now())
        if count:
            async_task(SEND_TASK)
        messages.success(request, f"{counted(count, 'message')} will be tried again at once.")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return operator(request).has_perm("registry.change_notification") is True


@admin.register(NotificationPreference)
class NotificationPreferencePage(ModelAdmin):
    list_display = ("__str__", "user", "address", "digest_hour", "language", "seen_language")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__email", "address")
    autocomplete_fields = ("user",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "address") if obj else ()


class WebhookForm(ModelForm):
    """A webhook as operators edit it."""

    url = URLField(assume_scheme="https", max_length=500, help_text="Where the Events are posted.")
    kinds = MultipleChoiceField(
        choices=[(kind.value, kind.label) for kind in OFFERED],
        widget=CheckboxSelectMultiple,
        help_text="The kinds of Event it gets.",
    )

    class Meta:
        model = Webhook
        fields = ("site", "url", "kinds", "active")

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if fault := find_fault(url):
            self.add_error("url", fault)
        return url


@admin.register(Webhook)
class WebhookPage(AuditedAdmin):
    form = WebhookForm
    list_display = ("url", "site", "state", "tried", "last_result", "added")
    list_filter = ("active",)
    list_select_related = ("site",)
    search_fields = ("url", "site__name", "last_result")
    autocomplete_fields = ("site",)
    actions = ("try_now", "switch_on", "switch_off", "new_secret")
    observed = ("last_tried_at", "last_result", "failing_since_at", "created_at", "created_by")
    readonly_fields = observed
    fieldsets = (
        (None, {"fields": ("site", "url", "kinds", "active")}),
        ("Observed", {"classes": ("collapse",), "fields": observed}),
    )

    def tools(self, obj: Webhook) -> tuple[tuple[str, str | None], ...]:
        return (("Calls", rows_url("registry_notification", {"webhook__id__exact": obj.pk})),)

    def save_model(
        self,
        request: HttpRequest,
        obj: Any,
        form: ModelForm,
        change: bool,  # noqa: FBT001 -- the signature is Django's
    ) -> None:
        if not change:
            obj.created_at, obj.created_by = timezone.now(), operator(request)
            obj.secret_salt = new_salt()
        super().save_model(request, obj, form, change)

    @admin.display(description="state", ordering="active")
    def state(self, obj: Webhook) -> SafeString:
        if not obj.active:
            return pill("disabled", "off")
        return pill("failing") if obj.failing_since_at else pill("active", "on")

    @admin.display(description="last call", ordering="last_tried_at")
    def tried(self, obj: Webhook) -> SafeString | str:
        return ago(obj.last_tried_at)

    @admin.display(description="added", ordering="created_at")
    def added(self, obj: Webhook) -> SafeString | str:
        return ago(obj.created_at)

    @admin.action(description="Try now", permissions=["change"])
    def try_now(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        active = list(queryset.filter(active=True).select_related("site"))
        for webhook in active:
            try_webhook(webhook, actor=operator(request), now=timezone.now())
        if active:
            async_task(SEND_TASK)
        messages.success(request, f"{counted(len(active), 'trial call')} on the way; see Calls.")

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        self._switch(request, queryset, active=True)

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        self._switch(request, queryset, active=False)

    def _switch(self, request: HttpRequest, rows: QuerySet[Webhook], *, active: bool) -> None:
        who, now = operator(request), timezone.now()
        count = sum(
            switch_webhook(webhook, active=active, actor=who, now=now)
            for webhook in rows.select_related("site")
        )
        turned = "on" if active else "off"
        messages.success(request, f"{counted(count, 'webhook')} switched {turned}.")

    @admin.action(description="New secret…", permissions=["change"])
    def new_secret(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> HttpResponse:
        return issue_secrets(
            self,
            request,
            queryset.select_related("site"),
            title="New secret",
            warning="Each webhook gets a new secret. The old one signs nothing from now on.",
            issue=lambda row: renew_secret(row, actor=operator(request), now=timezone.now()),
        )
