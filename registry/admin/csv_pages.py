"""CSV on the lists of Sites, Hosts, netblocks and URLs: the filtered list out, a file back in."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path

from registry.admin.base import ModelAdmin
from registry.admin.operations import OperationPage, add_page
from registry.csv_forms import ImportCsvForm
from registry.services.csv_files import export_lines

IMPORT = add_page(
    OperationPage(
        "import-csv",
        "Import CSV",
        "Change and add Sites, Hosts, netblocks or URLs as a file says, all lines or none. "
        "Nothing is deleted. Export a list to see the columns.",
        ImportCsvForm,
        tuple(
            f"registry.{verb}_{name}"
            for verb in ("add", "change")
            for name in ("site", "host", "hostnetblock", "hostcategoryurl")
        ),
    )
)


class CsvAdmin(ModelAdmin):
    """The list of a table that can be exported as it is filtered."""

    csv_table: str

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export)
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export.csv", view, name=name), *super().get_urls()]

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """Stream what the list shows with the same filters, all pages of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        shown = self.get_changelist_instance(request).get_queryset(request)
        response = StreamingHttpResponse(
            export_lines(self.csv_table, shown), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = f'attachment; filename="{self.csv_table}.csv"'
        return response

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        tools = {"csv_table": self.csv_table, "may_import": IMPORT.may(request)}
        return super().changelist_view(request, {**tools, **(extra_context or {})})
