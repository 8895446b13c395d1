"""Words that people type into forms: what is left out, and what is not taken.

Knows characters. Deliberately does not know HTML; templates escape.
"""

import math
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from registry.logic.host_names import mixed_scripts, normalize_host_name
from registry.logic.owner_fields import HOST, SITE
from registry.logic.urls import normalize_page

LONGEST_TEXT = 4000
# The two invisible characters that words of some languages need (Unicode, 23.2).
JOINERS = "\u200c\u200d"


def clean_line(text: str) -> str:
    """Return one line with single blanks; raise ValueError with a sentence for what hides in it.

    Refused are control characters and those that turn the direction of writing.
    """
    line = " ".join(unicodedata.normalize("NFC", text).split())
    _check_characters(line, allowed="")
    return line


def clean_text(text: str) -> str:
    """Return some lines without blanks at their ends; raise ValueError as `clean_line` does."""
    whole = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    if len(whole) > LONGEST_TEXT:
        raise ValueError(f"Write at most {LONGEST_TEXT:,} characters; these are {len(whole):,}.")
    _check_characters(whole, allowed="\n\t")
    return "\n".join(line.rstrip() for line in whole.split("\n"))


def clean_name(text: str) -> str:
    """Return a name of an organization; raise ValueError if a word of it imitates another.

    A word with letters of two alphabets that look alike could pass for somebody else's name.
    """
    name = clean_line(text)
    for word in name.split():
        if scripts := mixed_scripts(word):
            raise ValueError(
                f"“{word}” mixes letters of {' and '.join(scripts)}, which look alike. "
                "Type it anew with one alphabet."
            )
    return name


CLEANERS: Mapping[tuple[str, str], Callable[[str], str]] = {
    (SITE, "name"): clean_name,
    (SITE, "organization_url"): normalize_page,
    (SITE, "downstream_comments"): clean_text,
    (HOST, "name"): normalize_host_name,
    (HOST, "comment"): clean_text,
    (HOST, "disable_reason"): clean_text,
}


def clean_value(kind: str, field: str, value: Any) -> Any:
    """Return what is stored of a value that somebody gave for a field of a Site or Host.

    Raises ValueError with a sentence. What is neither text nor a fraction is returned as it is.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("Give a number.")
    if isinstance(value, str):
        return CLEANERS.get((kind, field), clean_line)(value)
    return value


def _check_characters(text: str, *, allowed: str) -> None:
    for character in text:
        if not (character.isprintable() or character in JOINERS or character in allowed):
            raise ValueError(
                f"Leave out the invisible character U+{ord(character):04X}; type the text anew."
            )
