"""The public list of mirrors: what a mirror is to visitors, what they ask for, and in which order.

Knows neither the database nor the snapshot that says who has what.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from registry.logic.urls import SCHEMES

SORTS = ("country", "name", "bandwidth", "stability")
COLUMNS = (
    "country",
    "mirror",
    "organization",
    "bandwidth_mbps",
    "category",
    "protocol",
    "url",
    "ipv6",
    "behind_seconds",
    "visited_at",
)
FORMULAS = frozenset("=+-@")
_PLACES = {scheme: place for place, scheme in enumerate(SCHEMES)}
_DIGITS = re.compile(r"(\d+)")


class Address(NamedTuple):
    """A public URL of a mirror; `ipv6` tells that it was reached that way."""

    url: str
    ipv6: bool = False

    @property
    def protocol(self) -> str:
        """Return the scheme."""
        return protocol_of(self.url)


class Copy(NamedTuple):
    """What a mirror has of one Category, under which public URLs, and how old that is.

    `behind_seconds` is how much older its newest metadata is than the newest of the master, None
    while nothing is known. It has `current` of the `total` Repositories that are asked for.
    """

    category_id: int
    category: str
    urls: tuple[Address, ...]
    visited_at: datetime | None = None
    behind_seconds: int | None = None
    always_up2date: bool = False
    current: int = 0
    total: int = 0


class Mirror(NamedTuple):
    """One mirror as visitors see it. `stability_percent` is None while too little is known."""

    id: int
    name: str
    organization: str
    home_page: str
    country_code: str
    country: str
    bandwidth_mbps: int
    comment: str = ""
    sponsor: str = ""
    sponsor_url: str = ""
    sponsor_logo_url: str = ""
    copies: tuple[Copy, ...] = ()
    stability_percent: int | None = None


class Line(NamedTuple):
    """As much of a mirror as sorting and filtering need."""

    id: int
    name: str
    country_code: str
    country: str
    bandwidth_mbps: int
    stability_percent: int | None


@dataclass(frozen=True)
class Filters:
    """What a visitor asks for; an empty text asks for everything.

    `repo` is the prefix of a Repository, `product`, `version` and `arch` are names.
    """

    product: str = ""
    version: str = ""
    arch: str = ""
    repo: str = ""
    country: str = ""
    protocol: str = ""
    ipv6: bool = False

    @property
    def content(self) -> bool:
        """Whether certain content is asked for, and not just any."""
        return bool(self.product or self.version or self.arch or self.repo)


def protocol_of(url: str) -> str:
    """Return the scheme of a URL."""
    return url.split(":", 1)[0]


def sort_addresses(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Order URLs by protocol as in `SCHEMES`, then by text."""
    return tuple(sorted(addresses, key=lambda a: (_PLACES.get(a.protocol, len(_PLACES)), a.url)))


def suits(address: Address, filters: Filters) -> bool:
    """Tell whether a URL has the protocol and the family of addresses that are asked for."""
    return filters.protocol in {"", address.protocol} and (address.ipv6 or not filters.ipv6)


def sort_lines(lines: Iterable[Line], sort: str) -> list[Line]:
    """Order mirrors; ties and unknown orders go by country and name, the greatest numbers first."""
    usual = sorted(lines, key=lambda line: (line.country, line.name, line.id))
    if sort == "name":
        return sorted(usual, key=lambda line: line.name)
    if sort == "bandwidth":
        return sorted(usual, key=lambda line: -line.bandwidth_mbps)
    if sort == "stability":
        return sorted(usual, key=lambda line: -(line.stability_percent or 0))
    return usual


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts numbers in names by value, before words."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part.lower())
        for part in _DIGITS.split(text)
        if part
    )


def newest_first(versions: Iterable[str]) -> list[str]:
    """Order names of Versions: numbers from the highest down, then words by the alphabet."""
    names = list(versions)
    words = sorted(name for name in names if not name[:1].isdecimal())
    numbers = (name for name in names if name[:1].isdecimal())
    return [*sorted(numbers, key=natural_key, reverse=True), *words]


def csv_rows(mirrors: Iterable[Mirror]) -> list[Sequence[str | int]]:
    """Return the list as a table, one row a URL, names of the columns first."""
    return [COLUMNS, *(row for mirror in mirrors for row in _rows_of(mirror))]


def _rows_of(mirror: Mirror) -> Iterator[Sequence[str | int]]:
    """Return the rows of `COLUMNS` of one mirror; what is not known is empty."""
    who = (
        mirror.country_code,
        _harmless(mirror.name),
        _harmless(mirror.organization),
        mirror.bandwidth_mbps,
    )
    for copy in mirror.copies:
        category = _harmless(copy.category)
        age = (
            "" if copy.behind_seconds is None else copy.behind_seconds,
            copy.visited_at.isoformat() if copy.visited_at else "",
        )
        for address in copy.urls:
            ipv6 = "yes" if address.ipv6 else ""
            yield (*who, category, address.protocol, _harmless(address.url), ipv6, *age)


def _harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in FORMULAS else text
