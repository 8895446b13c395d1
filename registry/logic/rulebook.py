"""The operator's rules of recognition as data, checked and in the order in which they are tried.

Knows what a rule may say; `recognition` knows what a path makes of it. Reads no tables.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
# What a prefix may name beside the groups of its pattern: the parts that are appended otherwise.
PARTS = frozenset({"version", "kind"})
# An empty group `arch_x86_64` says of which Arch a Repository is whose path names none.
ARCH_GROUP = "arch_"


@dataclass(frozen=True)
class MappingRule:
    """One row of the mapping; without a Category it holds everywhere.

    Without a prefix it says that there is no Repository where it matches.
    """

    pattern: str
    prefix: str
    version_prefix: str = ""
    position: int = 100
    category: str | None = None


@dataclass(frozen=True)
class CompiledRule:
    """A MappingRule whose pattern is known to be good.

    `arch` is that of paths that name none; None leaves them without. A `whole` prefix places
    version and kind itself, so that nothing is appended.
    """

    rule: MappingRule
    pattern: re.Pattern[str]
    arch: str | None
    whole: bool


@dataclass(frozen=True)
class Rulebook:
    """Everything the operator's tables say about one Category, in the order it is tried.

    `refused` has a sentence for every rule that cannot be used. `versions` are those of the
    Product; a Category without a Product, or a Product without Versions, has none.
    """

    rules: tuple[CompiledRule, ...]
    refused: tuple[str, ...]
    aliases: Mapping[str, str]
    versions: tuple[str, ...]
    arches: tuple[str, ...]


def compile_rulebook(
    rules: Iterable[MappingRule],
    *,
    category: str,
    aliases: Mapping[str, str],
    versions: Iterable[str],
    arches: Iterable[str],
) -> Rulebook:
    """Return the rules of one Category in the order in which they are tried.

    Lowest position first; at equal positions the Category's own rules come before those for all,
    else the given order stays. A rule that cannot be used is left out and named in `refused`.
    """
    own = [rule for rule in rules if rule.category in {None, category}]
    compiled: list[CompiledRule] = []
    refused: list[str] = []
    for rule in sorted(own, key=lambda rule: (rule.position, rule.category is None)):
        try:
            compiled.append(_compile(rule))
        except ValueError as error:
            refused.append(str(error))
    return Rulebook(
        rules=tuple(compiled),
        refused=tuple(refused),
        aliases=dict(aliases),
        versions=tuple(versions),
        arches=tuple(arches),
    )


def _compile(rule: MappingRule) -> CompiledRule:
    try:
        pattern = re.compile(rule.pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(
            f"The mapping rule “{rule.pattern}” is skipped: it is not a regular expression "
            f"({error}). Correct it."
        ) from error
    names = set(PLACEHOLDER.findall(rule.prefix))
    unknown = names - set(pattern.groupindex) - PARTS
    if unknown:
        raise ValueError(
            f"The mapping rule “{rule.pattern}” is skipped: its prefix “{rule.prefix}” names "
            f"{', '.join(sorted(unknown))}, but the pattern has no such group. Correct it."
        )
    arches = [name for name in pattern.groupindex if name.startswith(ARCH_GROUP)]
    arch = arches[0].removeprefix(ARCH_GROUP) if arches else None
    return CompiledRule(rule, pattern, arch, whole=not names.isdisjoint(PARTS))
