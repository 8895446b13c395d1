"""When the URLs of one Host take over from each other during one visit.

Knows how far each URL can be trusted so far, and when to stop asking it. Deliberately knows
nothing about earlier visits: those are `health`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from crawler.logic.verdicts import Reason, State, Verdict
from registry.logic.places import printable


class FallbackPolicy(NamedTuple):
    """After how many Directories in a row without an answer a URL is given up for this visit."""

    silent_directories: int = 5


class Course(NamedTuple):
    """One URL in the course of a visit.

    `proven`: it has shown at least one Directory; `silent`: Directories in a row that it did not
    answer for; `asked`: Directories it was asked about; `closed`: why it is asked no more.
    """

    proven: bool = False
    silent: int = 0
    asked: int = 0
    closed: Verdict | None = None


class UrlReason(StrEnum):
    """How one URL did in a visit."""

    WORKED = "worked"
    NO_ANSWER = "no_answer"
    ANSWERS_EVERYTHING = "answers_everything"
    NOTHING_THERE = "nothing_there"


class UrlOutcome(NamedTuple):
    """How one URL did in a visit, and the sentence for its owner."""

    reason: UrlReason
    sentence: str

    @property
    def worked(self) -> bool:
        return self.reason is UrlReason.WORKED


def judge_break(url: str, error: Exception) -> Verdict:
    """Return what is thought of a URL or a Directory when a bug of ours ended the look at it.

    Nothing was learned, as if nobody had answered: the next URL is asked, one broken look changes
    nothing, and who cannot be looked at visit after visit is not believed for ever.
    """
    words = printable(f"{type(error).__name__}: {error}")[:200]
    return Verdict(
        State.UNKNOWN,
        Reason.BROKE,
        f"Nothing was learned from {url}: looking at it broke by a fault of ours ({words}); "
        "see the log.",
    )


def leave_alone(url: str, *, seconds: float, now: datetime) -> Verdict:
    """Return why a URL whose server asks for so long a pause is not asked again in this visit."""
    until = now + timedelta(seconds=seconds)
    return Verdict(
        State.UNKNOWN,
        Reason.LEFT_ALONE,
        f"{url} asks to be left alone until {until:%Y-%m-%d %H:%M} UTC.",
    )


def learn(course: Course, verdict: Verdict, *, policy: FallbackPolicy) -> Course:
    """Return the course after a verdict about one more Directory.

    A URL that answers for everything, or wants to be left alone, is closed at once. Silence
    closes it only after several Directories in a row. Stale counts as proof that something is
    there; missing does not.
    """
    silent = course.silent + 1 if verdict.state is State.UNKNOWN else 0
    at_once = verdict.reason in {Reason.ANSWERS_EVERYTHING, Reason.LEFT_ALONE}
    closed = verdict if at_once or silent >= policy.silent_directories else course.closed
    proven = course.proven or verdict.state in {State.UP2DATE, State.STALE}
    return Course(proven, silent, course.asked + 1, closed)


def settles(course: Course, verdict: Verdict) -> bool:
    """Tell whether the other URLs need not be asked about the same Directory.

    Missing or unreadable is believed only from a URL that has shown something before: one that
    leads to the wrong place says 404 about everything.
    """
    if verdict.state in {State.UP2DATE, State.STALE}:
        return True
    return course.proven and verdict.state is not State.UNKNOWN


def without_urls(courses: Iterable[Course]) -> Verdict | None:
    """Return what is to be thought of Directories for which no URL is left to ask.

    Only if every URL answers for everything are they certainly not there; otherwise one of the
    silent ones might have them. None means that a URL is still open, or that there is none.
    """
    closed = [course.closed for course in courses]
    if not closed or None in closed:
        return None
    reasons = [verdict for verdict in closed if verdict is not None]
    return next((v for v in reasons if v.reason is not Reason.ANSWERS_EVERYTHING), reasons[0])


def sum_up(course: Course) -> UrlOutcome:
    """Say how a URL did in a visit.

    One that answered but had nothing of what it was asked for has failed, too: it leads to the
    wrong place. One that was not needed is judged by its greeting. One that showed something
    before it wanted to be left alone has worked.
    """
    if course.closed is not None and course.closed.reason is Reason.LEFT_ALONE and course.proven:
        sentence = f"It was asked for {course.asked} Directories. {course.closed.sentence}"
        return UrlOutcome(UrlReason.WORKED, sentence)
    if course.closed is not None:
        lies = course.closed.reason is Reason.ANSWERS_EVERYTHING
        return UrlOutcome(
            UrlReason.ANSWERS_EVERYTHING if lies else UrlReason.NO_ANSWER, course.closed.sentence
        )
    if course.asked and course.silent == course.asked:
        return UrlOutcome(
            UrlReason.NO_ANSWER,
            f"It gave no usable answer for any of the {course.asked} Directories asked for.",
        )
    if course.asked and not course.proven:
        return UrlOutcome(
            UrlReason.NOTHING_THERE,
            f"It answers, but of {course.asked} Directories it was asked for it has none. "
            "Check that it leads to the top directory of the Category.",
        )
    if course.asked:
        return UrlOutcome(UrlReason.WORKED, f"It was asked for {course.asked} Directories.")
    return UrlOutcome(UrlReason.WORKED, "It answers; another URL was asked for the Directories.")
