"""Add a shipped set of rules to Categories, by the same way as any other network file."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from registry.logic.network.reading import read_document
from registry.models import Category
from registry.reference.rule_sets import RULE_SETS, RuleSet
from registry.services.network_file import Outcome, import_network


class RuleSetError(ValueError):
    """A set cannot be added; the sentence says why and what to do."""


def find_rule_set(name: str) -> RuleSet:
    """Return a shipped set by its name; raise RuleSetError with those that exist."""
    for rule_set in RULE_SETS:
        if rule_set.name == name:
            return rule_set
    names = ", ".join(rule_set.name for rule_set in RULE_SETS)
    raise RuleSetError(f"There is no shipped set “{name}”. There are: {names}.")


def add_rule_set(
    name: str,
    *,
    categories: Sequence[str] = (),
    now: datetime,
    dry_run: bool = False,
    actor: AbstractBaseUser | None = None,
) -> Outcome:
    """Add the rules and aliases of a shipped set to Categories; return what that changed.

    Without Categories those are meant that have one of the names for which the set was made.
    Rules with the same pattern in the same Category become those of the set, all others stay.
    Raises RuleSetError.
    """
    rule_set = find_rule_set(name)
    document = read_document(rule_set.read())
    document["repository_mappings"] = [
        {"category": category} | rule
        for category in _chosen(rule_set, categories)
        for rule in document["repository_mappings"]
    ]
    return import_network(
        json.dumps(document).encode(),
        source=f"rule set {name}",
        now=now,
        dry_run=dry_run,
        actor=actor,
    )


def _chosen(rule_set: RuleSet, names: Sequence[str]) -> list[str]:
    known = set(Category.objects.values_list("name", flat=True))
    there = ", ".join(sorted(known)) or "none"
    for name in names:
        if name not in known:
            raise RuleSetError(f"There is no Category “{name}”. There are: {there}.")
    chosen = list(names) or [name for name in rule_set.categories if name in known]
    if not chosen:
        usual = " or ".join(f"“{name}”" for name in rule_set.categories)
        raise RuleSetError(
            f"No Category is called {usual}, for which “{rule_set.name}” was made. "
            f"Say which is meant with --category. There are: {there}."
        )
    return list(dict.fromkeys(chosen))
