from typing import Any

import pytest

from registry.logic.recognition import (
    Kind,
    Recognition,
    RecognitionReason,
    recognize,
    refuse_path,
    yield_to,
)
from registry.logic.repository_kinds import RepositoryFormat
from registry.logic.rulebook import MappingRule, Rulebook, compile_rulebook


def rulebook(*rules: MappingRule, **over: Any) -> Rulebook:
    facts: dict[str, Any] = {
        "category": "Linux",
        "aliases": {},
        "versions": ("42",),
        "arches": ("source", "x86_64"),
    }
    return compile_rulebook(rules, **(facts | over))


def look(path: str, *rules: MappingRule, top: str = "pub/linux", **over: Any) -> Recognition:
    full_path = f"{top}/{path}" if top else path
    return recognize(path, full_path=full_path, rulebook=rulebook(*rules, **over))


@pytest.mark.parametrize(
    ("rules", "prefix"),
    [
        ((MappingRule("^a/", "low", position=5), MappingRule("^a/", "high", position=7)), "low"),
        ((MappingRule("^a/", "high", position=7), MappingRule("^a/", "low", position=5)), "low"),
        ((MappingRule("^a/", "all"), MappingRule("^a/", "own", category="Linux")), "own"),
        ((MappingRule("^a/", "first"), MappingRule("^a/", "second")), "first"),
        ((MappingRule("^b/", "other"), MappingRule("^a/", "mine")), "mine"),
        ((MappingRule("^a/", "foreign", category="EPEL"), MappingRule("^a/", "mine")), "mine"),
    ],
)
def test_the_first_rule_that_matches_wins(rules: tuple[MappingRule, ...], prefix: str) -> None:
    assert look("a/42/x86_64", *rules).prefix == f"{prefix}-42"


@pytest.mark.parametrize("pattern", ["x86_64/os$", "/os/", "/os/.*", "/os/$"])
def test_a_pattern_may_end_the_path_with_or_without_a_slash(pattern: str) -> None:
    assert look("42/x86_64/os", MappingRule(pattern, "linux")).recognized


@pytest.mark.parametrize(
    "rule",
    [
        MappingRule("^(", "linux"),
        MappingRule("a{99999999999999999999}", "linux"),
        MappingRule("^(?P<name>.*)/", "linux-${nome}"),
    ],
)
def test_a_rule_that_cannot_be_used_is_skipped_and_named(rule: MappingRule) -> None:
    book = rulebook(rule, MappingRule("^", "good"))
    found = recognize("42/x86_64", full_path="42/x86_64", rulebook=book)
    assert found.prefix == "good-42"
    [sentence] = book.refused
    assert rule.pattern in sentence
    assert sentence.endswith("Correct it.")


def test_a_group_that_took_no_part_expands_to_nothing() -> None:
    rule = MappingRule("^(?P<modular>modular)?", "linux${modular}")
    assert look("42/x86_64", rule).prefix == "linux-42"


def test_a_version_group_overrides_the_path() -> None:
    rule = MappingRule("^42/(?P<version>[0-9]+)/", "linux")
    assert look("42/17/x86_64", rule).version == "17"


def test_an_empty_version_group_means_none_even_if_the_path_has_one() -> None:
    found = look("42/x86_64", MappingRule("^(?P<version>)", "eln"))
    assert (found.prefix, found.version) == ("eln", None)


def test_a_product_without_versions_needs_none() -> None:
    found = look("os/x86_64", MappingRule("^os/", "rolling"), versions=())
    assert (found.prefix, found.version) == ("rolling", None)


def test_the_names_of_versions_are_no_regular_expressions() -> None:
    found = look("4x2/x86_64", MappingRule("^", "linux"), versions=("4.2", "("))
    assert found.reason is RecognitionReason.NO_VERSION


def test_a_known_version_comes_before_what_only_looks_like_one() -> None:
    assert look("10/42/x86_64", MappingRule("^", "linux")).version == "42"


