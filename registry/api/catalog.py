"""GET: what is mirrored and where one may be: countries, Products, Versions, Arches, Categories."""

from django_filters import rest_framework as filters
from rest_framework.mixins import RetrieveModelMixin

from registry.api.base import Rows
from registry.api.documents import (
    ArchDocument,
    CategoryDocument,
    CountryDocument,
    ProductDocument,
    VersionDocument,
)
from registry.models import Arch, Category, Country, Product, Version


class Catalog(RetrieveModelMixin, Rows):
    """Something that everybody may read."""


class Countries(Catalog):
    """The countries of ISO 3166-1."""

    queryset = Country.objects.order_by("code")
    serializer_class = CountryDocument
    filterset_fields = ["continent"]
    ordering_fields = ["code", "name"]
    lookup_field = "code"


class Products(Catalog):
    """What is released, for example Fedora."""

    queryset = Product.objects.publiclisted().order_by("name")
    serializer_class = ProductDocument
    filterset_fields = ["name"]
    ordering_fields = ["name"]


class VersionFilter(filters.FilterSet):
    """Which Versions are listed."""

    product = filters.CharFilter(field_name="product__name")

    class Meta:
        model = Version
        fields = ["name", "is_test"]


class Versions(Catalog):
    """Versions of Products."""

    queryset = (
        Version.objects.publiclisted()
        .select_related("product")
        .order_by("product__name", "name", "pk")
    )
    serializer_class = VersionDocument
    filterset_class = VersionFilter
    ordering_fields = ["name"]


class Arches(Catalog):
    """Architectures."""

    queryset = Arch.objects.publiclisted().order_by("name")
    serializer_class = ArchDocument
    filterset_fields = ["name", "primary"]
    ordering_fields = ["name"]


class CategoryFilter(filters.FilterSet):
    """Which Categories are listed."""

    product = filters.CharFilter(field_name="product__name")

    class Meta:
        model = Category
        fields = ["name", "admin_only"]


class Categories(Catalog):
    """Trees of content that one may carry as a whole."""

    queryset = Category.objects.publiclisted().select_related("product").order_by("name")
    serializer_class = CategoryDocument
    filterset_class = CategoryFilter
    ordering_fields = ["name"]
