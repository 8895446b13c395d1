from datetime import UTC, datetime

import pytest

from crawler.logic.fallback import (
    Course,
    FallbackPolicy,
    UrlReason,
    judge_break,
    learn,
    leave_alone,
    settles,
    sum_up,
    without_urls,
)
from crawler.logic.verdicts import Reason, State, Verdict

POLICY = FallbackPolicy(silent_directories=2)
GOOD = Verdict(State.UP2DATE, Reason.SIZES_MATCH, "Good.")
STALE = Verdict(State.STALE, Reason.METADATA_OLDER, "Old.")
MISSING = Verdict(State.MISSING, Reason.NOT_FOUND, "Not there.")
SILENT = Verdict(State.UNKNOWN, Reason.NO_ANSWER, "Silence.")
LIE = Verdict(State.UNREADABLE, Reason.ANSWERS_EVERYTHING, "A page for people.")
PAUSE = leave_alone("http://m/pub", seconds=3600, now=datetime(2026, 11, 20, 12, tzinfo=UTC))


def after(*verdicts: Verdict) -> Course:
    course = Course()
    for verdict in verdicts:
        course = learn(course, verdict, policy=POLICY)
    return course


def test_silence_closes_a_url_only_when_it_lasts() -> None:
    assert after(SILENT).closed is None
    assert after(SILENT, GOOD, SILENT).closed is None
    assert after(SILENT, SILENT).closed == SILENT


def test_a_lie_closes_a_url_at_once() -> None:
    assert after(GOOD, LIE).closed == LIE


def test_a_server_that_wants_to_be_left_alone_is_at_once_and_says_until_when() -> None:
    assert after(GOOD, PAUSE).closed == PAUSE
    assert (PAUSE.state, PAUSE.reason) == (State.UNKNOWN, Reason.LEFT_ALONE)
    assert PAUSE.sentence == "http://m/pub asks to be left alone until 2026-11-20 13:00 UTC."


def test_a_closed_url_stays_closed() -> None:
    assert after(SILENT, SILENT, GOOD).closed == SILENT


@pytest.mark.parametrize(
    ("before", "verdict", "settled"),
    [
        ([GOOD], GOOD, True),
        ([STALE], STALE, True),
        ([MISSING], MISSING, False),
        ([GOOD, MISSING], MISSING, True),
        ([STALE, MISSING], MISSING, True),
        ([GOOD, SILENT], SILENT, False),
    ],
)
def test_what_the_next_url_is_asked_about(before, verdict, settled) -> None:
    assert settles(after(*before), verdict) is settled


CLOSED_SILENT = Course(closed=SILENT)
CLOSED_LYING = Course(closed=LIE)


@pytest.mark.parametrize(
    ("courses", "left"),
    [
        ([], None),
        ([Course(), CLOSED_LYING], None),
        ([CLOSED_LYING], LIE),
        ([CLOSED_LYING, CLOSED_SILENT], SILENT),
    ],
)
def test_without_urls_only_lies_are_certain(courses, left) -> None:
    assert without_urls(courses) == left


@pytest.mark.parametrize(
    ("course", "reason", "words"),
    [
        (after(GOOD, SILENT), UrlReason.WORKED, "asked for 2 Directories"),
        (after(STALE), UrlReason.WORKED, "asked for 1 Directories"),
        (Course(), UrlReason.WORKED, "another URL was asked"),
        (after(SILENT), UrlReason.NO_ANSWER, "no usable answer for any of the 1"),
        (after(SILENT, SILENT), UrlReason.NO_ANSWER, "Silence."),
        (after(PAUSE), UrlReason.NO_ANSWER, "left alone until"),
        (after(GOOD, PAUSE), UrlReason.WORKED, "asked for 2 Directories. http://m/pub asks"),
        (after(LIE), UrlReason.ANSWERS_EVERYTHING, "A page for people."),
        (after(MISSING, SILENT), UrlReason.NOTHING_THERE, "of 2 Directories"),
    ],
)
def test_how_a_url_did_in_a_visit(course, reason, words) -> None:
    outcome = sum_up(course)
    assert (outcome.reason, outcome.worked) == (reason, reason is UrlReason.WORKED)
    assert words in outcome.sentence


def test_a_bug_of_ours_is_like_silence_and_says_what_it_was() -> None:
    verdict = judge_break("https://m.example.org/pub", ValueError("a\x1bb" + "c" * 500))
    assert (verdict.state, verdict.reason) == (State.UNKNOWN, Reason.BROKE)
    assert verdict.sentence.isprintable()
    assert "m.example.org/pub: looking at it broke by a fault of ours (ValueError: a" in (
        verdict.sentence
    )
    assert len(verdict.sentence) < 400
    assert after(verdict, verdict).closed == verdict
