from datetime import UTC, datetime
from typing import Any

import pytest

from registry.logic.public_list import (
    COLUMNS,
    Address,
    Copy,
    Filters,
    Line,
    Mirror,
    csv_rows,
    newest_first,
    sort_addresses,
    sort_lines,
    suits,
)

THEN = datetime(2026, 11, 20, tzinfo=UTC)


def line(number: int, **over: Any) -> Line:
    return Line(number, f"m{number}", "DE", "Germany", 100, None)._replace(**over)


def mirror(*copies: Copy, **over: Any) -> Mirror:
    facts = {"organization": "University", "home_page": "", "country_code": "DE"}
    facts |= {"country": "Germany", "name": "m1"}
    return Mirror(id=1, bandwidth_mbps=100, copies=copies, **facts | over)


def test_urls_are_ordered_by_protocol_and_unknown_ones_come_last() -> None:
    texts = ["rsync://a/", "gopher://a/", "http://a/", "https://b/", "https://a/"]
    got = [address.url for address in sort_addresses(map(Address, texts))]
    assert got == ["https://a/", "https://b/", "http://a/", "rsync://a/", "gopher://a/"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), True),
        (Filters(protocol="https"), True),
        (Filters(protocol="rsync"), False),
        (Filters(ipv6=True), False),
    ],
)
def test_a_url_suits_by_protocol_and_family(filters: Filters, expected: bool) -> None:
    assert suits(Address("https://a/"), filters) is expected


def test_a_url_that_was_reached_by_ipv6_suits_those_who_need_it() -> None:
    assert suits(Address("https://a/", ipv6=True), Filters(ipv6=True))


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", [2, 3, 1]),
        ("country", [2, 3, 1]),
        ("anything", [2, 3, 1]),
        ("name", [1, 2, 3]),
        ("bandwidth", [3, 2, 1]),
        ("stability", [1, 2, 3]),
    ],
)
def test_mirrors_are_sorted(sort: str, expected: list[int]) -> None:
    lines = [
        line(1, country="Peru", stability_percent=90),
        line(2),
        line(3, bandwidth_mbps=1000),
    ]
    assert [each.id for each in sort_lines(lines, sort)] == expected


def test_versions_are_listed_newest_first_and_words_last() -> None:
    found = ["9", "10", "rawhide", "8.10", "8.9", "eln"]
    assert newest_first(found) == ["10", "9", "8.10", "8.9", "eln", "rawhide"]


def test_the_table_has_a_row_for_each_url() -> None:
    urls = (Address("https://a/", ipv6=True), Address("rsync://a/"))
    rows = csv_rows([mirror(Copy(1, "Linux", urls, THEN, 60)), mirror(Copy(2, "EPEL", urls[1:]))])
    assert rows[0] == COLUMNS
    assert rows[1] == (
        *("DE", "m1", "University", 100, "Linux", "https", "https://a/", "yes", 60),
        "2026-11-20T00:00:00+00:00",
    )
    assert rows[3][-3:] == ("", "", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula_to_a_spreadsheet(start: str) -> None:
    rows = csv_rows([mirror(Copy(1, "Linux", (Address("https://a/"),)), name=f"{start}cmd()")])
    assert rows[1][1] == f"'{start}cmd()"


def test_any_part_of_a_place_asks_for_content() -> None:
    assert Filters(arch="x86_64").content
    assert not Filters(country="DE", protocol="https", ipv6=True).content
