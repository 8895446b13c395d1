"""Admin pages of how Hosts become nodes. Secrets are never shown: only their hashes are stored."""

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString

from registry.admin.approvals import ApprovableAdmin
from registry.admin.base import AuditedAdmin, ReadOnlyAdmin, ago, facts_table, pill
from registry.models import EnrolRequest, NodeKey, PairingCode, Registration


@admin.register(PairingCode)
class PairingCodePage(ReadOnlyAdmin):
    list_display = ("host", "state", "created_by", "created", "expires_at", "attempts")
    list_select_related = ("host", "created_by")
    search_fields = ("host__name",)
    date_hierarchy = "created_at"

    @admin.display(description="state")
    def state(self, obj: PairingCode) -> SafeString:
        if obj.revoked_at:
            return pill("revoked", title="Somebody revoked the code.")
        if obj.redeemed_at:
            return pill("success", "used", title=f"It was used from {obj.redeemed_ip}.")
        if obj.expires_at <= timezone.now():
            return pill("expired", title="Nobody used the code in time.")
        return pill("waiting", title="The code can be used once.")

    @admin.display(description="issued", ordering="created_at")
    def created(self, obj: PairingCode) -> SafeString | str:
        return ago(obj.created_at)


@admin.register(NodeKey)
class NodeKeyPage(ReadOnlyAdmin):
    list_display = ("prefix", "host", "state", "kind", "used", "last_ip")
    list_filter = ("kind",)
    list_select_related = ("host",)
    search_fields = ("prefix", "host__name")

    @admin.display(description="state")
    def state(self, obj: NodeKey) -> SafeString:
        if obj.revoked_at:
            return pill("revoked", title=obj.revoked_reason)
        if obj.expires_at and obj.expires_at <= timezone.now():
            return pill("expired", title="The key ended by itself.")
        return pill("active", title="The node can sign in with the key.")

    @admin.display(description="last used", ordering="last_used_at")
    def used(self, obj: NodeKey) -> SafeString | str:
        return ago(obj.last_used_at)


@admin.register(EnrolRequest)
class EnrolRequestPage(ApprovableAdmin, ReadOnlyAdmin):
    list_display = ("claimed_name", "user_code", "source_ip", "approval_pill", "host", "asked")
    list_filter = ("approval",)
    list_select_related = ("host",)
    search_fields = ("claimed_name", "user_code", "source_ip")
    fields = (
        "claimed_name",
        "user_code",
        "source_ip",
        "told",
        "host",
        "created_at",
        "expires_at",
        *ApprovableAdmin.approval_fields,
    )
    readonly_fields = ("told",)

    @admin.display(description="what it told")
    def told(self, obj: EnrolRequest) -> SafeString | str:
        return facts_table(obj.description)

    @admin.display(description="asked", ordering="created_at")
    def asked(self, obj: EnrolRequest) -> SafeString | str:
        return ago(obj.created_at)


@admin.register(Registration)
class RegistrationPage(AuditedAdmin):
    list_display = ("host", "category", "state_pill", "reference", "changed")
    list_filter = ("state", "category")
    list_select_related = ("host", "category")
    search_fields = ("host__name", "category__name", "reference", "note")
    autocomplete_fields = ("host", "category")
    readonly_fields = ("changed_at",)

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: Registration) -> SafeString:
        return pill(obj.state, title=obj.note)

    @admin.display(description="changed", ordering="changed_at")
    def changed(self, obj: Registration) -> SafeString | str:
        return ago(obj.changed_at)
