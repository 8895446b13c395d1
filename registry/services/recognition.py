"""Read the rules of recognition from the tables, and try them. `logic.recognition` decides."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from registry.logic.places import join_path, normalize_path
from registry.logic.recognition import Recognition, recognize, refuse_path
from registry.logic.repository_kinds import RepositoryFormat, format_of_path
from registry.logic.rulebook import MappingRule, Rulebook, compile_rulebook
from registry.models import Arch, Category, RepositoryAlias, RepositoryMapping, Version


class UnknownCategoryError(ValueError):
    """A Category of this name does not exist; the sentence says which do."""


class TriedPath(NamedTuple):
    """A path as it was given, the format that it names, and what the rules make of it."""

    path: str
    format: RepositoryFormat
    recognition: Recognition


def find_category(name: str) -> Category:
    """Return a Category by its name; raise UnknownCategoryError with those that exist."""
    category = Category.objects.filter(name=name).first()
    if category is None:
        there = ", ".join(Category.objects.order_by("name").values_list("name", flat=True))
        raise UnknownCategoryError(f"There is no Category “{name}”. There are: {there or 'none'}.")
    return category


def load_rulebook(category: Category) -> Rulebook:
    """Return everything the operator's tables say about one Category. Costs four queries."""
    rows = RepositoryMapping.objects.order_by("position", "id").values_list(
        "pattern", "prefix", "version_prefix", "position", "category__name"
    )
    versions = Version.objects.filter(product=category.product_id).order_by("id")
    return compile_rulebook(
        [MappingRule(*row) for row in rows],
        category=category.name,
        aliases=dict(RepositoryAlias.objects.values_list("from_text", "to_text")),
        versions=versions.values_list("name", flat=True) if category.product_id else (),
        arches=Arch.objects.order_by("name").values_list("name", flat=True),
    )


def try_paths(category: Category, paths: Iterable[str]) -> Iterator[TriedPath]:
    """Yield what the rules make of paths below the top directory, whether they exist or not.

    A path may name a file of metadata by which its format is known; otherwise it is taken for the
    Directory of an RPM Repository. Who has the prefix already is not asked.
    """
    rulebook = load_rulebook(category)
    for given in paths:
        try:
            format_, path = format_of_path(normalize_path(given))
        except ValueError as error:
            yield TriedPath(given, RepositoryFormat.RPM, refuse_path(str(error)))
            continue
        whole = join_path(category.top_directory, path)
        found = recognize(path, full_path=whole, rulebook=rulebook, format_=format_)
        yield TriedPath(given, format_, found)
