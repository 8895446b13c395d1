"""What one letter says: its subject line, and the messages in it by what they concern.

Knows how to say much in few lines. Deliberately knows neither markup nor addresses.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from registry.logic.notifications.topics import TOPICS, Topic
from registry.logic.wording import counted

# Of a Host that turned more often, only the newest messages are shown.
LINES_SHOWN = 3
GREATEST_SUBJECT = 150


class LetterLine(NamedTuple):
    """One message: its topic, what it concerns (name and page), when, and what happened."""

    topic: Topic
    name: str
    url: str
    at: datetime
    sentence: str


class Group(NamedTuple):
    """All that is said about one Host, Site or other thing; `earlier` is how many are not shown."""

    name: str
    url: str
    lines: tuple[LetterLine, ...]
    earlier: int

    @property
    def folded(self) -> str:
        """Say how many messages are left out; empty if none is."""
        if not self.earlier:
            return ""
        total = self.earlier + len(self.lines)
        return f"{total} messages came together; these are the last {len(self.lines)}."


class Letter(NamedTuple):
    """A letter before it is rendered."""

    subject: str
    groups: tuple[Group, ...]
    topics: tuple[Topic, ...]
    digest: bool = False


def compose_letter(
    lines: Iterable[LetterLine],
    *,
    digest: bool,
    prefix: str = "",
    say: Callable[[str], str] = str,
) -> Letter:
    """Put messages into one letter, those about one thing together, oldest first.

    Things come in the order of their first message. `say` says the subject in the language of the
    reader. Raises ValueError if there is no message.
    """
    ordered = sorted(lines, key=lambda line: line.at)
    if not ordered:
        raise ValueError("A letter needs at least one message.")
    things: dict[tuple[str, str], list[LetterLine]] = {}
    for line in ordered:
        things.setdefault((line.name, line.url), []).append(line)
    groups = tuple(
        Group(name, url, tuple(found[-LINES_SHOWN:]), max(0, len(found) - LINES_SHOWN))
        for (name, url), found in things.items()
    )
    topics = tuple(topic for topic in TOPICS if any(line.topic is topic for line in ordered))
    subject = clean_subject(prefix + _subject(ordered, groups, topics, digest=digest, say=say))
    return Letter(subject, groups, topics, digest)


def clean_subject(text: str) -> str:
    """Return text that can be a subject line: one line, not endless."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= GREATEST_SUBJECT else f"{line[: GREATEST_SUBJECT - 1]}…"


def _subject(
    lines: list[LetterLine],
    groups: tuple[Group, ...],
    topics: tuple[Topic, ...],
    *,
    digest: bool,
    say: Callable[[str], str],
) -> str:
    about = groups[0].name if len(groups) == 1 else counted(len(groups), "mirror")
    what = ", ".join(TOPICS[topic].label for topic in topics)
    if digest:
        return say(f"Daily digest: {counted(len(lines), 'message')} about {about}")
    if len(groups) == 1:
        return f"{about}: {', '.join(say(TOPICS[topic].label) for topic in topics)}"
    return say(f"{counted(len(lines), 'message')} about {about}: {what}")
