"""Read the rules of recognition from the tables. Decides nothing: `logic.recognition` does."""

from registry.logic.rulebook import MappingRule, Rulebook, compile_rulebook
from registry.models import Arch, Category, RepositoryAlias, RepositoryMapping, Version


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
