from datetime import UTC, datetime

import pytest

from registry.logic.rsync_filter import (
    FilterError,
    FilterQuery,
    filter_lines,
    read_query,
    refusal_lines,
)

ASKED = {"categories": "Fedora Linux, EPEL", "since": "1700000000", "stripprefix": "pub/fedora"}


def includes(*paths: str, strip: int = 0) -> list[str]:
    return list(filter_lines(paths, strip=strip))[2:-3]


def test_the_filter_is_the_text_that_mirrors_expect() -> None:
    assert list(filter_lines(["pub/fedora/linux/os"], strip=2)) == [
        "# rsync --exclude-from=(this file)",
        "# includes",
        "+ linux/",
        "+ linux/*",
        "+ linux/os/",
        "+ linux/os/*",
        "# excludes",
        "- *",
        "# end of list",
    ]


def test_directories_come_sorted_once_with_the_way_to_them() -> None:
    rules = includes("b/c/d", "b/c", "a")
    assert rules[::2] == ["+ a/", "+ b/", "+ b/c/", "+ b/c/d/"]


def test_a_path_that_is_cut_off_whole_is_the_top() -> None:
    assert includes("pub", "pub/fedora", strip=2) == ["+ /", "+ /*"]


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        ("a b", ["+ a b/", "+ a b/*"]),
        ("a[1]", [r"+ a\[1]/", r"+ a\[1]/*"]),
        ("a*?", [r"+ a\*\?/", r"+ a\*\?/*"]),
        ("a\\b", ["+ a\\b/", "+ a\\\\b/*"]),
        ("#a", ["+ #a/", "+ #a/*"]),
    ],
)
def test_names_with_wildcards_match_only_themselves(path: str, rules: list[str]) -> None:
    assert includes(path) == rules


def test_a_name_with_a_line_break_is_left_out_and_cannot_add_a_rule() -> None:
    assert includes("a\n+ *") == [
        r"# left out, since its name has a line break: 'a\n+ *'",
    ]


def test_a_refusal_includes_nothing_and_stays_a_comment() -> None:
    assert list(refusal_lines("Missing:\n+ *")) == [
        "# rsync --exclude-from=(this file)",
        "# Missing: + *",
        "# excludes",
        "- *",
        "# end of list",
    ]


def test_a_question_is_read() -> None:
    since = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert read_query(ASKED) == FilterQuery(("Fedora Linux", "EPEL"), since, 2)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"since": None, "stripprefix": None}, "Missing: since, stripprefix."),
        ({"categories": " , "}, "categories names no Category."),
        ({"since": "yesterday"}, "since is not a Unix time in whole seconds."),
        ({"since": "9" * 30}, "since is not a Unix time in whole seconds."),
    ],
)
def test_what_is_missing_or_wrong_is_said(change: dict[str, str | None], sentence: str) -> None:
    values = {name: value for name, value in {**ASKED, **change}.items() if value is not None}
    with pytest.raises(FilterError) as caught:
        read_query(values)
    assert str(caught.value) == sentence
