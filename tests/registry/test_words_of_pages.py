"""The shared words of pages: moments and states, in the visitor's language."""

from datetime import timedelta

from django.utils import timezone, translation

from registry.templatetags.states import ago, pill


def test_a_moment_is_told_in_one_language_throughout() -> None:
    moment = timezone.now() - timedelta(days=3, hours=2)
    with translation.override("de"):
        assert "3\xa0Tage" in ago(moment)
        assert "ago" not in ago(moment)
    with translation.override("en"):
        assert ">3\xa0days ago<" in ago(moment)


def test_the_last_minute_is_just_now_and_never_is_a_dash() -> None:
    assert ">just now<" in ago(timezone.now())
    assert ago(None) == "–"


def test_a_pill_keeps_its_color_whatever_word_it_says() -> None:
    assert pill("listed", "good") == '<span class="pill pill-ok" title="">good</span>'


def test_a_word_that_no_list_names_is_shown_as_it_is() -> None:
    assert ">owner answered<" in pill("answered", "owner answered")
