from typing import Any

import pytest

from registry.logic.public_list import (
    Copy,
    Filters,
    Mirror,
    filter_mirrors,
    group_by_country,
    in_order,
    percent_of,
    sort_urls,
)


def copy(category: str, *urls: str) -> Copy:
    return Copy(category=category, urls=urls, percent=100, crawled_at=None)


def mirror(name: str, *copies: Copy, **over: Any) -> Mirror:
    facts: dict[str, Any] = {
        "organization": "Example University",
        "home_page": "",
        "country_code": "DE",
        "country": "Germany",
        "bandwidth_mbps": 1000,
        "comment": "",
        "sponsor": "",
        "sponsor_url": "",
    }
    return Mirror(name=name, copies=copies, **facts | over)


BOTH = mirror("both", copy("Linux", "https://a/", "rsync://a/"), copy("EPEL", "http://a/e"))
SWISS = mirror("swiss", copy("Linux", "http://b/"), country_code="CH", country="Switzerland")
EMPTY = mirror("empty", copy("Linux"))


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (Filters(), ["both", "swiss"]),
        (Filters(country="CH"), ["swiss"]),
        (Filters(country="XX"), []),
        (Filters(category="EPEL"), ["both"]),
        (Filters(protocol="rsync"), ["both"]),
        (Filters(category="EPEL", protocol="rsync"), []),
    ],
)
def test_filters_keep_what_matches_and_never_a_mirror_without_urls(
    filters: Filters, names: list[str]
) -> None:
    assert [row.name for row in filter_mirrors([BOTH, SWISS, EMPTY], filters)] == names


def test_only_matching_categories_and_urls_of_a_mirror_are_kept() -> None:
    (found,) = filter_mirrors([BOTH], Filters(protocol="rsync"))
    assert [(row.category, row.urls) for row in found.copies] == [("Linux", ("rsync://a/",))]


def test_mirrors_are_grouped_by_country_in_alphabetical_order() -> None:
    groups = group_by_country(in_order([SWISS, EMPTY, BOTH]))
    assert [(name, [row.name for row in rows]) for name, rows in groups.items()] == [
        ("Germany", ["both", "empty"]),
        ("Switzerland", ["swiss"]),
    ]


def test_urls_are_ordered_by_protocol() -> None:
    urls = ["ftp://a/", "gopher://a/", "rsync://a/", "http://b/", "http://a/", "https://a/"]
    assert sort_urls(urls) == (
        "https://a/",
        "http://a/",
        "http://b/",
        "rsync://a/",
        "ftp://a/",
        "gopher://a/",
    )


def test_a_copy_that_an_operator_vouches_for_is_complete() -> None:
    assert percent_of(0, 0, always_up2date=True) == 100
    assert percent_of(0, 0, always_up2date=False) is None
    assert percent_of(5, 10, always_up2date=False) == 50
