"""The log of mirrorlist-server, line by line."""

from datetime import date

import pytest

from mirrorlist.logic import request_log
from mirrorlist.logic.counters import OTHER, Dimension
from mirrorlist.logic.request_log import LogTally, tally_lines

DAY = date(2026, 11, 19)


def line(ip: str = "203.0.113.1", day: str = "2026-11-19", country: str = "DE", **over) -> str:
    repo, arch = over.get("repo", "fedora-42"), over.get("arch", "x86_64")
    return f"IP: {ip}; DATE: {day}; COUNTRY: {country}; REPO: {repo}; ARCH: {arch}\n"


def tallied(*lines: str, only: date | None = None) -> LogTally:
    tally = LogTally()
    tally_lines(lines, tally, only=only)
    return tally


def test_a_line_counts_by_country_repository_and_arch() -> None:
    assert tallied(line(), line(country="FR")).days == {
        DAY: {
            Dimension.KIND: {"logged 200": 2},
            Dimension.COUNTRY: {"DE": 1, "FR": 1},
            Dimension.REPOSITORY: {"fedora-42": 2},
            Dimension.ARCH: {"x86_64": 2},
        }
    }


@pytest.mark.parametrize("country", ["N/A", "de", "DEU", "D", "ÄÖ"])
def test_what_is_no_country_is_unknown(country: str) -> None:
    assert tallied(line(country=country)).days[DAY][Dimension.COUNTRY] == {"N/A": 1}


@pytest.mark.parametrize(
    ("ip", "private"),
    [
        ("127.0.0.1", 1),
        ("::1", 1),
        ("10.1.2.3", 1),
        ("::ffff:192.168.1.1", 1),
        ("fd00::1", 1),
        ("203.0.113.9", 0),
        ("2001:db8::1", 0),
    ],
)
def test_health_checks_are_left_out(ip: str, private: int) -> None:
    tally = tallied(line(ip), line(ip))
    assert (tally.private, tally.counted) == (2 * private, 2 - 2 * private)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<script>alert(1)</script>\n",
        "GET / HTTP/1.1 a b c d e f g h\n",
        line(day="20261119"),
        line(day="2026-13-01"),
        line("localhost"),
        line(repo="two words"),
    ],
)
def test_garbage_is_counted_and_shown(text: str) -> None:
    tally = tallied(text, text, *[text] * 9)
    assert (tally.garbage, tally.counted, len(tally.examples)) == (11, 0, 5)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('203.0.113.7 - - [20/Nov/2026:10:00:00 +0000] "GET', "999.9.999.9 - - [99/xxx/9999:99:"),
        ("IP: 2001:db8::1; DATE: today; REPO: é٣_\t", "IP: 9999:xx9::9; DATE: xxxxx; REPO: x9_"),
        ("pc7.customer.example.org", "xx9.xxxxxxxx.xxxxxxx.xxx"),
    ],
)
def test_garbage_is_shown_without_what_it_says(text: str, shown: str) -> None:
    """It has addresses of clients, and what is found in a log is stored."""
    [example] = tallied(text).examples
    assert shown in example
    assert set("203é٣p") & set(example) == set()


def test_other_days_are_left_out() -> None:
    tally = tallied(line(), line(day="2026-11-18"), only=DAY)
    assert (tally.counted, tally.other_days) == (1, 1)


def test_hostile_and_too_many_names_are_other(monkeypatch) -> None:
    monkeypatch.setattr(request_log, "MOST_NAMES", 2)
    names = ["a", "b", "c", "a", "\x1b[2J"]
    tally = tallied(*(line(repo=name) for name in names))
    assert tally.days[DAY][Dimension.REPOSITORY] == {"a": 2, "b": 1, OTHER: 2}


def test_many_addresses_need_no_endless_memory(monkeypatch) -> None:
    monkeypatch.setattr(request_log, "ADDRESSES_REMEMBERED", 2)
    assert tallied(*(line(f"203.0.113.{n}") for n in range(9))).counted == 9
