"""Which of the messages that wait for one person go now, and which are held back, and why.

Knows how to spare people: those who have many Hosts, and those whose Host goes up and down.
Deliberately composes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from registry.logic.notifications.topics import TOPICS, Topic
from registry.logic.wording import counted


class QuietPolicy(NamedTuple):
    """How many letters are too many.

    `gather` is how long a letter waits for others to join it, `spacing` the least time between two
    letters to one person, `letters_per_host` the most about one Host in a day. What could not be
    sent for `oldest` is no news.
    """

    gather: timedelta = timedelta(minutes=2)
    spacing: timedelta = timedelta(minutes=15)
    letters_per_host: int = 4
    oldest: timedelta = timedelta(days=3)


class Line(NamedTuple):
    """One message that waits: its id, its topic, its Host if it is about one, since when it may."""

    id: int
    topic: Topic
    host: int | None
    due_at: datetime


class SentLetter(NamedTuple):
    """A letter that the person got in the last day, and the Hosts it was about."""

    at: datetime
    hosts: frozenset[int]


class HoldReason(StrEnum):
    """Why a message does not go now."""

    TOO_OLD = "too_old"
    SPACING = "spacing"
    FLAPPING = "flapping"


class Hold(NamedTuple):
    """A message that does not go: until when, or for good if there is no time."""

    id: int
    reason: HoldReason
    sentence: str
    until: datetime | None


class LetterPlan(NamedTuple):
    """What becomes of the messages for one person."""

    send: tuple[int, ...]
    held: tuple[Hold, ...]


def plan_letter(
    lines: Iterable[Line],
    sent: Sequence[SentLetter],
    *,
    digest: bool,
    now: datetime,
    policy: QuietPolicy,
) -> LetterPlan:
    """Say which messages make the next letter. The first rule that applies decides.

    Too old: dropped. Urgent, or part of a digest: goes. Too soon after the last letter: held until
    it is not. Its Host was in too many letters of the last day: held until the first of them is a
    day old. Whatever is held joins the letter that goes then.
    """
    send, held = [], []
    for line in lines:
        hold = _too_old(line, now=now, policy=policy)
        if hold is None and not digest and not TOPICS[line.topic].urgent:
            hold = _too_soon(line, sent, now=now, policy=policy)
            hold = hold or _flapping(line, sent, now=now, policy=policy)
        if hold is None:
            send.append(line.id)
        else:
            held.append(hold)
    return LetterPlan(tuple(send), tuple(held))


def _too_old(line: Line, *, now: datetime, policy: QuietPolicy) -> Hold | None:
    if now - line.due_at <= policy.oldest:
        return None
    sentence = f"It could not be sent since {line.due_at:%Y-%m-%d %H:%M} UTC, so it is no news."
    return Hold(line.id, HoldReason.TOO_OLD, sentence, None)


def _too_soon(
    line: Line, sent: Sequence[SentLetter], *, now: datetime, policy: QuietPolicy
) -> Hold | None:
    last = max((letter.at for letter in sent), default=None)
    if last is None or last + policy.spacing <= now:
        return None
    until = last + policy.spacing
    sentence = f"It waits for others until {until:%H:%M} UTC: the last letter went at {last:%H:%M}."
    return Hold(line.id, HoldReason.SPACING, sentence, until)


def _flapping(
    line: Line, sent: Sequence[SentLetter], *, now: datetime, policy: QuietPolicy
) -> Hold | None:
    day = timedelta(days=1)
    about = sorted(each.at for each in sent if line.host in each.hosts and each.at > now - day)
    if line.host is None or len(about) < policy.letters_per_host:
        return None
    until = about[-policy.letters_per_host] + day
    sentence = (
        f"It is held back until {until:%Y-%m-%d %H:%M} UTC: there were "
        f"{counted(len(about), 'letter')} about this Host in the last 24 hours."
    )
    return Hold(line.id, HoldReason.FLAPPING, sentence, until)
