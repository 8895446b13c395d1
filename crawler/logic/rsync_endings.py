"""What it means when rsync ends, by its exit code and its last words.

Knows the codes of rsync 3.0 to 3.5. Deliberately starts nothing.
"""

from enum import Enum
from typing import NamedTuple

from crawler.logic.observations import Fault
from registry.logic.places import printable

# Code → fault, whether what was listed until then is believed to be all, and what it means.
PARTIAL = 23


class Proof(Enum):
    """How much of a tree a listing shows."""

    WHOLE = "everything there is"
    PART = "a part of it"
    NOTHING = "nothing that can be believed"


class Ending(NamedTuple):
    """What a listing proves, and why, in the end of a sentence."""

    proof: Proof
    fault: Fault | None
    detail: str


CODES: dict[int, tuple[Proof, Fault | None, str]] = {
    0: (Proof.WHOLE, None, "the listing is whole"),
    1: (Proof.NOTHING, Fault.PROTOCOL, "rsync does not know an option that we use"),
    2: (Proof.NOTHING, Fault.PROTOCOL, "its version of the protocol is too old or too new"),
    4: (Proof.NOTHING, Fault.PROTOCOL, "it refuses to list directories"),
    5: (Proof.NOTHING, Fault.PROTOCOL, "the server refuses"),
    10: (Proof.NOTHING, Fault.CONNECTION, "no connection"),
    11: (Proof.PART, Fault.PROTOCOL, "a file could not be written"),
    12: (Proof.PART, Fault.CUT_SHORT, "the connection broke"),
    20: (Proof.PART, Fault.TIMEOUT, "it was stopped, because it took too long"),
    PARTIAL: (Proof.PART, None, "some directories could not be read"),
    24: (Proof.WHOLE, None, "files vanished while it was listed"),
    30: (Proof.PART, Fault.TIMEOUT, "it fell silent"),
    35: (Proof.NOTHING, Fault.TIMEOUT, "no connection in time"),
}
# Of these words of a server the rest of the sentence is worth telling.
TOLD = "@ERROR:"


def explain_ending(code: int, words: str, *, stopped: str = "") -> Ending:
    """Say what an exit code means; `words` is what rsync wrote to standard error.

    `stopped` says why we ended rsync ourselves; then the code says nothing more. Codes that
    listings never end with (rsync's manual, EXIT VALUES) mean a broken answer.
    """
    if stopped:
        return Ending(Proof.PART, Fault.TIMEOUT, stopped)
    proof, fault, detail = CODES.get(
        code, (Proof.NOTHING, Fault.PROTOCOL, f"rsync ended with code {code}")
    )
    said = _said(words) if proof is not Proof.WHOLE else ""
    return Ending(proof, fault, f"{detail} ({said})" if said else detail)


def _said(words: str) -> str:
    """Return the words that say most: those of the server, else rsync's first line."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    told = next((line.partition(TOLD)[2] for line in lines if TOLD in line), None)
    first = told if told is not None else (lines[0] if lines else "")
    return printable(first.strip().removeprefix("rsync: ").rstrip("."))[:200]
