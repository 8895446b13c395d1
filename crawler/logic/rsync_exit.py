"""What rsync's exit codes mean to somebody who lists a remote master.

One table from code to sentence and to what to do next. The facts are those of rsync 3.0 to 3.5.
Deliberately starts no rsync.
"""

from enum import Enum
from typing import NamedTuple


class Outcome(Enum):
    """What to do after rsync ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    RETRY_SOON = "retry_soon"
    NETWORK = "network"
    OPERATOR = "operator"


HINTS = {
    Outcome.COMPLETE: "",
    Outcome.PARTIAL: "What was not listed stays as known.",
    Outcome.RETRY_SOON: "Scan again soon.",
    Outcome.NETWORK: "Check that the master can be reached; the next scan tries again.",
    Outcome.OPERATOR: "Correct the source of the Category; it does not get better by itself.",
}

# Code, outcome, what happened. Codes that are not here are unknown.
CODES: tuple[tuple[int, Outcome, str], ...] = (
    (0, Outcome.COMPLETE, "The listing is complete"),
    (1, Outcome.OPERATOR, "rsync does not know one of the options"),
    (2, Outcome.OPERATOR, "the two rsyncs speak different protocols"),
    (3, Outcome.OPERATOR, "rsync could not select the files or directories"),
    (4, Outcome.OPERATOR, "the rsync of the master does not support what was asked"),
    (5, Outcome.OPERATOR, "the master refused: module, path or permission is wrong"),
    (6, Outcome.OPERATOR, "the rsync of the master could not write its log"),
    (10, Outcome.NETWORK, "the connection could not be made"),
    (11, Outcome.RETRY_SOON, "a file could not be read or written"),
    (12, Outcome.NETWORK, "the connection broke"),
    (13, Outcome.OPERATOR, "rsync could not report its diagnostics"),
    (14, Outcome.RETRY_SOON, "rsync could not talk to its own processes"),
    (15, Outcome.RETRY_SOON, "a process of rsync crashed"),
    (16, Outcome.RETRY_SOON, "a process of rsync was killed"),
    (19, Outcome.RETRY_SOON, "rsync was stopped by a signal"),
    (20, Outcome.RETRY_SOON, "rsync was stopped by a signal"),
    (21, Outcome.RETRY_SOON, "rsync lost one of its processes"),
    (22, Outcome.OPERATOR, "rsync had not enough memory"),
    (23, Outcome.PARTIAL, "some files or directories of the master could not be listed"),
    (24, Outcome.PARTIAL, "some files vanished from the master while it was listed"),
    (25, Outcome.OPERATOR, "a limit of deletions was reached"),
    (30, Outcome.NETWORK, "the master was silent for too long"),
    (35, Outcome.NETWORK, "the master did not accept the connection in time"),
)
# rsync says code 5 for a master that is full as well, and that passes.
BUSY = "max connections"


class Exit(NamedTuple):
    """How a listing ended, with the sentence for the operator."""

    outcome: Outcome
    sentence: str


def judge_exit(code: int, messages: str) -> Exit:
    """Say what the end of rsync means; `messages` is what it wrote to standard error.

    A negative code is the signal that killed it. The sentence quotes the first message.
    """
    outcome, what = next(
        ((outcome, what) for number, outcome, what in CODES if number == code),
        (Outcome.RETRY_SOON, f"rsync was killed by signal {-code}")
        if code < 0
        else (Outcome.OPERATOR, "rsync failed in an unknown way"),
    )
    if code == 5 and BUSY in messages:
        outcome, what = Outcome.RETRY_SOON, "the master has too many connections"
    if outcome is Outcome.COMPLETE:
        return Exit(outcome, f"{what}.")
    quoted = _quote(messages)
    said = f": {quoted}" if quoted else ""
    return Exit(outcome, f"{what[0].upper()}{what[1:]} (rsync ended with {code}{said}). "
                f"{HINTS[outcome]}")  # fmt: skip


def _quote(messages: str) -> str:
    lines = (line.strip() for line in messages.splitlines())
    return next((line[:200].rstrip(".") for line in lines if line), "")
