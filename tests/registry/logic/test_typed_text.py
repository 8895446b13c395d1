from typing import Any

import pytest

from registry.logic.owner_fields import HOST, SITE
from registry.logic.typed_text import clean_line, clean_text, clean_value


def test_a_line_has_single_blanks_and_composed_letters() -> None:
    assert clean_line("  Universita\u0308t \t Dresden\n") == "Universität Dresden"
    assert clean_line("می\u200cخواهم") == "می\u200cخواهم"


def test_a_text_keeps_its_lines() -> None:
    assert clean_text(" one  \r\n\r\n\ttwo\n ") == "one\n\n\ttwo"


@pytest.mark.parametrize(
    ("text", "code"), [("a\0b", "U+0000"), ("a\u202eb", "U+202E"), ("a\u200bb", "U+200B")]
)
def test_what_is_invisible_is_refused_by_its_number(text: str, code: str) -> None:
    for clean in (clean_line, clean_text):
        with pytest.raises(ValueError, match=code.replace("+", r"\+")):
            clean(text)


def test_a_megabyte_is_too_much() -> None:
    with pytest.raises(ValueError, match="at most 4,000 characters; these are 1,000,000"):
        clean_text("x" * 1_000_000)


@pytest.mark.parametrize(
    ("kind", "field", "value", "stored"),
    [
        (SITE, "name", " Example  University ", "Example University"),
        (
            SITE,
            "organization_url",
            "HTTPS://Example.org/a b".replace(" ", ""),
            "https://example.org/ab",
        ),
        (SITE, "organization_url", "", ""),
        (SITE, "downstream_comments", "<b>\n", "<b>"),
        (SITE, "private", True, True),
        (HOST, "name", "MÜNCHEN.example", "xn--mnchen-3ya.example"),
        (HOST, "contact", " ben@example.org ", "ben@example.org"),
        (HOST, "latitude", 51.5, 51.5),
        (HOST, "asn", None, None),
    ],
)
def test_values_are_stored_in_one_spelling(kind: str, field: str, value: Any, stored: Any) -> None:
    assert clean_value(kind, field, value) == stored


@pytest.mark.parametrize(
    ("kind", "field", "value", "problem"),
    [
        (HOST, "latitude", float("nan"), "Give a number"),
        (HOST, "longitude", float("inf"), "Give a number"),
        (
            SITE,
            "organization_url",
            "javascript:alert(1)",
            "must begin with one of https://, http://",
        ),
        (SITE, "organization_url", "https://ben:secret@example.org/", "user name or password"),
        (SITE, "name", "Exаmple University", "“Exаmple” mixes letters of Cyrillic and Latin"),
        (HOST, "name", "mirror one", "not the name of a host"),
    ],
)
def test_what_nobody_should_store_is_refused(
    kind: str, field: str, value: Any, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        clean_value(kind, field, value)
