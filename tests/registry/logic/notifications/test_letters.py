"""What a letter says, and how much of it."""

from datetime import UTC, datetime, timedelta

import pytest

from registry.logic.notifications.letters import LetterLine, clean_subject, compose_letter
from registry.logic.notifications.topics import Topic

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def line(name: str = "m1.example.org", topic: Topic = Topic.WARNED, minute: int = 0) -> LetterLine:
    url = f"https://mirrors.example.org/{name}"
    return LetterLine(topic, name, url, NOW + timedelta(minutes=minute), f"Sentence {minute}.")


@pytest.mark.parametrize(
    ("lines", "digest", "subject"),
    [
        ([line()], False, "[M] m1.example.org: warnings"),
        (
            [line(), line(topic=Topic.RECOVERED, minute=1)],
            False,
            "[M] m1.example.org: warnings, recovered",
        ),
        ([line("a"), line("b")], False, "[M] 2 messages about 2 mirrors: warnings"),
        ([line()], True, "[M] Daily digest: 1 message about m1.example.org"),
        ([line("a"), line("b"), line("b")], True, "[M] Daily digest: 3 messages about 2 mirrors"),
    ],
)
def test_the_subject_says_what_it_is_about(lines, digest, subject) -> None:
    assert compose_letter(lines, digest=digest, prefix="[M] ").subject == subject


def test_messages_about_one_host_stand_together_oldest_first() -> None:
    letter = compose_letter([line("b", minute=2), line("a", minute=1), line("b")], digest=False)
    assert [group.name for group in letter.groups] == ["b", "a"]
    assert [each.sentence for each in letter.groups[0].lines] == ["Sentence 0.", "Sentence 2."]
    assert letter.groups[0].folded == ""


def test_a_host_that_turned_often_is_folded_with_a_count() -> None:
    (group,) = compose_letter([line(minute=minute) for minute in range(8)], digest=False).groups
    assert group.folded == "8 messages came together; these are the last 3."
    assert [each.sentence for each in group.lines] == [f"Sentence {n}." for n in (5, 6, 7)]


def test_a_letter_without_messages_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        compose_letter([], digest=False)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("plain", "plain"),
        ("two\r\nBcc: all@example.org", "two Bcc: all@example.org"),
        ("a\x00b\u2028c", "a b c"),
        ("x" * 200, "x" * 149 + "…"),
    ],
)
def test_a_subject_is_one_line(text: str, subject: str) -> None:
    assert clean_subject(text) == subject
