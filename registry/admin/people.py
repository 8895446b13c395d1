"""How people come in, for operators to look at: identities, tokens, invitations."""

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from registry.admin.base import ReadOnlyAdmin, ago, pill
from registry.models import Invitation, OidcIdentity, PersonalToken
from registry.services.personal_tokens import revoke_personal_token


@admin.register(OidcIdentity)
class OidcIdentityPage(ReadOnlyAdmin):
    list_display = ("user", "issuer", "subject", "reason", "seen")
    list_select_related = ("user",)
    search_fields = ("user__username", "subject")

    @admin.display(description="last signed in", ordering="last_seen_at")
    def seen(self, obj: OidcIdentity) -> SafeString | str:
        return ago(obj.last_seen_at)


@admin.register(PersonalToken)
class PersonalTokenPage(ReadOnlyAdmin):
    list_display = ("prefix", "user", "name", "scope", "state", "issued", "used")
    list_select_related = ("user",)
    list_filter = ("scope",)
    search_fields = ("prefix", "name", "user__username")
    exclude = ("token_hash",)
    actions = ("revoke",)

    @admin.display(description="state")
    def state(self, obj: PersonalToken) -> SafeString:
        if obj.revoked_at:
            return pill("disabled", "revoked")
        if obj.expires_at and obj.expires_at <= timezone.now():
            return pill("disabled", "expired")
        return pill("active")

    @admin.display(description="issued", ordering="created_at")
    def issued(self, obj: PersonalToken) -> SafeString | str:
        return ago(obj.created_at)

    @admin.display(description="last used", ordering="last_used_at")
    def used(self, obj: PersonalToken) -> SafeString | str:
        return ago(obj.last_used_at)

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[PersonalToken]) -> None:
        now = timezone.now()
        for row in queryset:
            revoke_personal_token(row, now=now)
        messages.success(request, "They are refused from now on.")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and user.has_perm("registry.change_personaltoken")


@admin.register(Invitation)
class InvitationPage(ReadOnlyAdmin):
    list_display = ("email", "site", "created_by", "sent", "accepted_by")
    list_select_related = ("site", "created_by", "accepted_by")
    search_fields = ("email", "site__name")

    @admin.display(description="sent", ordering="created_at")
    def sent(self, obj: Invitation) -> SafeString | str:
        return ago(obj.created_at)
