"""Add a Product, or a release of one, with what a scan and a master Host need."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from django.core.exceptions import ValidationError

from registry.logic.operations.release import AddStep, Existing, Wanted, plan_addition
from registry.logic.operations.steps import Plan
from registry.logic.places import normalize_path
from registry.logic.urls import normalize_url
from registry.models import (
    Category,
    EventKind,
    HostCategory,
    HostCategoryUrl,
    Product,
    Version,
)
from registry.services.operations.base import Notes, Operation, OperationError
from registry.services.operations.lookups import find_host

Added = Product | Category | Version | HostCategory | HostCategoryUrl
T = TypeVar("T", Product, Category, Version, HostCategory, HostCategoryUrl)


@dataclass(frozen=True)
class AddRelease(Operation[AddStep]):
    """Add the rows that are wanted and do not exist."""

    wanted: Wanted

    def plan(self, *, now: datetime) -> Plan[AddStep]:
        wanted = checked(self.wanted)
        if wanted.host:
            find_host(wanted.host)
        return plan_addition(wanted, _existing(wanted))

    def write(self, plan: Plan[AddStep], note: Notes) -> None:
        wanted = checked(self.wanted)
        tables = {step.table for step in plan.writes}
        names = {step.name for step in plan.writes if step.table == "version"}
        product = Product.objects.filter(name=wanted.product).first()
        product = product or _saved(Product(name=wanted.product))
        made: list[Added] = [product] if "product" in tables else []
        if "category" in tables:
            made.append(_saved(_category(wanted, product)))
        for name in dict.fromkeys(wanted.versions):
            if f"{wanted.product} {name}" in names:
                made.append(_saved(Version(product=product, name=name)))
        made.extend(_add_copy(wanted, tables))
        for thing in made:
            sentence = f"An operator added the {thing._meta.verbose_name} “{thing}”."
            note(thing, EventKind.CREATED, sentence)


def checked(wanted: Wanted) -> Wanted:
    """Return what is wanted with its path and URL as they are stored. Raises OperationError."""
    if not wanted.product.strip():
        raise OperationError("Name the Product.")
    if wanted.category and not wanted.top_directory:
        raise OperationError("A Category needs its top directory, for example pub/fedora/linux.")
    if not wanted.category and (wanted.top_directory or wanted.host or wanted.source_location):
        raise OperationError("Name the Category that has this top directory, source or Host.")
    if wanted.url and not wanted.host:
        raise OperationError("Name the Host that has this URL.")
    try:
        return replace(
            wanted,
            top_directory=normalize_path(wanted.top_directory),
            url=normalize_url(wanted.url) if wanted.url else "",
        )
    except ValueError as error:
        raise OperationError(str(error)) from error


def _existing(wanted: Wanted) -> Existing:
    product = Product.objects.filter(name=wanted.product).first()
    category = Category.objects.filter(name=wanted.category).select_related("product").first()
    versions = Version.objects.filter(product=product) if product else Version.objects.none()
    copy = None
    if category is not None and wanted.host:
        copy = HostCategory.objects.filter(host__name=wanted.host, category=category).first()
    owners = HostCategoryUrl.objects.filter(url=wanted.url) if wanted.url else ()
    return Existing(
        product=product is not None,
        versions=frozenset(versions.values_list("name", flat=True)),
        category=None
        if category is None
        else (str(category.product or ""), category.top_directory),
        tops=dict(Category.objects.values_list("top_directory", "name")),
        copy=None if copy is None else frozenset(copy.urls.values_list("url", flat=True)),
        urls={row.url: str(row.host_category) for row in owners},
    )


def _category(wanted: Wanted, product: Product) -> Category:
    return Category(
        name=wanted.category,
        product=product,
        top_directory=wanted.top_directory,
        source_location=wanted.source_location,
    )


def _add_copy(wanted: Wanted, tables: set[str]) -> list[Added]:
    """Let the master Host carry the Category, always up2date, under its URL."""
    made: list[Added] = []
    if not tables & {"copy", "url"}:
        return made
    host = find_host(wanted.host)
    category = Category.objects.get(name=wanted.category)
    copy = HostCategory.objects.filter(host=host, category=category).first()
    if copy is None:
        copy = _saved(HostCategory(host=host, category=category, always_up2date=True))
        made.append(copy)
    if "url" in tables:
        made.append(_saved(HostCategoryUrl(host_category=copy, url=wanted.url)))
    return made


def _saved(thing: T) -> T:
    """Save a row if it is valid. Raises OperationError with what the fields say."""
    try:
        thing.full_clean()
    except ValidationError as error:
        name = thing._meta.verbose_name
        raise OperationError(f"The {name} cannot be added. {' '.join(error.messages)}") from error
    thing.save()
    return thing