def test_an_arch_made_of_digits_is_not_a_version() -> None:
    found = look("386/43", MappingRule("^", "linux"), arches=("386",))
    assert (found.version, found.arch) == ("43", "386")


def test_a_database_may_call_rawhide_rawhide() -> None:
    found = look("rawhide/x86_64", MappingRule("^", "rawhide"), versions=("rawhide",))
    assert (found.version, found.prefix) == ("rawhide", "rawhide")


@pytest.mark.parametrize("versions", [("42",), ("42", "development")])
def test_rawhide_is_the_version_development(versions: tuple[str, ...]) -> None:
    found = look("development/rawhide/x86_64", MappingRule("^", "r"), versions=versions)
    assert (found.version, found.prefix) == ("development", "r")


@pytest.mark.parametrize(
    ("path", "kind", "arch"),
    [
        ("42/source/tree", Kind.SOURCE, "source"),
        ("42/SRPMS", Kind.SOURCE, "source"),
        ("42/x86_64/src", Kind.SOURCE, "source"),
        ("42/x86_64/debuginfo", Kind.DEBUG, "x86_64"),
        ("42/x86_64/nodebug", Kind.BINARY, "x86_64"),
        ("42/x86_64_v2", Kind.BINARY, None),
    ],
)
def test_kind_and_arch_are_read_from_components(path: str, kind: Kind, arch: str | None) -> None:
    found = look(path, MappingRule("^", "linux"))
    assert (found.kind, found.arch) == (kind, arch)


def test_sources_without_the_arch_source_have_none() -> None:
    found = look("42/SRPMS", MappingRule("^", "linux"), arches=("x86_64",))
    assert found.reason is RecognitionReason.NO_ARCH


def test_the_top_directory_may_name_version_and_arch() -> None:
    found = look("os", MappingRule("^os", "linux"), top="pub/42/x86_64")
    assert (found.prefix, found.arch) == ("linux-42", "x86_64")


def test_a_tree_without_a_top_directory_is_recognized() -> None:
    assert look("source/42", MappingRule("^", "linux"), top="").prefix == "linux-source-42"


@pytest.mark.parametrize(
    ("path", "is_test"),
    [("test/43/x86_64", True), ("stage/43/x86_64", True), ("updates/testing/43/x86_64", False)],
)
def test_test_trees_make_test_versions(path: str, is_test: bool) -> None:
    assert look(path, MappingRule("^", "linux")).is_test is is_test


@pytest.mark.parametrize("path", [f"{'a' * 201}/42/x86_64", f"{'1' * 101}/x86_64"])
def test_absurd_lengths_are_not_recognized(path: str) -> None:
    rule = MappingRule("^(?P<version>1+)|^(?P<name>[^/]+)", "${name}")
    found = look(path, rule)
    assert (found.reason, found.prefix) == (RecognitionReason.TOO_LONG, "")


def test_a_component_too_long_for_a_version_is_none() -> None:
    assert look(f"{'1' * 101}/x86_64", MappingRule("^", "linux")).version is None


def test_whoever_has_a_prefix_keeps_it() -> None:
    found = look("42/x86_64", MappingRule("^", "linux"))
    second = yield_to(found, holder="pub/old/42")
    assert (second.prefix, second.reason) == ("", RecognitionReason.TAKEN)
    assert "“linux-42” for x86_64 already is “pub/old/42”" in second.sentence


def test_sentences_say_what_to_do_on_one_line() -> None:
    found = look("42/line\nend/x86_64")
    assert found.sentence == ("No mapping rule matches “42/line\\nend/x86_64”; add one that does.")


def test_a_rule_without_prefix_says_that_there_is_no_repository() -> None:
    found = look("test/42/x86_64", MappingRule("^test/", "", position=1), MappingRule("^", "a"))
    assert (found.prefix, found.reason) == ("", RecognitionReason.LEFT_OUT)
    assert found.sentence == "Rule “^test/” says that there is no Repository here."


