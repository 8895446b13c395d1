"""Which Repository a path in the master tree is: its prefix, Version and Arch, and why.

Knows the operator's rules as data (mapping rules, aliases, Versions, arches) and the conventions
of paths in the field (docs/how-it-works/recognition.md). Deliberately reads no files: a path is
all that it sees.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from registry.logic.places import printable
from registry.logic.repository_kinds import NAMING, RepositoryFormat
from registry.logic.rulebook import PLACEHOLDER, CompiledRule, MappingRule, Rulebook

# Lengths of the columns; what is longer is not a name that anybody uses.
LONGEST_PREFIX = 200
LONGEST_VERSION = 100

SOURCE_ARCH = "source"
# The moving version has two names in the field: rawhide in paths, development in databases.
RAWHIDE = "rawhide"
DEVELOPMENT = "development"
TEST_COMPONENTS = frozenset({"test", "stage"})
# What is staged is not announced yet, so that its Version stays off public pages.
HIDDEN_COMPONENTS = frozenset({"stage"})

_VERSION = re.compile(r"[0-9][0-9.]*(?:[-_]\w+)?")
_PRERELEASE = re.compile(r"[-_](?:alpha|beta|rc)", re.IGNORECASE)


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
    LEFT_OUT = "left_out"
    BY_PATH = "by_path"
    NO_RULE = "no_rule"
    NO_VERSION = "no_version"
    NO_ARCH = "no_arch"
    TOO_LONG = "too_long"
    TAKEN = "taken"
    NO_PATH = "no_path"


@dataclass(frozen=True)
class Recognition:
    """What a path is. Without a prefix, `reason` and `sentence` say why.

    `version` and `arch` are names and None if there is none. The Version need not exist yet;
    `is_test` and `display` say how to create it. `rule` is the one that matched.
    """

    kind: Kind
    prefix: str
    version: str | None
    arch: str | None
    is_test: bool
    display: bool
    reason: RecognitionReason
    sentence: str
    rule: MappingRule | None = None

    @property
    def recognized(self) -> bool:
        return self.reason is RecognitionReason.RECOGNIZED


def recognize(
    relative: str,
    *,
    full_path: str,
    rulebook: Rulebook,
    format_: RepositoryFormat = RepositoryFormat.RPM,
) -> Recognition:
    """Say which Repository the Directory above some metadata is.

    Rules are searched in the path relative to the top directory, once as it is and once with a
    slash at its end, so that both `/os$` and `/os/` match; kind, Version and Arch are read from
    the full path, because a top directory may name them. The first rule that matches decides,
    even if it leads to no prefix. Without a rule the prefix is empty, which is as it should be
    for formats whose clients ask by path.
    """
    naming = NAMING[format_]
    implied = naming.arch if naming.arch in rulebook.arches else None
    components = full_path.split("/")
    kind = _kind_of(full_path)
    version = _version_of(components, rulebook=rulebook)
    blank = Recognition(
        kind=kind,
        prefix="",
        version=version,
        arch=_arch_of(components, kind=kind, arches=rulebook.arches) or implied,
        is_test=_is_test(version, components),
        display=HIDDEN_COMPONENTS.isdisjoint(components),
        reason=RecognitionReason.NO_RULE,
        sentence=f"No mapping rule matches “{printable(relative)}”; add one that does.",
    )
    found = _first_match(relative, rulebook.rules)
    if found is None and naming.by_path:
        sentence = "No mapping rule matches, and none needs to: its clients ask by path."
        return replace(blank, reason=RecognitionReason.BY_PATH, sentence=sentence)
    if found is None:
        return blank
    rule, match = found
    blank = replace(blank, rule=rule.rule)
    if not rule.rule.prefix:
        return replace(
            blank,
            reason=RecognitionReason.LEFT_OUT,
            sentence=f"Rule “{rule.rule.pattern}” says that there is no Repository here.",
        )
    return _apply(rule, match, blank=blank, rulebook=rulebook)


def yield_to(recognition: Recognition, *, holder: str) -> Recognition:
    """Return the Recognition of a path whose prefix and Arch another Directory already has."""
    return replace(
        recognition,
        prefix="",
        reason=RecognitionReason.TAKEN,
        sentence=f"“{recognition.prefix}” for {recognition.arch} already is "
        f"“{printable(holder)}”. Move that Repository here, or change a mapping rule.",
    )


def refuse_path(sentence: str) -> Recognition:
    """Return the Recognition of what is not a path inside the master tree."""
    return Recognition(
        kind=Kind.BINARY,
        prefix="",
        version=None,
        arch=None,
        is_test=False,
        display=True,
        reason=RecognitionReason.NO_PATH,
        sentence=sentence,
    )


def _first_match(
    relative: str, rules: Sequence[CompiledRule]
) -> tuple[CompiledRule, re.Match[str]] | None:
    for rule in rules:
        match = rule.pattern.search(relative) or rule.pattern.search(f"{relative}/")
        if match:
            return rule, match
    return None


def _apply(
    found: CompiledRule, match: re.Match[str], *, blank: Recognition, rulebook: Rulebook
) -> Recognition:
    """Return what the matching rule makes of a path that has no prefix yet."""
    rule = found.rule
    named = "version" in match.re.groupindex
    version = match["version"] or None if named else blank.version
    blank = replace(
        blank,
        version=version,
        arch=blank.arch or (found.arch if found.arch in rulebook.arches else None),
        is_test=blank.is_test or _is_test(version, ()),
    )
    if version is None and not named and (rulebook.versions or "${version}" in rule.prefix):
        return replace(
            blank,
            reason=RecognitionReason.NO_VERSION,
            sentence=f"Rule “{rule.pattern}” matches, but no component of the path is a version. "
            "Give the pattern a group named version, an empty one if there is none.",
        )
    if blank.arch is None:
        return replace(
            blank,
            reason=RecognitionReason.NO_ARCH,
            sentence=f"Rule “{rule.pattern}” matches, but no component of the path is a known "
            "Arch. Add the Arch.",
        )
    prefix = _prefix_of(found, match, blank=blank, aliases=rulebook.aliases)
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
        reason=RecognitionReason.RECOGNIZED,
        sentence=f"Rule “{rule.pattern}” gives “{rule.prefix}”; the path says "
        f"{f'version {version}' if version else 'no version'}, {blank.kind.value}, {blank.arch}.",
    )


def _prefix_of(
    found: CompiledRule,
    match: re.Match[str],
    *,
    blank: Recognition,
    aliases: Mapping[str, str],
) -> str:
    """Return prefix, kind and version joined; aliases replace the text before the version.

    Without a version, and for rawhide, nothing is appended; nor to a prefix that places the
    version or the kind itself.
    """
    version = blank.version
    rolling = version in {RAWHIDE, DEVELOPMENT}
    parts = {"version": RAWHIDE if rolling else version or "", "kind": blank.kind.suffix}
    groups = parts | {name: text for name, text in match.groupdict().items() if text is not None}
    text = PLACEHOLDER.sub(lambda name: groups.get(name[1], ""), found.rule.prefix)
    if found.whole:
        return text
    text += blank.kind.suffix
    if version is None or rolling:
        return aliases.get(text, text)
    text = f"{text}-"
    return f"{aliases.get(text, text)}{found.rule.version_prefix}{version}"


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


def _is_test(version: str | None, components: Sequence[str]) -> bool:
    """Tell whether a Version is one of tests: its place or its name says so."""
    return not TEST_COMPONENTS.isdisjoint(components) or bool(_PRERELEASE.search(version or ""))


def _looks_like_version(component: str, arches: Sequence[str]) -> bool:
    return (
        len(component) <= LONGEST_VERSION
        and component not in arches
        and _VERSION.fullmatch(component) is not None
    )
