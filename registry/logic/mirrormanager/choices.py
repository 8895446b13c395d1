"""What an import could not take over as it is, and what it chose instead, row by row."""

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

CREDENTIALS = re.compile(r"//\S*@")


def conceal(text: str) -> str:
    """Return a text without the user names and passwords of its URLs."""
    return CREDENTIALS.sub("//…@", text)


class ChoiceReason(StrEnum):
    """Why a row or a value is not taken over as it is."""

    NO_PARENT = "no_parent"
    NO_NAME = "no_name"
    INVALID = "invalid"
    TWICE = "twice"
    SAME_NAME = "same_name"
    DNS_NAME = "dns_name"
    WIDE_NETBLOCK = "wide_netblock"
    UNKNOWN_COUNTRY = "unknown_country"
    OTHER_COUNTRY_TABLE = "other_country_table"
    DISABLED_BY_CRAWLER = "disabled_by_crawler"
    OUTSIDE = "outside"
    SEVERAL_CATEGORIES = "several_categories"
    PICKLED = "pickled"
    BROKEN_FILES = "broken_files"
    TAKEN = "taken"
    KNOWN_BETTER = "known_better"


# What each reason means, for the head of its lines in a report.
HEADINGS: dict[ChoiceReason, str] = {
    ChoiceReason.NO_PARENT: "Left out, because what they belong to is missing",
    ChoiceReason.NO_NAME: "Left out, because they have no name or value",
    ChoiceReason.INVALID: "Values that are not valid",
    ChoiceReason.TWICE: "Left out, because the same is there already",
    ChoiceReason.SAME_NAME: "Renamed, because two have the same name",
    ChoiceReason.DNS_NAME: "Left out, because they are DNS names",
    ChoiceReason.WIDE_NETBLOCK: "Netblocks that an owner could not claim here; taken over",
    ChoiceReason.UNKNOWN_COUNTRY: "Left out, because there is no such country",
    ChoiceReason.OTHER_COUNTRY_TABLE: "Countries allowed that MirrorManager shows, not enforces",
    ChoiceReason.DISABLED_BY_CRAWLER: "Hosts switched off by the crawler, not by their owner",
    ChoiceReason.OUTSIDE: "Left out, because they are below no top directory",
    ChoiceReason.SEVERAL_CATEGORIES: "In several Categories; the longest top directory decides",
    ChoiceReason.PICKLED: "Without their files, because these are a pickle, which is never read",
    ChoiceReason.BROKEN_FILES: "Without their files, because these are not a list of files",
    ChoiceReason.TAKEN: "Left out, because something else here has it",
    ChoiceReason.KNOWN_BETTER: "Kept as they are here, because this system looked itself",
}


@dataclass(frozen=True)
class Choice:
    """One choice: the rule, the row it is about, and what was found and chosen."""

    reason: ChoiceReason
    row: str
    sentence: str


@dataclass
class Ledger:
    """All choices of an import, and how many rows of each table were read and taken over.

    Of each reason only the first `kept` choices are kept; all are counted.
    """

    kept: int = 1000
    choices: list[Choice] = field(default_factory=list)
    counts: Counter[ChoiceReason] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)

    def choose(self, reason: ChoiceReason, row: str, sentence: str) -> None:
        """Note a choice; user names and passwords in URLs are not repeated."""
        self.counts[reason] += 1
        if self.counts[reason] <= self.kept:
            self.choices.append(Choice(reason, row, conceal(sentence)))

    def of(self, reason: ChoiceReason) -> list[Choice]:
        """Return the choices that were made for a reason."""
        return [choice for choice in self.choices if choice.reason is reason]
