"""What a Host that checks in by XML-RPC is answered, to the letter.

The clients print these texts and search them for their last words, so they do not change. Those
that are not the incumbent's own follow its form: a sentence, a line end, “error checking in”.
"""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from registry.logic.xmlrpc import without_success


class Refusal(Enum):
    """Why a valid report of somebody is not taken over."""

    WRONG_PASSWORD = "wrong_password"  # noqa: S105 -- no password
    UNKNOWN_HOST = "unknown_host"
    NOT_PRIVATE = "not_private"
    TOO_MANY_GUESSES = "too_many_guesses"
    TOO_OFTEN = "too_often"
    BUSY = "busy"


SENTENCES = {
    Refusal.WRONG_PASSWORD: "Config file site name or password incorrect.",
    Refusal.UNKNOWN_HOST: "Config file host name for site not found.",
    Refusal.NOT_PRIVATE: "Only private mirrors are allowed to use report_mirror.",
    Refusal.TOO_MANY_GUESSES: "Too many different wrong passwords were tried. "
    "Please correct the password in your report_mirror.conf and try again in an hour.",
    Refusal.TOO_OFTEN: "This host has checked in too often within an hour. Please try again later.",
    Refusal.BUSY: "Other check-ins of this host are running. Please try again later.",
}


class Counts(NamedTuple):
    """What a check-in did to one Category."""

    name: str
    kept: int
    added: int
    removed: int


def refusal_text(refusal: Refusal) -> str:
    """Return the whole answer to a report that is not taken over."""
    return without_success(f"{SENTENCES[refusal]}\nerror checking in")


def accepted_text(categories: Iterable[Counts]) -> str:
    """Return the whole answer to an accepted report: a line a Category that was applied.

    The doubled blanks and the missing colon are the incumbent's.
    """
    lines = [
        f"Category {one.name} directories updated: {one.kept}  added: {one.added}"
        f"  deleted {one.removed}\n"
        for one in categories
    ]
    return "".join(lines) + "checked in successful"
