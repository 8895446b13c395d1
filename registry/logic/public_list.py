"""The public list of mirrors: which rows a visitor's filters keep, and the order of protocols."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from registry.logic.coverage import share_percent
from registry.logic.urls import SCHEMES


@dataclass(frozen=True)
class Copy:
    """What a mirror has of one Category: its public URLs, how much of it, and how old that is.

    `behind_seconds` is how much older its newest metadata is than the newest of the master.
    """

    category: str
    urls: tuple[str, ...]
    percent: int | None
    crawled_at: datetime | None
    behind_seconds: int | None = None


@dataclass(frozen=True)
class Mirror:
    """One mirror as visitors see it. `stability_percent` is None while too little is known."""

    name: str
    organization: str
    home_page: str
    country_code: str
    country: str
    bandwidth_mbps: int
    comment: str
    sponsor: str
    sponsor_url: str
    copies: tuple[Copy, ...]
    stability_percent: int | None = None


@dataclass(frozen=True)
class Filters:
    """What a visitor asks for; an empty text asks for everything."""

    country: str = ""
    category: str = ""
    protocol: str = ""


def protocol_of(url: str) -> str:
    """Return the scheme of a URL."""
    return url.split(":", 1)[0]


def sort_urls(urls: Iterable[str]) -> tuple[str, ...]:
    """Order URLs by protocol as in `SCHEMES`, then by text."""
    known = {scheme: place for place, scheme in enumerate(SCHEMES)}
    return tuple(sorted(urls, key=lambda url: (known.get(protocol_of(url), len(known)), url)))


def percent_of(have: int, total: int, *, always_up2date: bool) -> int | None:
    """Return the share of a Category that a copy has; an operator's word counts as all of it."""
    return 100 if always_up2date else share_percent(have, total)


def filter_mirrors(mirrors: Iterable[Mirror], filters: Filters) -> tuple[Mirror, ...]:
    """Keep the mirrors that match, each with its matching Categories and URLs only.

    A Category without a public URL is of no use to a visitor and left out, and so is a mirror
    without any Category.
    """
    kept = []
    for mirror in mirrors:
        if filters.country not in {"", mirror.country_code}:
            continue
        copies = tuple(
            replace(copy, urls=urls)
            for copy in mirror.copies
            if filters.category in {"", copy.category}
            and (urls := _matching_urls(copy.urls, filters.protocol))
        )
        if copies:
            kept.append(replace(mirror, copies=copies))
    return tuple(kept)


def in_order(mirrors: Iterable[Mirror]) -> list[Mirror]:
    """Order mirrors by the name of their country, then by their own."""
    return sorted(mirrors, key=lambda mirror: (mirror.country, mirror.name))


def group_by_country(mirrors: Iterable[Mirror]) -> dict[str, list[Mirror]]:
    """Return mirrors by the name of their country; the order stays as it is."""
    groups: dict[str, list[Mirror]] = {}
    for mirror in mirrors:
        groups.setdefault(mirror.country, []).append(mirror)
    return groups


def _matching_urls(urls: Iterable[str], protocol: str) -> tuple[str, ...]:
    return tuple(url for url in urls if protocol in {"", protocol_of(url)})
