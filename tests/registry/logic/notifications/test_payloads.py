"""Exact bodies of webhooks and of the message bus."""

from datetime import UTC, datetime

import pytest

from registry.logic.notifications.payloads import (
    Happening,
    HostFacts,
    SiteFacts,
    bus_messages,
    deleted_facts,
    facts_of_deleted,
    webhook_body,
)

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CRAWLED = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
SITE = SiteFacts(3, "Example University", "https://example.edu", ("ben", "dora"))
PAGE = "https://mirrors.example.org/my/hosts/7/"
HOST = HostFacts(7, "m1.example.org", "DE", 1000, 64496, PAGE)
SITE_BODY = {
    "id": 3,
    "name": "Example University",
    "org_url": "https://example.edu",
    "admins": ["ben", "dora"],
}
HOST_BODY = {
    "id": 7,
    "name": "m1.example.org",
    "country": "DE",
    "bandwidth": 1000,
    "asn": 64496,
    "url": PAGE,
}


def happening(**over) -> Happening:
    base = {
        "kind": "changed",
        "thing": "host",
        "at": AT,
        "sentence": "Ben changed it.",
        "agent": "ben",
        "site": SITE,
        "host": HOST,
    }
    return Happening(**{**base, **over})


@pytest.mark.parametrize(
    ("kind", "verb"), [("created", "added"), ("changed", "updated"), ("deleted", "deleted")]
)
def test_a_host_that_changes_is_told_in_both_versions(kind: str, verb: str) -> None:
    topic = f"mirrormanager.host.{verb}"
    assert bus_messages(happening(kind=kind)) == (
        (topic, {"site_id": 3, "host_id": 7, "bandwidth": 1000, "asn": 64496}),
        (f"{topic}.v2", {"site": SITE_BODY, "host": HOST_BODY, "agent": "ben"}),
    )


def test_a_site_that_is_deleted_is_told_in_both_versions() -> None:
    told = bus_messages(happening(kind="deleted", thing="site", host=None))
    first = {
        "site_id": 3,
        "site_name": "Example University",
        "org_url": "https://example.edu",
    }
    assert told == (
        ("mirrormanager.site.deleted", first),
        ("mirrormanager.site.deleted.v2", {"site": SITE_BODY, "agent": "ben"}),
    )


@pytest.mark.parametrize(
    ("over", "crawled_at", "reason"),
    [
        (
            {"crawled_at": CRAWLED, "reason": "4 failed visits."},
            "2026-11-20T11:00:00+00:00",
            "4 failed visits.",
        ),
        ({}, "2026-11-20T12:00:00+00:00", "Ben changed it."),
    ],
)
def test_a_host_that_the_system_disables_is_told(over, crawled_at, reason) -> None:
    (message,) = bus_messages(happening(kind="system_disabled", agent="", logs_url=PAGE, **over))
    assert message == (
        "mirrormanager.crawler.host.disabled.v1",
        {
            "site": SITE_BODY,
            "host": HOST_BODY,
            "crawled_at": crawled_at,
            "logs_url": PAGE,
            "reason": reason,
        },
    )


@pytest.mark.parametrize(
    "over",
    [
        {"kind": "url_failed"},
        {"thing": "hostnetblock"},
        {"thing": "site", "host": None},
        {"site": None, "host": None},
        {"private": True},
        {"private": True, "kind": "deleted", "thing": "site"},
    ],
)
def test_the_bus_is_not_told_of_anything_else(over) -> None:
    assert bus_messages(happening(**over)) == ()


def test_a_webhook_is_told_everything() -> None:
    told = webhook_body(
        happening(kind="system_disabled", reason="Why.", crawled_at=CRAWLED, logs_url=PAGE)
    )
    assert told == {
        "event": "system_disabled",
        "thing": "host",
        "at": "2026-11-20T12:00:00+00:00",
        "sentence": "Ben changed it.",
        "agent": "ben",
        "site": SITE_BODY,
        "host": HOST_BODY,
        "reason": "Why.",
        "crawled_at": "2026-11-20T11:00:00+00:00",
        "logs_url": PAGE,
    }


def test_a_webhook_finds_null_where_there_is_nothing() -> None:
    told = webhook_body(happening(site=None, host=None))
    assert (told["site"], told["host"], told["crawled_at"]) == (None, None, None)


@pytest.mark.parametrize(("site", "host"), [(SITE, HOST), (SITE, None), (None, None)])
def test_what_is_deleted_is_kept_whole(site, host) -> None:
    assert deleted_facts(facts_of_deleted(site, host)) == (site, host)
