"""What can be decided about a Host's copy of a Directory, and how decisions are put together.

Deliberately decides nothing itself: the rules are in `freshness`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """What a copy of a Directory can be."""

    UP2DATE = "up2date"
    STALE = "stale"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """The rule that decided."""

    METADATA_CURRENT = "metadata_current"
    SIZES_MATCH = "sizes_match"
    ANSWERS = "answers"
    PART_OF_PATH = "part_of_path"
    LISTING_MATCHES = "listing_matches"
    METADATA_OLDER = "metadata_older"
    METADATA_OTHER = "metadata_other"
    SIZE_DIFFERS = "size_differs"
    TIME_DIFFERS = "time_differs"
    TOO_LARGE = "too_large"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    BAD_REDIRECT = "bad_redirect"
    WRONG_RANGE = "wrong_range"
    ANSWERS_EVERYTHING = "answers_everything"
    NO_ANSWER = "no_answer"
    SERVER_ERROR = "server_error"
    ODD_ANSWER = "odd_answer"
    ADDRESS_REFUSED = "address_refused"
    BAD_CERTIFICATE = "bad_certificate"
    LEFT_ALONE = "left_alone"
    BROKE = "broke"


class KnownState(NamedTuple):
    """One state of a file that clients verify: Unix time of its content, digests, and size."""

    timestamp: int
    digests: tuple[tuple[str, str], ...]
    size: int | None = None


class Expected(NamedTuple):
    """A file as the master has it.

    `states` are its known states, the current one first; without any the size decides. No name
    means the directory itself, which has no size.
    """

    name: str
    size: int | None = None
    states: tuple[KnownState, ...] = ()


# The content of a file that clients verify is in none of the states that we know.
UNRECOGNIZED = 0


class Verdict(NamedTuple):
    """What was decided about a file, a Directory or a URL, and why.

    `content_at` is the Unix time of the state that a file that clients verify was found in,
    UNRECOGNIZED if it was in none that we know, and None if no such file was read.
    """

    state: State
    reason: Reason
    sentence: str
    content_at: int | None = None

    @property
    def good(self) -> bool:
        return self.state is State.UP2DATE


def best(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Return the verdict that counts if several URLs were asked about the same Directory.

    Good before certainly wrong before unknown; of equals the first.
    """
    return min(verdicts, key=_rank, default=None)


def describe(counts: Mapping[State, int]) -> str:
    """Say in one sentence how many Directories are in which state."""
    total = sum(counts.values())
    if not total:
        return "The Category has no Directories yet; run UMDL first."
    if counts.get(State.UNKNOWN) == total:
        return f"None of the {total} Directories could be seen; they stay as they were."
    others = [f"{counts[s]} {s}" for s in State if s is not State.UP2DATE and counts.get(s)]
    rest = f"; {', '.join(others)}" if others else ""
    return f"{counts.get(State.UP2DATE, 0)} of {total} Directories are up2date{rest}."


def _rank(verdict: Verdict) -> int:
    if verdict.good:
        return 0
    return 2 if verdict.state is State.UNKNOWN else 1
