"""GET /api/v1/snapshots/: what clients are answered from; operators see refused ones, too."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from mirrorlist.models import Snapshot
from registry.api.access import person_of
from registry.api.base import Rows
from registry.querysets import sees_everything


class SnapshotDocument(serializers.ModelSerializer[Snapshot]):
    """One snapshot."""

    class Meta:
        model = Snapshot
        fields = [
            "id",
            "state",
            "reason",
            "filename",
            "sha256",
            "size_bytes",
            "built_at",
            "published_at",
            "counts",
        ]


class Snapshots(Rows):
    """What edges answer from: the published snapshot, and for operators all, newest first."""

    queryset = Snapshot.objects.none()
    serializer_class = SnapshotDocument
    filter_backends: Any = []

    def get_queryset(self) -> QuerySet[Snapshot]:
        rows = Snapshot.objects.order_by("-built_at", "-pk")
        if sees_everything(person_of(self.request)):
            return rows
        return rows.filter(state=Snapshot.State.PUBLISHED)
