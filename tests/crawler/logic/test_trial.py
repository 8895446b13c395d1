"""What a newcomer is told about a URL that was tried."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.logic.canary import Family, Reached
from crawler.logic.certificates import CertificatePolicy
from crawler.logic.observations import Fault
from crawler.logic.trial import (
    ANSWERS_EVERYTHING,
    TOO_SLOW,
    Elsewhere,
    Hits,
    Seen,
    judge_asn,
    judge_place,
    judge_trial,
)
from registry.logic.findings import Finding

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
URL = "https://m.example.org/pub"
BOTH = {family: Reached(200) for family in Family}
GOOD = Seen(
    URL,
    ("192.0.2.1", "2001:db8::1"),
    BOTH,
    certificate_until=NOW + timedelta(days=60),
    hits=Hits("Linux", 100, 100),
)
SILENT = Reached(0, Fault.TIMEOUT, "no answer in time")


def judged(seen: Seen) -> dict[str, Finding]:
    rows = judge_trial(seen, names=["Germany"], now=NOW, policy=CertificatePolicy())
    return {row.subject: row for row in rows}


def test_a_good_mirror_has_good_rows_only() -> None:
    rows = judged(GOOD)
    assert list(rows) == ["Name", "IPv4", "IPv6", "TLS", "Tree"]
    assert {row.tone.value for row in rows.values()} == {"ok"}
    assert rows["Name"].sentence.endswith("registered in Germany.")


@pytest.mark.parametrize(
    ("changes", "subject", "tone", "words"),
    [
        ({"addresses": ()}, "Name", "bad", "leads to no address"),
        (
            {"addresses": (), "fault": Fault.ADDRESS_REFUSED, "trouble": "it is private"},
            "Name",
            "bad",
            "cannot be visited: it is private.",
        ),
        ({"families": {Family.IPV4: Reached(200)}}, "IPv6", "warn", "no IPv6 address"),
        ({"families": {**BOTH, Family.IPV6: SILENT}}, "IPv6", "warn", "no answer in time"),
        ({"hits": None, "trouble": TOO_SLOW}, "Tree", "warn", "There was not enough time"),
        ({"trouble": TOO_SLOW}, "Tree", "ok", "This looks like “Linux”"),
        ({"families": dict.fromkeys(Family, SILENT)}, "IPv4", "bad", "cannot be reached"),
        ({"families": dict.fromkeys(Family, Reached(503))}, "IPv4", "bad", "it answers 503"),
        (
            {"families": dict.fromkeys(Family, Reached(0, Fault.TLS, "no"))},
            "IPv4",
            "ok",
            "Somebody answers",
        ),
        ({"fault": Fault.TLS, "trouble": "self-signed"}, "TLS", "bad", "self-signed"),
        ({"certificate_until": None}, "TLS", "warn", "was not seen"),
        ({"certificate_until": NOW + timedelta(days=3)}, "TLS", "warn", "expires in 3 days"),
        ({"url": "http://m.example.org/pub"}, "TLS", "warn", "http is not encrypted"),
        ({"trouble": ANSWERS_EVERYTHING}, "Tree", "bad", "exists nowhere"),
        ({"fault": Fault.TIMEOUT, "trouble": "slow", "hits": None}, "Tree", "bad", "slow"),
        ({"hits": Hits("Linux", 0, 0)}, "Tree", "warn", "Nothing is known of “Linux” yet"),
        ({"hits": Hits("Linux", 50, 100)}, "Tree", "ok", "50 of 100 sampled"),
        ({"hits": Hits("Linux", 9, 9, 2)}, "Tree", "ok", "2 of them with another size"),
        ({"hits": Hits("Linux", 49, 100)}, "Tree", "warn", "Only a part of “Linux”"),
        ({"hits": Hits("Linux", 0, 10)}, "Tree", "bad", "Give the URL of the directory"),
        (
            {"hits": Hits("Linux", 0, 10), "elsewhere": Elsewhere("https://m/x", "Linux")},
            "Tree",
            "bad",
            "Did you mean https://m/x?",
        ),
        (
            {"hits": Hits("Linux", 0, 10), "elsewhere": Elsewhere(URL, "EPEL")},
            "Tree",
            "bad",
            "It has “EPEL” instead.",
        ),
    ],
)
def test_each_observation_has_its_row(changes, subject, tone, words) -> None:
    row = judged(GOOD._replace(**changes))[subject]
    assert row.tone.value == tone
    assert words in f"{row.sentence} {row.advice}"


def test_rsync_has_no_row_about_tls_and_no_tree_without_a_category() -> None:
    rows = judged(GOOD._replace(url="rsync://m.example.org/pub", hits=None))
    assert list(rows) == ["Name", "IPv4", "IPv6"]


@pytest.mark.parametrize(
    ("chosen", "found", "tone"),
    [("", ["DE"], "warn"), ("DE", ["FR", "DE"], "ok"), ("DE", ["FR"], "warn"), ("DE", [], None)],
)
def test_the_country_is_compared_with_the_register(chosen, found, tone) -> None:
    row = judge_place(chosen, found, names={"DE": "Germany", "FR": "France"})
    assert (row.tone.value if row else None) == tone


@pytest.mark.parametrize(
    ("typed", "found", "tone"),
    [(None, [64500], "warn"), (64500, [64500], "ok"), (64501, [64500], "warn"), (1, [], None)],
)
def test_the_asn_is_compared_with_the_addresses(typed, found, tone) -> None:
    row = judge_asn(typed, found)
    assert (row.tone.value if row else None) == tone
