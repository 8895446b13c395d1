"""Saved filters: their own admin page, and saving and deleting them from any list."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from registry.admin.approvals import operator
from registry.admin.base import ReadOnlyAdmin, link, rows_url
from registry.models import SavedFilter
from registry.services.filters import FilterError, delete_filter, save_filter


@admin.register(SavedFilter)
class SavedFilterPage(ReadOnlyAdmin):
    list_display = ("name", "table", "shown", "user", "shared")
    list_filter = ("shared", "table")
    list_select_related = ("user",)
    search_fields = ("name", "table", "user__username")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Keep what others did not share out of sight."""
        rows = super().get_queryset(request)
        return rows.filter(user=request.user.pk) | rows.filter(shared=True)

    @admin.display(description="leads to")
    def shown(self, obj: SavedFilter) -> str:
        return link(address_of(obj), "the list")


def address_of(row: SavedFilter) -> str | None:
    """Return the address of the list with these filters; None if there is no such list."""
    address = rows_url(row.table, {})
    return f"{address}?{row.query}" if address else None


@require_POST
def save_filter_page(request: HttpRequest) -> HttpResponse:
    """Save the filters of the list that the form was on, and go back there."""
    table = request.POST.get("table", "")
    address = rows_url(table, {})
    page = next(
        (page for model, page in admin.site._registry.items() if label(model) == table), None
    )
    if address is None or page is None:
        raise Http404
    if not page.has_view_permission(request):
        raise PermissionDenied
    query, name = request.POST.get("query", ""), request.POST.get("name", "")
    shared = "shared" in request.POST
    try:
        row = save_filter(table, name, query, user=operator(request), shared=shared)
    except FilterError as problem:
        messages.error(request, str(problem))
        return HttpResponseRedirect(f"{address}?{query}")
    messages.success(request, f"The filter “{row}” was saved.")
    return HttpResponseRedirect(f"{address}?{row.query}")


@require_POST
def delete_filter_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a filter and go back to its list."""
    row = get_object_or_404(SavedFilter, pk=pk)
    address = rows_url(row.table, {}) or "/admin/"
    try:
        delete_filter(row, user=operator(request))
    except FilterError as problem:
        raise Http404 from problem
    messages.success(request, f"The filter “{row}” was deleted.")
    return HttpResponseRedirect(address)


def label(model: Any) -> str:
    """Return how lists of a table are named, for example registry_host."""
    return f"{model._meta.app_label}_{model._meta.model_name}"
