"""What was decided in English is said in the visitor's language: every sentence that there is."""

import re

import pytest
from django.db.models import TextChoices
from django.utils import translation

from crawler.logic.freshness import judge_file
from crawler.models import RunState
from development.collect_sentences import collect, unsorted
from registry.models import Approval, EventKind
from registry.models.carriage import DirectoryState, FamilyState, UrlState
from registry.models.notifications import Notification
from registry.models.people import PersonalToken
from registry.models.questions import Question
from registry.reference.sentences import PLURALS, TEMPLATES
from registry.reference.words import PHRASES, WORDS
from registry.services.sentences import translate_sentence
from tests.crawler.logic.test_freshness import TABLE
from tests.registry.test_translated_pages import ENGLISH

PLACE = re.compile(r"%\((\w+)\)s")


def test_the_table_has_all_that_can_be_said() -> None:
    """If not, run: make messages"""
    templates, plurals = collect()
    assert set(templates) ^ set(TEMPLATES) == set()
    assert set(plurals) ^ set(PLURALS) == set()


def test_of_every_file_that_says_something_it_is_known_who_reads_it() -> None:
    """If not, add the file to one of the lists in development/sentence_sources.py"""
    assert unsorted() == []


@pytest.mark.parametrize(
    "choices",
    [
        Approval,
        EventKind,
        UrlState,
        FamilyState,
        DirectoryState,
        RunState,
        Notification.State,
        Question.State,
        PersonalToken.Scope,
    ],
)
def test_every_choice_that_owners_see_has_a_word_in_chinese(choices: type[TextChoices]) -> None:
    with translation.override("zh-hans"):
        assert [label for label in choices.labels if translate_sentence(label) == label] == []


@pytest.mark.parametrize("language", ["de", "zh-hans"])
def test_every_sentence_is_found_again_and_said_in_the_language(language: str) -> None:
    wrong = []
    with translation.override(language):
        for template in (*TEMPLATES, *PHRASES):
            values = {name: f"X{number}" for number, name in enumerate(PLACE.findall(template))}
            text = template % values if values else template
            said = translation.gettext(template)
            if translate_sentence(text) != (said % values if values else said):
                wrong.append((template, translate_sentence(text)))
        wrong += [
            (word, "") for word in WORDS if translate_sentence(word) != translation.gettext(word)
        ]
    assert wrong == []


def test_counts_have_the_form_of_the_language() -> None:
    with translation.override("de"):
        assert translate_sentence("1 file") == "1 Datei"
        assert translate_sentence("1,234 files") == "1.234 Dateien"
    with translation.override("zh-hans"):
        assert translate_sentence("2 files") == "2 个文件"
    assert len(dict(PLURALS)) == len(PLURALS)


def test_names_in_a_list_have_the_quotation_marks_of_the_language() -> None:
    with translation.override("de"):
        said = translate_sentence("The master does not have “pub/a”, “pub/b”.")
        assert "„pub/a“, „pub/b“" in said
        assert translate_sentence("Ask “Bob” first.") == "Ask “Bob” first."


def test_sentences_follow_each_other_as_the_language_has_it() -> None:
    text = "It has no IPv6 address. It carries no Category."
    with translation.override("zh-hans"):
        assert translate_sentence(text) == "它没有 IPv6 地址。它没有承载任何类别。"
    with translation.override("en"):
        assert translate_sentence(text) == text


@pytest.mark.parametrize("row", TABLE)
def test_every_reason_of_a_stale_directory_is_said_in_german(row) -> None:
    sentence = judge_file(row[0], row[1]).sentence
    with translation.override("de"):
        assert not ENGLISH.search(translate_sentence(sentence)), sentence
