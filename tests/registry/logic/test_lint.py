"""One row for each rule about how a Host is set up."""

from datetime import UTC, datetime, timedelta

import pytest

from registry.logic.findings import Tone
from registry.logic.lint import RULES, CopyFacts, HostFacts, Rule, UrlFacts, lint_host

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HTTPS = UrlFacts("https://m.example.org/pub", "working", "working")
RSYNC = UrlFacts("rsync://m.example.org/pub", "working", "working")
GOOD = CopyFacts("Linux", (HTTPS, RSYNC), up2date=3, looked_at=True)
FINE = HostFacts("m.example.org", copies=(GOOD,))
PRIVATE = FINE._replace(private=True, networks=1, last_checked_in_at=NOW)


def url(**facts) -> HostFacts:
    """A Host with these facts about both its URLs."""
    return FINE._replace(
        copies=[GOOD._replace(urls=(HTTPS._replace(**facts), RSYNC._replace(**facts)))]
    )


def certificate(**left) -> HostFacts:
    urls = (HTTPS._replace(certificate_until=NOW + timedelta(**left)), RSYNC)
    return FINE._replace(copies=[GOOD._replace(urls=urls)])


def copy(**facts) -> HostFacts:
    return FINE._replace(copies=[GOOD._replace(**facts)])


@pytest.mark.parametrize(
    ("host", "rule", "words"),
    [
        (FINE._replace(addresses=()), Rule.NO_ADDRESS, "m.example.org is not in DNS."),
        (url(ipv4="absent", ipv6="absent"), Rule.NO_ADDRESS, "not in DNS"),
        (PRIVATE._replace(addresses=()), Rule.NO_ADDRESS, "not in DNS"),
        (url(ipv6="absent"), Rule.ONLY_IPV4, "no IPv6 address"),
        (certificate(days=3), Rule.CERTIFICATE, "ends on 2026-11-23"),
        (certificate(days=-3), Rule.CERTIFICATE, "ended on 2026-11-17"),
        (copy(urls=(RSYNC,)), Rule.NO_HTTPS, "no https URL"),
        (FINE._replace(bandwidth_mbps=1), Rule.BANDWIDTH, "1 Mbit/s"),
        (FINE._replace(bandwidth_mbps=500_000), Rule.BANDWIDTH, "500,000 Mbit/s"),
        (FINE._replace(place_hint="It is elsewhere."), Rule.COUNTRY, "It is elsewhere."),
        (FINE._replace(asn_clients=True), Rule.CLIENTS_WITHOUT_ASN, "has no ASN"),
        (FINE._replace(asn=64500, asns_seen=[64501]), Rule.OTHER_ASN, "are in AS64501"),
        (FINE._replace(copies=()), Rule.NO_CATEGORY, "carries no Category"),
        (copy(urls=()), Rule.NO_URL, "no URL for “Linux”"),
        (copy(urls=(HTTPS,)), Rule.NO_RSYNC, "no rsync URL for “Linux”"),
        (copy(up2date=0), Rule.NOTHING_UP2DATE, "Nothing of “Linux” is up2date"),
        (PRIVATE._replace(last_checked_in_at=None), Rule.NO_CHECK_IN, "never checked in"),
        (
            PRIVATE._replace(last_checked_in_at=NOW - timedelta(hours=25)),
            Rule.NO_CHECK_IN,
            "last checked in on 2026-11-19 11:00 UTC",
        ),
        (PRIVATE._replace(networks=0), Rule.NO_CLIENTS, "neither a netblock nor an ASN"),
        (FINE._replace(admins=0, site="Uni"), Rule.NOBODY, "“Uni” has no SiteAdmin"),
    ],
)
def test_each_rule_finds_what_it_is_about(host: HostFacts, rule: Rule, words: str) -> None:
    [hint] = [hint for hint in lint_host(host, now=NOW) if hint.rule is rule]
    assert words in hint.finding.sentence
    assert hint.finding.sentence.endswith(".")


@pytest.mark.parametrize(
    "host",
    [
        FINE,
        PRIVATE,
        FINE._replace(addresses=("192.0.2.1",)),
        FINE._replace(asn=64500, asn_clients=True, asns_seen=[64500]),
        FINE._replace(asn=64500, asns_seen=None),
        FINE._replace(admins=0, contact="a@example.org"),
        PRIVATE._replace(networks=0, asn=64500, asn_clients=True),
        certificate(days=60),
        url(ipv4="unknown", ipv6="unknown"),
        copy(up2date=0, looked_at=False),
        copy(up2date=0, always_up2date=True),
        copy(urls=(HTTPS,), always_up2date=True),
        PRIVATE._replace(copies=[GOOD._replace(urls=(HTTPS,))]),
        PRIVATE._replace(copies=[GOOD._replace(urls=(HTTPS._replace(ipv6="working"), RSYNC))]),
    ],
)
def test_what_is_in_order_gets_no_hint(host: HostFacts) -> None:
    assert lint_host(host, now=NOW) == []


def test_private_names_are_not_missed_in_our_dns() -> None:
    hidden = GOOD._replace(urls=(HTTPS._replace(ipv4="absent", ipv6="absent"), RSYNC))
    absent = [HTTPS._replace(ipv4="absent", ipv6="absent")]
    host = PRIVATE._replace(copies=[hidden._replace(urls=absent)])
    assert [hint.rule for hint in lint_host(host, now=NOW)] == []


def test_private_hosts_without_copies_need_not_check_in() -> None:
    host = PRIVATE._replace(copies=(), last_checked_in_at=None)
    assert [hint.rule for hint in lint_host(host, now=NOW)] == [Rule.NO_CATEGORY]


def test_what_keeps_clients_away_comes_first() -> None:
    hints = lint_host(FINE._replace(bandwidth_mbps=1, copies=()), now=NOW)
    assert [hint.finding.tone for hint in hints] == [Tone.BAD, Tone.HINT]
    assert [hint.finding.word for hint in hints] == ["does not work", "look again"]


def test_every_rule_has_a_line_in_the_table() -> None:
    assert [row[0] for row in RULES] == list(Rule)
