"""Admin pages of what Hosts prove themselves with, and the actions that issue it.

A new secret is shown on the page that answers the action and nowhere else: not in a message, which
would lie in a cookie or a session until it is read.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from registry.admin.base import AuditedAdmin, ReadOnlyAdmin, ago, pill
from registry.models import Host, HostToken, SiteToSite, WrongPassword
from registry.services.credentials import (
    TooManyTokensError,
    issue_host_token,
    revoke_host_tokens,
    set_check_in_password,
)

Issue = Callable[[Any], str]


@admin.action(description="New check-in password…", permissions=["change"])
def new_check_in_password(
    page: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet
) -> HttpResponse:
    """Give each selected Site a new password and show it once; an action of the Site page."""
    return issue_secrets(
        page,
        request,
        queryset,
        title="New check-in password",
        warning="Each Site gets a new password. The old one ends at once: its Hosts cannot check "
        "in until their report_mirror.conf has the new one.",
        issue=lambda site: set_check_in_password(site, now=timezone.now(), actor=_user(request)),
    )


@admin.action(description="New token…", permissions=["change"])
def new_host_token(
    page: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet
) -> HttpResponse:
    """Give each selected Host one more token and show it once; an action of the Host page."""
    return issue_secrets(
        page,
        request,
        queryset,
        title="New token",
        warning="Each Host gets one more token for checking in. The ones it has stay valid until "
        "you revoke them.",
        issue=lambda host: _token_or_reason(host, actor=_user(request)),
    )


def _token_or_reason(host: Host, *, actor: Any) -> str:
    """Return the token, or why there is none: the other Hosts' tokens must still be shown."""
    try:
        return issue_host_token(host, now=timezone.now(), actor=actor).text
    except TooManyTokensError as error:
        return str(error)


def _user(request: HttpRequest) -> Any:
    return request.user


def issue_secrets(
    page: admin.ModelAdmin,
    request: HttpRequest,
    queryset: Iterable[Any],
    *,
    title: str,
    warning: str,
    issue: Issue,
) -> HttpResponse:
    """Ask first; then issue a secret per object and show them on a page that nobody may keep."""
    confirmed = "confirmed" in request.POST
    things = list(queryset)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": title,
        "warning": warning,
        "action": request.POST.get("action", ""),
        "checkbox": ACTION_CHECKBOX_NAME,
        "things": things,
        "secrets": [(thing, issue(thing)) for thing in things] if confirmed else [],
    }
    response = TemplateResponse(request, "admin/secrets.html", context)
    response["Cache-Control"] = "no-store"
    return response


@admin.register(HostToken)
class HostTokenPage(ReadOnlyAdmin):
    list_display = ("prefix", "host", "state", "issued", "used")
    list_select_related = ("host",)
    list_filter = ("revoked_at",)
    search_fields = ("prefix", "host__name", "host__site__name")
    actions = ("revoke",)

    @admin.display(description="state")
    def state(self, obj: HostToken) -> SafeString:
        return pill("disabled", "revoked") if obj.revoked_at else pill("active")

    @admin.display(description="issued", ordering="created_at")
    def issued(self, obj: HostToken) -> SafeString | str:
        return ago(obj.created_at)

    @admin.display(description="last used", ordering="last_used_at")
    def used(self, obj: HostToken) -> SafeString | str:
        return ago(obj.last_used_at)

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet) -> None:
        now = timezone.now()
        count = sum(
            revoke_host_tokens(row.host, now=now, actor=_user(request), prefix=row.prefix)
            for row in queryset.select_related("host")
        )
        messages.success(request, f"{count} token(s) were revoked; they are refused from now on.")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registry.change_hosttoken")


@admin.register(SiteToSite)
class SiteToSitePage(AuditedAdmin):
    list_display = ("upstream", "downstream", "since")
    list_select_related = ("upstream", "downstream")
    search_fields = ("upstream__name", "downstream__name")
    raw_id_fields = ("upstream", "downstream")

    @admin.display(description="since", ordering="created_at")
    def since(self, obj: SiteToSite) -> SafeString | str:
        return ago(obj.created_at)


@admin.register(WrongPassword)
class WrongPasswordPage(ReadOnlyAdmin):
    list_display = ("network", "site", "times", "first", "last")
    list_select_related = ("site",)
    search_fields = ("network", "site__name")

    @admin.display(description="first tried", ordering="first_at")
    def first(self, obj: WrongPassword) -> SafeString | str:
        return ago(obj.first_at)

    @admin.display(description="last tried", ordering="last_at")
    def last(self, obj: WrongPassword) -> SafeString | str:
        return ago(obj.last_at)
