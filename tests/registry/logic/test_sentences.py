"""Sentences are found again by their templates, whatever stands in them."""

import time

import pytest

from registry.logic.sentences import LONGEST_TEXT, Phrasebook, Said, fit, read_template

BOOK = Phrasebook(
    (
        "It is not there.",
        "stale",
        "no connection",
        "%(count)s files",
        "%(what)s is not there: %(url)s answers %(status)s.",
        "Nothing was learned from %(url)s: %(detail)s.",
        "All failed %(times)s times, the last because: %(sentence)s It comes back.",
        "%(actor)s changed %(names)s of “%(thing)s”.",
        "Listed by %(url)s.",
        "%(done)s %% of it",
        "%(same)s or %(same)s again",
        "a %(x)s b",
        "the sum",
    )
)


def shown(parts: tuple[Said, ...]) -> str:
    """Show what was found: templates by their first words, places in brackets, else the text."""
    return "|".join(_shown(part) for part in parts)


def _shown(part: Said) -> str:
    if not part.template:
        return part.plain
    inner = ",".join(f"{name}=[{shown(tuple(said))}]" for name, said in part.values.items())
    return f"<{part.template[:12]}>{inner}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ""),
        ("Words of people.", "Words of people."),
        ("It is not there.", "<It is not th>"),
        ("stale", "<stale>"),
        ("2 files", "<%(count)s fi>count=[2]"),
        (
            "x is not there: https://a/x answers 404.",
            "<%(what)s is >what=[x],url=[https://a/x],status=[404]",
        ),
        # One sentence after the other, and words of people between them.
        (
            "It is not there. Listed by rsync://a.",
            "<It is not th>| |<Listed by %(>url=[rsync://a]",
        ),
        ("So they say. It is not there.", "So they say. |<It is not th>"),
        ("It is not there. So they say.", "<It is not th>| So they say."),
        # A sentence inside of another one, and a phrase inside of that.
        (
            "All failed 4 times, the last because: Nothing was learned from https://a/: "
            "no connection. It comes back.",
            "<All failed %>times=[4],sentence=[<Nothing was >url=[https://a/],"
            "detail=[<no connectio>]]",
        ),
        # A list inside; what stands between quotation marks is a name, and who did it a person.
        (
            "stale changed stale, x of “stale”.",
            "<%(actor)s ch>actor=[stale],names=[<stale>|, x],thing=[stale]",
        ),
        # A single word is ours only where it is all there is.
        ("stale, or so", "stale, or so"),
        ("the sum, or so", "<the sum>|, or so"),
        ("50 % of it", "<%(done)s %% >done=[50]"),
        # The same place holds the same twice.
        ("1 or 1 again", "<%(same)s or >same=[1]"),
        ("1 or 2 again", "1 or 2 again"),
        # No sentence of ours has so many parts.
        ("a" + ", a" * 40, "a" + ", a" * 40),
        ("Oh. " * 40 + "It is not there.", "Oh. " * 40 + "It is not there."),
        ("x" * LONGEST_TEXT + " It is not there.", "x" * LONGEST_TEXT + " It is not there."),
        ("a  b", "<a %(x)s b>x=[]"),
        ("a b", "a b"),
    ],
)
def test_a_text_is_read_as_what_templates_say_most_of(text: str, found: str) -> None:
    assert shown(BOOK.read(text)) == found


def test_the_parts_of_a_text_are_all_of_it() -> None:
    text = "It is not there. Or: so they say. Listed by a."
    parts = BOOK.read(text)
    said = [part.template or part.plain for part in parts]
    assert said == ["It is not there.", " Or: so they say. ", "Listed by %(url)s."]


def test_a_template_that_ends_before_it_begins_does_not_fit() -> None:
    assert fit(read_template("aba%(x)saba"), "aba") is None


@pytest.mark.parametrize(
    "hostile",
    ["All failed " * 250, "Nothing was learned from " + ": " * 900, "All failed 1 times, the last "
     "because: " * 60, "x is not there: " * 12 + "y answers 1."],
)  # fmt: skip
def test_hostile_texts_are_read_in_no_time(hostile: str) -> None:
    begun = time.perf_counter()
    BOOK.read(hostile[:LONGEST_TEXT])
    assert time.perf_counter() - begun < 0.5