@pytest.mark.parametrize(
    ("path", "pattern", "prefix", "expected"),
    [
        ("42/x86_64/debug", "^", "rhel${kind}-${version}-beta", "rhel-debug-42-beta"),
        ("42/x86_64/os", "^", "rhel${kind}-${version}-beta", "rhel-42-beta"),
        ("42/x86_64/debug", "^", "rhel-${version}", "rhel-42"),
        ("42/os/x86_64", "/(?P<repo>os)/", "${repo}${kind}", "os"),
        ("rawhide/x86_64", "^", "atomic-${version}", "atomic-rawhide"),
        ("a/x86_64", "^a(?P<version>)", "a-${version}x", "a-x"),
        ("a/7/x86_64", "^a(?:/(?P<b>b))?/(?P<version>[0-9])", "a${b}-${version}", "a-7"),
    ],
)
def test_a_prefix_that_places_version_or_kind_is_taken_as_it_is(
    path: str, pattern: str, prefix: str, expected: str
) -> None:
    assert look(path, MappingRule(pattern, prefix), versions=()).prefix == expected


def test_a_prefix_that_places_the_version_needs_one() -> None:
    found = look("os/x86_64", MappingRule("^", "a-${version}"), versions=())
    assert found.reason is RecognitionReason.NO_VERSION


@pytest.mark.parametrize(
    ("path", "group", "format_", "arch"),
    [
        ("42/oss", "arch_x86_64", "rpm", "x86_64"),
        ("42/source/oss", "arch_x86_64", "rpm", "source"),
        ("42/oss", "arch_sparc", "rpm", None),
        ("42/oss", "other", "ostree", "x86_64"),
        ("42/oss", "other", "debian", None),
        ("42/oss", "other", "rpm", None),
    ],
)
def test_an_arch_that_the_path_does_not_name_may_be_given(
    path: str, group: str, format_: str, arch: str | None
) -> None:
    book = rulebook(MappingRule(f"^42(?P<{group}>)/", "a"))
    found = recognize(path, full_path=path, rulebook=book, format_=RepositoryFormat(format_))
    assert found.arch == arch
    assert found.recognized == (arch is not None)


def test_the_rule_that_matched_is_named() -> None:
    rule = MappingRule("^42/", "linux")
    assert look("42/x86_64", rule).rule == rule
    assert look("41/x86_64", rule).rule is None


@pytest.mark.parametrize(
    ("path", "is_test", "display"),
    [
        ("42/x86_64", False, True),
        ("test/42/x86_64", True, True),
        ("stage/42/x86_64", True, False),
        ("43_Beta/x86_64", True, True),
        ("9-stream/x86_64", False, True),
    ],
)
def test_staged_versions_are_not_shown_and_prereleases_are_tests(
    path: str, is_test: bool, display: bool
) -> None:
    found = look(path, MappingRule("^", "linux"), versions=())
    assert (found.is_test, found.display) == (is_test, display)


def test_a_version_that_the_rule_finds_may_be_one_of_tests() -> None:
    found = look("a/x86_64", MappingRule("^(?P<version>a)", "linux"), versions=())
    assert not found.is_test
    found = look("v-rc1/x86_64", MappingRule("^(?P<version>v-rc1)", "linux"), versions=())
    assert found.is_test


@pytest.mark.parametrize(
    ("format_", "reason"), [("rpm", "no_rule"), ("ostree", "no_rule"), ("alpine", "by_path")]
)
def test_whoever_is_asked_by_path_needs_no_rule(format_: str, reason: str) -> None:
    found = recognize(
        "a/x86_64", full_path="", rulebook=rulebook(), format_=RepositoryFormat(format_)
    )
    assert (found.prefix, found.reason.value) == ("", reason)


def test_what_is_no_path_is_refused_with_its_sentence() -> None:
    found = refuse_path("“..” is not a path.")
    assert (found.prefix, found.reason) == ("", RecognitionReason.NO_PATH)
    assert found.sentence == "“..” is not a path."
