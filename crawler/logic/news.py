"""What owners are told after a visit: which message, about what, and whether a letter is sent.

Knows how to say several turns in one message and when to keep quiet. Deliberately knows no
addresses and sends nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

from crawler.logic.health import Turn

# More URLs than this are counted, not named.
URLS_NAMED = 10


class UrlTurn(NamedTuple):
    """One URL that turned in a visit, and the sentence about it."""

    url: str
    turn: Turn
    sentence: str


class Message(NamedTuple):
    """One message: what turned, the sentence, the URLs it is about, and whether owners get it."""

    turn: Turn
    sentence: str
    urls: tuple[str, ...]
    told: bool


_OPENINGS = {
    Turn.FAILED: "{count} URLs failed in the same visit.",
    Turn.RECOVERED: "{count} URLs work again.",
    Turn.EXPIRING: "The certificates of {count} URLs expire soon.",
}


def compose_url_messages(
    turns: Sequence[UrlTurn], *, host_turn: Turn, wanted: bool
) -> tuple[Message, ...]:
    """Return at most one message about URLs for each kind of turn.

    Every turn is written down. Owners are told unless the Host as a whole turned the same way,
    since that message says more, or unless people took the Host out of service themselves
    (`wanted` is false): who switches a Host off knows that it does not answer.
    """
    messages = []
    for turn in _OPENINGS:
        same = [each for each in turns if each.turn is turn]
        if same:
            told = wanted and host_turn is not turn
            urls = tuple(each.url for each in same)
            messages.append(Message(turn, _sentence(same), urls, told))
    return tuple(messages)


def _sentence(turns: Sequence[UrlTurn]) -> str:
    lines = [f"{each.url}: {each.sentence}" for each in turns[:URLS_NAMED]]
    if len(turns) == 1:
        return lines[0]
    opening = _OPENINGS[turns[0].turn].format(count=len(turns))
    left = len(turns) - len(lines)
    rest = [f"And {left} more."] if left else []
    return " ".join([opening, *lines, *rest])
