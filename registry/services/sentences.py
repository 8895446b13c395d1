"""Say in the reader's language what was decided and stored in English.

Sentences are not stored by language: they are found again by their templates, which
development/collect_sentences.py collects for translators. What is in none of them, as what people
wrote themselves, is shown as it is.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, ngettext

from registry.logic.sentences import Phrasebook, Said
from registry.reference.sentences import PLURALS, TEMPLATES
from registry.reference.words import PHRASES, WORDS

GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
# The sentences of a busy page; a page shows the same ones again and again.
REMEMBERED = 4096

_FORMS = {form: pair for pair in PLURALS for form in pair}


def translate_sentence(text: str) -> str:
    """Return an English sentence in the language that is active; in English it stays as it is."""
    language = get_language()
    if not language or language.startswith("en") or not text:
        return text
    return _translate(text, language)


@lru_cache(maxsize=REMEMBERED)
def _translate(text: str, language: str) -> str:
    return _say(phrasebook().read(text))


@cache
def phrasebook() -> Phrasebook:
    """Return the templates of all sentences and words."""
    return Phrasebook((*TEMPLATES, *_FORMS, *PHRASES, *WORDS))


def _say(parts: Sequence[Said]) -> str:
    said = "".join(_say_part(part) for part in parts)
    # Languages that do not put blanks between words put none between sentences.
    return said.replace("。 ", "。")


def _say_part(part: Said) -> str:
    if not part.template:
        return _number(part.plain)
    values = {name: _say(inner) for name, inner in part.values.items()}
    if part.template in _FORMS:
        plain = "".join(inner.plain for inner in part.values["count"]).replace(",", "")
        return ngettext(*_FORMS[part.template], int(plain) if plain.isdecimal() else 2) % values
    said = gettext(part.template)
    return said % values if values else said


def _number(text: str) -> str:
    """Group the digits of a number as the language does; anything else stays as it is."""
    if GROUPED.fullmatch(text):
        return number_format(int(text.replace(",", "")), force_grouping=True)
    return text
