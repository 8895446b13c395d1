"""The admin page of the pieces of large files."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.admin.base import ReadOnlyAdmin, ago
from registry.logic.pieces import DIGEST_BYTES
from registry.models import FilePieces


@admin.register(FilePieces)
class FilePiecesPage(ReadOnlyAdmin):
    list_display = ("filename", "directory", "size_bytes", "piece_bytes", "hashed")
    list_filter = ("directory__category",)
    list_select_related = ("directory",)
    search_fields = ("filename", "directory__path")
    autocomplete_fields = ("directory",)
    exclude = ("digests",)
    readonly_fields = ("pieces",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("digests", "directory__listing")

    @admin.display(description="pieces")
    def pieces(self, obj: FilePieces) -> int:
        return len(obj.digests) // DIGEST_BYTES

    @admin.display(description="hashed", ordering="hashed_at")
    def hashed(self, obj: FilePieces) -> SafeString | str:
        return ago(obj.hashed_at)
