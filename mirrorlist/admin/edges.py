"""The admin page of the tokens with which edges send statistics: issue and revoke."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from mirrorlist.forms import EdgeKeyForm
from mirrorlist.models import EdgeKey
from mirrorlist.services.edge_keys import EdgeNameError, issue_edge_key, revoke_edge_keys
from registry.admin.base import ReadOnlyAdmin, ago, pill
from registry.logic.vitals import VitalsPolicy


class HeardFilter(admin.SimpleListFilter):
    """Keys by whether their edge was heard of lately."""

    title = "heard of"
    parameter_name = "heard"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("silent", "silent for a day"), ("lately", "lately")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        lately = Q(last_used_at__gte=timezone.now() - VitalsPolicy().edge_silent)
        if self.value() == "lately":
            return queryset.filter(lately)
        if self.value() == "silent":
            return queryset.exclude(lately).filter(revoked_at=None)
        return queryset


@admin.register(EdgeKey)
class EdgeKeyAdmin(ReadOnlyAdmin):
    """Which edges may send statistics; a new token is shown once."""

    list_display = ("edge", "prefix", "state_pill", "issued", "last_used")
    list_filter = (HeardFilter,)
    search_fields = ("edge", "prefix")
    actions = ("revoke",)
    change_list_template = "admin/mirrorlist/edge_key_list.html"

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("mirrorlist.change_edgekey")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.issue)
        return [path("new/", view, name="mirrorlist_edgekey_new"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"may_issue": self.has_operate_permission(request)}
        return super().changelist_view(request, extra | (extra_context or {}))

    def issue(self, request: HttpRequest) -> HttpResponse:
        """Ask for the name of the edge; then show its new token on a page that nobody may keep."""
        if not self.has_operate_permission(request):
            raise PermissionDenied
        form = EdgeKeyForm(request.POST if request.method == "POST" else None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "New token of an edge",
            "form": form,
        }
        if form.is_valid():
            edge = form.cleaned_data["edge"]
            try:
                context |= {"edge": edge, "token": issue_edge_key(edge, now=timezone.now())}
            except EdgeNameError as error:
                form.add_error("edge", str(error))
        response = TemplateResponse(request, "admin/mirrorlist/edge_key.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[EdgeKey]) -> None:
        now = timezone.now()
        ended = sum(
            revoke_edge_keys(key.edge, now=now, prefix=key.prefix) for key in list(queryset)
        )
        messages.success(request, f"{ended} token(s) are refused from now on.")

    @admin.display(description="state")
    def state_pill(self, row: EdgeKey) -> SafeString:
        return pill("revoked") if row.revoked_at else pill("working")

    @admin.display(description="issued", ordering="created_at")
    def issued(self, row: EdgeKey) -> SafeString | str:
        return ago(row.created_at)

    @admin.display(description="last used", ordering="last_used_at")
    def last_used(self, row: EdgeKey) -> SafeString | str:
        return ago(row.last_used_at)
