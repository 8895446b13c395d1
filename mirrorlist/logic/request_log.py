"""The log of mirrorlist-server: one line a request, read by position.

`IP: 192.0.2.1; DATE: 2026-11-20; COUNTRY: DE; REPO: fedora-42; ARCH: x86_64` is read as
MirrorManager reads it: date, country, repo and arch are tokens 3, 5, 7 and 9 of a line split at
white space, each without its semicolon. Addresses are looked at and forgotten.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from mirrorlist.logic.counters import OTHER, Counts, Dimension, is_key
from mirrorlist.logic.statistics_batch import UNKNOWN_COUNTRY

LABELS = ("IP:", "DATE:", "COUNTRY:", "REPO:", "ARCH:")
TOKENS = 2 * len(LABELS)
LOGGED = "logged 200"
# Beyond so many different names a log is garbage; what comes later counts as “other”.
MOST_NAMES = 20_000
ADDRESSES_REMEMBERED = 100_000
COUNTRY = re.compile("[A-Z]{2}")
PRIVATE = tuple(
    ipaddress.ip_network(block)
    for block in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)
_LABEL = re.compile(f"({'|'.join(LABELS)})")
_LETTER, _DIGIT = re.compile(r"[^\W\d_]"), re.compile(r"\d")
GARBAGE_SHOWN = 5
GARBAGE_LENGTH = 100


@dataclass
class LogTally:
    """What the lines of a log add up to."""

    days: dict[date, Counts] = field(default_factory=dict)
    counted: int = 0
    private: int = 0
    other_days: int = 0
    garbage: int = 0
    examples: list[str] = field(default_factory=list)


def tally_lines(lines: Iterable[str], tally: LogTally, *, only: date | None = None) -> None:
    """Count the lines of a log, only those of one day if it is given.

    Requests from loopback and private addresses are left out: they are health checks. What is no
    line of this log is counted as garbage, and the first few are kept to be shown.
    """
    private: dict[str, bool | None] = {}
    days: dict[str, date | None] = {}
    for line in lines:
        tokens = line.split()
        if len(tokens) != TOKENS or tuple(tokens[::2]) != LABELS:
            _reject(line, tally)
            continue
        address, day_text, country, repo, arch = (each.rstrip(";") for each in tokens[1::2])
        if address not in private:
            if len(private) >= ADDRESSES_REMEMBERED:
                private.clear()
            private[address] = _is_private(address)
        if day_text not in days:
            days[day_text] = _day(day_text)
        day = days[day_text]
        if day is None or private[address] is None:
            _reject(line, tally)
        elif private[address]:
            tally.private += 1
        elif only is not None and day != only:
            tally.other_days += 1
        else:
            tally.counted += 1
            _count(tally.days.setdefault(day, {}), country, repo, arch)


def _count(counts: Counts, country: str, repo: str, arch: str) -> None:
    named = country if COUNTRY.fullmatch(country) else UNKNOWN_COUNTRY
    for dimension, key in (
        (Dimension.KIND, LOGGED),
        (Dimension.COUNTRY, named),
        (Dimension.REPOSITORY, repo),
        (Dimension.ARCH, arch),
    ):
        sums = counts.setdefault(dimension, {})
        if key not in sums and (len(sums) >= MOST_NAMES or not is_key(key)):
            key = OTHER
        sums[key] = sums.get(key, 0) + 1


def _reject(line: str, tally: LogTally) -> None:
    tally.garbage += 1
    if len(tally.examples) < GARBAGE_SHOWN:
        tally.examples.append(ascii(_outline(line[:GARBAGE_LENGTH].rstrip("\n"))))


def _outline(line: str) -> str:
    """Return how a line is built, not what it says: somewhere in it is the address of a client."""
    return "".join(
        part if part in LABELS else _DIGIT.sub("9", _LETTER.sub("x", part))
        for part in _LABEL.split(line)
    )


def _is_private(text: str) -> bool | None:
    """Tell whether an address is no client's, or return None if it is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback or any(
        address in block for block in PRIVATE if block.version == address.version
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None
