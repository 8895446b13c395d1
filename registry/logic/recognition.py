"""Which Repository a path in the master tree is: its prefix, Version and Arch, and why.

Knows the operator's rules as data (mapping rules, aliases, Versions, arches) and the conventions
of paths in the field (docs/how-it-works/recognition.md). Deliberately reads no files: a path is
all that it sees.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from registry.logic.places import printable

# Lengths of the columns; what is longer is not a name that anybody uses.
LONGEST_PREFIX = 200
LONGEST_VERSION = 100

SOURCE_ARCH = "source"
# The moving version has two names in the field: rawhide in paths, development in databases.
RAWHIDE = "rawhide"
DEVELOPMENT = "development"
TEST_COMPONENTS = frozenset({"test", "stage"})

_VERSION = re.compile(r"[0-9][0-9.]*(?:[-_]\w+)?")
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


class Kind(Enum):
    """What a Repository holds; source and debug are part of its prefix."""

    BINARY = "binary"
    SOURCE = "source"
    DEBUG = "debug"

    @property
    def suffix(self) -> str:
        return "" if self is Kind.BINARY else f"-{self.value}"


# What begins a component of the path → the kind; the first row that fits wins.
KINDS = (
    ("/source", Kind.SOURCE),
    ("/SRPMS", Kind.SOURCE),
    ("/src", Kind.SOURCE),
    ("/debug", Kind.DEBUG),
)


class RecognitionReason(Enum):
    """Why a path got its prefix, or none."""

    RECOGNIZED = "recognized"
    NO_RULE = "no_rule"
    NO_VERSION = "no_version"
    NO_ARCH = "no_arch"
    TOO_LONG = "too_long"
    TAKEN = "taken"


@dataclass(frozen=True)
class MappingRule:
    """One row of the mapping; without a Category it holds everywhere."""

    pattern: str
    prefix: str
    version_prefix: str = ""
    position: int = 100
    category: str | None = None


@dataclass(frozen=True)
class CompiledRule:
    """A MappingRule whose pattern is known to be good."""

    rule: MappingRule
    pattern: re.Pattern[str]


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


@dataclass(frozen=True)
class Recognition:
    """What a path is. Without a prefix, `reason` and `sentence` say why.

    `version` and `arch` are names and None if there is none. The Version need not exist yet;
    `is_test` says how to create it.
    """

    kind: Kind
    prefix: str
    version: str | None
    arch: str | None
    is_test: bool
    reason: RecognitionReason
    sentence: str

    @property
    def recognized(self) -> bool:
        return self.reason is RecognitionReason.RECOGNIZED


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
            compiled.append(CompiledRule(rule, _compile(rule)))
        except ValueError as error:
            refused.append(str(error))
    return Rulebook(
        rules=tuple(compiled),
        refused=tuple(refused),
        aliases=dict(aliases),
        versions=tuple(versions),
        arches=tuple(arches),
    )


def recognize(relative: str, *, full_path: str, rulebook: Rulebook) -> Recognition:
    """Say which Repository the Directory above some repodata is.

    Rules are searched in the path relative to the top directory, once as it is and once with a
    slash at its end, so that both `/os$` and `/os/` match; kind, Version and Arch are read from
    the full path, because a top directory may name them. The first rule that matches decides,
    even if it leads to no prefix. Without a rule the prefix is empty.
    """
    components = full_path.split("/")
    kind = _kind_of(full_path)
    arch = _arch_of(components, kind=kind, arches=rulebook.arches)
    blank = Recognition(
        kind=kind,
        prefix="",
        version=_version_of(components, rulebook=rulebook),
        arch=arch,
        is_test=not TEST_COMPONENTS.isdisjoint(components),
        reason=RecognitionReason.NO_RULE,
        sentence=f"No mapping rule matches “{printable(relative)}”; add one that does.",
    )
    found = _first_match(relative, rulebook.rules)
    return blank if found is None else _apply(*found, blank=blank, rulebook=rulebook)


def yield_to(recognition: Recognition, *, holder: str) -> Recognition:
    """Return the Recognition of a path whose prefix and Arch another Directory already has."""
    return replace(
        recognition,
        prefix="",
        reason=RecognitionReason.TAKEN,
        sentence=f"“{recognition.prefix}” for {recognition.arch} already is "
        f"“{printable(holder)}”. Move that Repository here, or change a mapping rule.",
    )


def _compile(rule: MappingRule) -> re.Pattern[str]:
    try:
        pattern = re.compile(rule.pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(
            f"The mapping rule “{rule.pattern}” is skipped: it is not a regular expression "
            f"({error}). Correct it."
        ) from error
    unknown = set(_PLACEHOLDER.findall(rule.prefix)) - set(pattern.groupindex)
    if unknown:
        raise ValueError(
            f"The mapping rule “{rule.pattern}” is skipped: its prefix “{rule.prefix}” names "
            f"{', '.join(sorted(unknown))}, but the pattern has no such group. Correct it."
        )
    return pattern


def _first_match(
    relative: str, rules: Sequence[CompiledRule]
) -> tuple[MappingRule, re.Match[str]] | None:
    for compiled in rules:
        match = compiled.pattern.search(relative) or compiled.pattern.search(f"{relative}/")
        if match:
            return compiled.rule, match
    return None


def _apply(
    rule: MappingRule, match: re.Match[str], *, blank: Recognition, rulebook: Rulebook
) -> Recognition:
    """Return what the matching rule makes of a path that has no prefix yet."""
    version = match["version"] or None if "version" in match.re.groupindex else blank.version
    if version is None and rulebook.versions and "version" not in match.re.groupindex:
        return replace(
            blank,
            reason=RecognitionReason.NO_VERSION,
            sentence=f"Rule “{rule.pattern}” matches, but no component of the path is a version. "
            "Give the pattern a group named version, an empty one if there is none.",
        )
    if blank.arch is None:
        return replace(
            blank,
            version=version,
            reason=RecognitionReason.NO_ARCH,
            sentence=f"Rule “{rule.pattern}” matches, but no component of the path is a known "
            "Arch. Add the Arch.",
        )
    prefix = _prefix_of(rule, match, kind=blank.kind, version=version, aliases=rulebook.aliases)
    if len(prefix) > LONGEST_PREFIX or len(version or "") > LONGEST_VERSION:
        return replace(
            blank,
            version=None,
            reason=RecognitionReason.TOO_LONG,
            sentence=f"Rule “{rule.pattern}” matches, but the prefix would have {len(prefix)} "
            f"characters and at most {LONGEST_PREFIX} are allowed. Make the rule stricter.",
        )
    return replace(
        blank,
        prefix=prefix,
        version=version,
        reason=RecognitionReason.RECOGNIZED,
        sentence=f"Rule “{rule.pattern}” gives “{rule.prefix}”; the path says "
        f"{f'version {version}' if version else 'no version'}, {blank.kind.value}, {blank.arch}.",
    )


def _prefix_of(
    rule: MappingRule,
    match: re.Match[str],
    *,
    kind: Kind,
    version: str | None,
    aliases: Mapping[str, str],
) -> str:
    """Return prefix, kind and version joined; aliases replace the text before the version.

    Without a version, and for rawhide, nothing is appended.
    """
    groups = match.groupdict(default="")
    text = _PLACEHOLDER.sub(lambda found: groups[found[1]], rule.prefix) + kind.suffix
    if version is None or version in {RAWHIDE, DEVELOPMENT}:
        return aliases.get(text, text)
    text = f"{text}-"
    return f"{aliases.get(text, text)}{rule.version_prefix}{version}"


def _kind_of(full_path: str) -> Kind:
    path = f"/{full_path}"
    return next((kind for fragment, kind in KINDS if fragment in path), Kind.BINARY)


def _arch_of(components: Sequence[str], *, kind: Kind, arches: Sequence[str]) -> str | None:
    """Return the first known Arch that is a component; sources are `source` wherever they are.

    Clients that ask for a source Repository always send `source`, whatever they run on.
    """
    if kind is Kind.SOURCE:
        return SOURCE_ARCH if SOURCE_ARCH in arches else None
    return next((arch for arch in arches if arch in components), None)


def _version_of(components: Sequence[str], *, rulebook: Rulebook) -> str | None:
    """Return the leftmost component that is a known Version, else the first that looks like one.

    `development` never matches as a component: `development/43` is version 43.
    """
    names = {name: name for name in rulebook.versions if name != DEVELOPMENT}
    if DEVELOPMENT in rulebook.versions:
        names.setdefault(RAWHIDE, DEVELOPMENT)
    known = next((names[part] for part in components if part in names), None)
    if known is not None:
        return known
    if RAWHIDE in components:
        return DEVELOPMENT
    return next((part for part in components if _looks_like_version(part, rulebook.arches)), None)


def _looks_like_version(component: str, arches: Sequence[str]) -> bool:
    return (
        len(component) <= LONGEST_VERSION
        and component not in arches
        and _VERSION.fullmatch(component) is not None
    )
