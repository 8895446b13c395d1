"""One factory per model that tests need. Sequences only, so that no two runs differ."""

from datetime import UTC, datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from registry.logic.listings import Entry, digest_listing, pack_listing
from registry.models import (
    Arch,
    Category,
    Country,
    Directory,
    FileDetail,
    Host,
    HostCategory,
    HostCategoryUrl,
    HostNetblock,
    Product,
    Repository,
    RepositoryMapping,
    Site,
    SiteAdmin,
    Version,
)

THEN = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)


class SiteFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Site {n}")

    class Meta:
        model = Site


class SiteAdminFactory(DjangoModelFactory):
    site = factory.SubFactory(SiteFactory)

    class Meta:
        model = SiteAdmin


class HostFactory(DjangoModelFactory):
    site = factory.SubFactory(SiteFactory)
    name = factory.Sequence(lambda n: f"mirror{n}.example.org")
    country = factory.LazyFunction(lambda: Country.objects.get(code="DE"))

    class Meta:
        model = Host


class HostNetblockFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    netblock = factory.Sequence(lambda n: f"198.51.{n % 256}.0/24")

    class Meta:
        model = HostNetblock


class ProductFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Product {n}")

    class Meta:
        model = Product


class VersionFactory(DjangoModelFactory):
    product = factory.SubFactory(ProductFactory)
    name = factory.Sequence(lambda n: str(40 + n))

    class Meta:
        model = Version


class CategoryFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Category {n}")
    product = factory.SubFactory(ProductFactory)
    top_directory = factory.Sequence(lambda n: f"pub/category{n}")

    class Meta:
        model = Category


class DirectoryFactory(DjangoModelFactory):
    """A Directory; `entries` are its files."""

    class Meta:
        model = Directory

    class Params:
        entries: tuple[Entry, ...] = ()

    category = factory.SubFactory(CategoryFactory)
    path = factory.LazyAttributeSequence(lambda o, n: f"{o.category.top_directory}/directory{n}")
    changed_at = THEN
    scanned_at = THEN
    file_count = factory.LazyAttribute(lambda o: len(o.entries))
    size_bytes = factory.LazyAttribute(lambda o: sum(entry.size for entry in o.entries))
    digest = factory.LazyAttribute(lambda o: digest_listing(o.entries))
    listing = factory.LazyAttribute(lambda o: pack_listing(o.entries))


class FileDetailFactory(DjangoModelFactory):
    directory = factory.SubFactory(DirectoryFactory)
    filename = "repomd.xml"
    timestamp = 1_700_000_000
    size_bytes = 3000
    seen_at = THEN

    class Meta:
        model = FileDetail


class RepositoryFactory(DjangoModelFactory):
    directory = factory.SubFactory(DirectoryFactory)
    category = factory.SelfAttribute("directory.category")
    prefix = factory.Sequence(lambda n: f"fedora-{n}")
    arch = factory.LazyFunction(lambda: Arch.objects.get(name="x86_64"))

    class Meta:
        model = Repository


class RepositoryMappingFactory(DjangoModelFactory):
    pattern = factory.Sequence(lambda n: f"^releases/{n}/")
    prefix = "fedora"

    class Meta:
        model = RepositoryMapping


class HostCategoryFactory(DjangoModelFactory):
    host = factory.SubFactory(HostFactory)
    category = factory.SubFactory(CategoryFactory)

    class Meta:
        model = HostCategory


class HostCategoryUrlFactory(DjangoModelFactory):
    host_category = factory.SubFactory(HostCategoryFactory)
    url = factory.Sequence(lambda n: f"https://mirror{n}.example.org/pub")

    class Meta:
        model = HostCategoryUrl


def carry(host: Host, category: Category, url: str, **extra: Any) -> HostCategory:
    """Let a Host carry a Category under one URL."""
    host_category: HostCategory = HostCategoryFactory.create(host=host, category=category, **extra)
    HostCategoryUrlFactory.create(host_category=host_category, url=url)
    return host_category
