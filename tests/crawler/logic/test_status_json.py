"""One entry of the status in Arch Linux's form, for each thing that can be known or not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.logic.status_json import Mirror, describe_mirror, score_of

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def mirror(**over: Any) -> Mirror:
    known: dict[str, Any] = {
        "url": "https://m.example.org/pub",
        "category": "Fedora Linux",
        "country": "Germany",
        "country_code": "DE",
        "state": "working",
        "ipv4_state": "working",
        "ipv6_state": "absent",
        "crawled_at": NOON,
        "behind": timedelta(hours=2),
        "stability_percent": 80,
        "whole_files": True,
        "details": "https://mirrors.example.org/m",
    }
    return Mirror(**(known | over))


def test_a_mirror_is_described_as_arch_does() -> None:
    assert describe_mirror(mirror()) == {
        "url": "https://m.example.org/pub/",
        "protocol": "https",
        "last_sync": "2026-11-20T10:00:00Z",
        "completion_pct": 0.8,
        "delay": 7200,
        "duration_avg": None,
        "duration_stddev": None,
        "score": 2.5,
        "active": True,
        "country": "Germany",
        "country_code": "DE",
        "isos": True,
        "ipv4": True,
        "ipv6": False,
        "details": "https://mirrors.example.org/m",
    }


@pytest.mark.parametrize("unknown", [{"crawled_at": None}, {"behind": None}])
def test_what_is_not_known_is_none(unknown: dict[str, None]) -> None:
    shown = describe_mirror(mirror(**unknown))
    names = ("last_sync", "completion_pct", "delay", "score")
    assert [shown[name] for name in names] == [None] * 4


@pytest.mark.parametrize(
    ("state", "expected"), [("working", 1.0), ("failing", 0.0), ("unknown", None)]
)
def test_without_a_stability_the_last_visit_counts(state: str, expected: float | None) -> None:
    shown = describe_mirror(mirror(stability_percent=None, state=state))
    assert shown["completion_pct"] == expected


def test_what_never_worked_has_no_score() -> None:
    assert score_of(0, 0.0) is None
    assert score_of(0, 1.0) == 0.0


def test_a_slash_is_not_doubled() -> None:
    assert describe_mirror(mirror(url="rsync://m/x/"))["url"] == "rsync://m/x/"
