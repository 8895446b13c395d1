"""How what was found is told to people who set something up: one finding, one row.

Every row says in a word and a shape how good it is, in a sentence what was found, and what to do.
"""

from enum import StrEnum
from typing import NamedTuple


class Tone(StrEnum):
    """How good something is; the value is the shape that pages give it."""

    GOOD = "ok"
    HINT = "warn"
    BAD = "bad"


WORDS = {Tone.GOOD: "fine", Tone.HINT: "look again", Tone.BAD: "does not work"}


class Finding(NamedTuple):
    """One row: what it is about, how good that is, what was found and what to do about it."""

    subject: str
    tone: Tone
    sentence: str
    advice: str = ""

    @property
    def word(self) -> str:
        """Return the word for the tone."""
        return WORDS[self.tone]
