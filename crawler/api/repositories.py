"""GET: Repositories, each with its newest measurement of propagation, and all measurements."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.mixins import RetrieveModelMixin

from crawler.models import PropagationStat
from registry.api.base import Rows
from registry.models import Repository

AGES = ("same_day", "one_day", "two_day", "older", "no_info")


class MeasurementDocument(serializers.ModelSerializer[PropagationStat]):
    """How many Hosts had which age of a Repository at one moment."""

    class Meta:
        model = PropagationStat
        fields = ["at", *AGES]


class RepositoryDocument(serializers.ModelSerializer[Repository]):
    """A Repository, and how many Hosts have which age of it."""

    directory = serializers.CharField(source="directory.path")
    changed_at = serializers.DateTimeField(source="directory.changed_at")
    category = serializers.CharField(source="category.name")
    version = serializers.SerializerMethodField()
    arch = serializers.CharField(source="arch.name")
    propagation = serializers.SerializerMethodField()

    class Meta:
        model = Repository
        fields = [
            "id",
            "prefix",
            "arch",
            "kind",
            "category",
            "version",
            "directory",
            "changed_at",
            "propagation",
        ]

    def get_version(self, repository: Repository) -> str | None:
        return None if repository.version is None else str(repository.version)

    def get_propagation(self, repository: Repository) -> dict[str, Any] | None:
        stat = self.context.get("newest", {}).get(repository.__dict__.get("newest_id"))
        return None if stat is None else dict(MeasurementDocument(stat).data)


class RepositoryFilter(filters.FilterSet):
    """Which Repositories are listed."""

    prefix = filters.CharFilter()
    arch = filters.CharFilter(field_name="arch__name")
    category = filters.CharFilter(field_name="category__name")
    version = filters.CharFilter(field_name="version__name")

    class Meta:
        model = Repository
        fields = ["kind"]


class Repositories(RetrieveModelMixin, Rows):
    """What clients ask for by prefix and Arch, and how far new content has come."""

    queryset = Repository.objects.none()
    serializer_class = RepositoryDocument
    filterset_class = RepositoryFilter
    ordering_fields = ["prefix"]

    def get_queryset(self) -> QuerySet[Repository]:
        newest = PropagationStat.objects.filter(repository=OuterRef("pk")).order_by("-at")
        return (
            Repository.objects.publiclisted()
            .annotate(newest_id=Subquery(newest.values("pk")[:1]))
            .select_related("arch", "category", "directory", "version__product")
            .defer("directory__listing", "directory__digest")
            .order_by("prefix", "arch__name", "pk")
        )

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        rows = args[0] if args else []
        shown = rows if isinstance(rows, list) else [rows]
        ids = [row.__dict__["newest_id"] for row in shown if isinstance(row, Repository)]
        newest = PropagationStat.objects.in_bulk([each for each in ids if each is not None])
        kwargs["context"] = self.get_serializer_context() | {"newest": newest}
        return self.get_serializer_class()(*args, **kwargs)


class Measurements(Rows):
    """All measurements of one Repository, newest first."""

    queryset = PropagationStat.objects.none()
    serializer_class = MeasurementDocument
    filter_backends: Any = []

    def get_queryset(self) -> QuerySet[PropagationStat]:
        public = Repository.objects.publiclisted().filter(pk=self.kwargs["repository"])
        found = PropagationStat.objects.filter(repository__in=public.order_by().values("pk"))
        return found.order_by("-at", "-pk")
