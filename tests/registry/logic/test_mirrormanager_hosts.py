from datetime import UTC, datetime
from typing import Any

import pytest

from registry.logic.mirrormanager.choices import ChoiceReason
from registry.logic.mirrormanager.rows import (
    AclIpRow,
    CategoryRow,
    CountryAllowedRow,
    CountryRow,
    DirectoryNameRow,
    HostCategoryRow,
    HostCountryRow,
    HostRow,
    NetblockRow,
    PeerAsnRow,
    SiteRow,
    UrlRow,
)
from tests.registry.logic.mirrormanager_rows import draft, labels, row, sentences, values

HOST = (("example university",), "mirror.example.org")
CARRIED = (
    row(SiteRow),
    row(HostRow),
    row(DirectoryNameRow),
    row(CategoryRow),
    row(HostCategoryRow),
)


def host(**over: Any) -> Any:
    return draft(row(SiteRow), row(HostRow, **over))


def test_a_host_keeps_its_switches_and_numbers() -> None:
    found = host(
        country="de", bandwidth_int=1000, asn=64500, asn_clients=False, max_connections=3,
        private=True, admin_active=False, user_active=False, disable_reason=" Moving. ",
        robot_email="robot@example.org", comment="hello", latitude=50.5, longitude=8,
    )  # fmt: skip
    assert values(found, "host") == [
        {
            "site": ("example university",), "name": "mirror.example.org", "country": ("DE",),
            "latitude": 50.5, "longitude": 8.0, "bandwidth_mbps": 1000, "max_connections": 3,
            "asn": 64500, "asn_clients": False, "private": True, "admin_active": False,
            "user_active": False, "disable_reason": "Moving.", "contact": "robot@example.org",
            "comment": "hello",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "field", "expected"),
    [
        ("bandwidth_int", None, "bandwidth_mbps", 100),
        ("bandwidth_int", 0, "bandwidth_mbps", 1),
        ("bandwidth_int", 2_000_000, "bandwidth_mbps", 1_000_000),
        ("asn", 0, "asn", None),
        ("asn", -1, "asn", None),
        ("latitude", 91, "latitude", None),
        ("robot_email", "nobody", "contact", None),
    ],
)
def test_values_that_cannot_be_are_bounded_or_left_out(column, value, field, expected) -> None:
    assert values(host(**{column: value}), "host")[0].get(field) == expected


def test_a_host_without_site_or_country_is_left_out() -> None:
    found = draft(row(SiteRow), row(HostRow, site_id=None), row(HostRow, 2, country="EU"))
    assert values(found, "host") == []
    assert sentences(found, ChoiceReason.NO_PARENT) == [
        "host 1: Its Site is missing or left out, so it is left out, too."
    ]
    assert sentences(found, ChoiceReason.UNKNOWN_COUNTRY) == [
        "host 2: “EU” is no country. The Host “mirror.example.org” is left out: give it one and "
        "import again."
    ]


def test_a_host_without_name_is_left_out() -> None:
    found = draft(row(SiteRow), row(HostRow, name=" "), row(NetblockRow))
    assert values(found, "host") == []
    assert found.hosts == {}
    assert len(sentences(found, ChoiceReason.NO_NAME)) == 1


def test_hosts_whose_names_differ_in_case_only_stay_two() -> None:
    found = draft(row(SiteRow), row(HostRow), row(HostRow, 2, name="MIRROR.example.org"))
    assert labels(found, "host") == [
        "Example University / mirror.example.org",
        "Example University / MIRROR.example.org (host 2)",
    ]


def test_what_the_crawler_switched_off_is_the_systems_verdict_not_the_owners() -> None:
    reason = "Host has been disabled (user_active) after 4 consecutive crawl failures"
    found = host(user_active=False, disable_reason=reason)
    assert values(found, "host")[0]["user_active"] is True
    assert values(found, "host")[0]["disable_reason"] == ""
    assert found.hosts[HOST].crawler_reason == reason
    assert len(sentences(found, ChoiceReason.DISABLED_BY_CRAWLER)) == 1


def test_a_reason_counts_only_while_the_switch_is_off() -> None:
    reason = "Host has been disabled (user_active) after 4 consecutive crawl failures"
    assert host(disable_reason=reason).hosts[HOST].crawler_reason is None


def test_the_last_check_in_is_in_utc() -> None:
    found = host(last_checked_in=datetime(2026, 11, 18, 10))
    assert found.hosts[HOST].checked_in_at == datetime(2026, 11, 18, 10, tzinfo=UTC)


def test_netblocks_are_taken_in_their_canonical_form_once() -> None:
    found = draft(
        row(SiteRow), row(HostRow), row(NetblockRow, netblock="193.0.2.5/255.255.255.0", name="x"),
        row(NetblockRow, 2), row(NetblockRow, 3, netblock="10.0.0.0/8"),
        row(NetblockRow, 4, netblock="host.example.org"), row(NetblockRow, 5, netblock="rubbish"),
        row(NetblockRow, 6, netblock=None), row(NetblockRow, 7, host_id=None),
    )  # fmt: skip
    assert values(found, "host_netblock") == [
        {"netblock": "193.0.2.0/24", "name": "x"}, {"netblock": "10.0.0.0/8"},
    ]  # fmt: skip
    assert sentences(found, ChoiceReason.WIDE_NETBLOCK) == [
        "host_netblock 3: 10.0.0.0/8 is not routed on the Internet; only an operator can allow it. "
        "MirrorManager serves it, so it is taken over as approved."
    ]
    assert sentences(found, ChoiceReason.DNS_NAME) == [
        "host_netblock 4: “host.example.org” is a DNS name, not an address. Enter its addresses "
        "here, if it matters."
    ]
    assert len(sentences(found, ChoiceReason.INVALID)) == 1


def test_peer_asns_and_acl_addresses_are_taken_if_they_are_numbers_and_addresses() -> None:
    found = draft(
        row(SiteRow), row(HostRow), row(PeerAsnRow, host_id=1, asn=64501, name="peer"),
        row(PeerAsnRow, 2, host_id=1, asn=0), row(PeerAsnRow, 3, host_id=9, asn=1),
        row(AclIpRow, ip="2001:DB8::1"), row(AclIpRow, 2, ip="mirror.example.org"),
        row(AclIpRow, 3, ip="bogus"), row(AclIpRow, 4, host_id=9), row(AclIpRow, 5, ip=None),
    )  # fmt: skip
    assert values(found, "host_peer_asn") == [{"asn": 64501, "name": "peer"}]
    assert values(found, "host_acl_ip") == [{"ip": "2001:db8::1"}]
    assert len(sentences(found, ChoiceReason.NO_PARENT)) == 2


def test_countries_allowed_come_from_both_tables() -> None:
    found = draft(
        row(SiteRow), row(HostRow), row(CountryRow, code="DE"), row(CountryRow, 2, code="FR"),
        row(CountryAllowedRow), row(HostCountryRow), row(HostCountryRow, 2, country_id=2),
    )  # fmt: skip
    assert values(found, "host_country_allowed") == [{"country": ("DE",)}, {"country": ("FR",)}]
    assert sentences(found, ChoiceReason.OTHER_COUNTRY_TABLE) == [
        "host_country 2: The owner allowed FR, but MirrorManager did not enforce it. It is "
        "enforced from now on."
    ]
    assert found.draft.ledger.taken["host_country"] == 2


def test_countries_allowed_of_no_host_or_no_country_are_left_out() -> None:
    found = draft(
        row(SiteRow), row(HostRow), row(CountryAllowedRow, host_id=None),
        row(CountryAllowedRow, 2, country="ZZ"), row(HostCountryRow, country_id=None),
        row(HostCountryRow, 2, host_id=None),
    )  # fmt: skip
    assert values(found, "host_country_allowed") == []
    assert len(sentences(found, ChoiceReason.NO_PARENT)) == 2
    assert len(sentences(found, ChoiceReason.UNKNOWN_COUNTRY)) == 2


def test_what_a_host_carries_keeps_its_urls() -> None:
    found = draft(
        *CARRIED, row(UrlRow, url="HTTPS://Mirror.example.org/pub/"),
        row(UrlRow, 2, url="rsync://mirror.example.org/pub", private=True),
    )  # fmt: skip
    assert labels(found, "host_category") == [
        "Example University / mirror.example.org / Fedora Linux"
    ]
    assert values(found, "host_category_url") == [
        {"url": "https://mirror.example.org/pub", "private": False},
        {"url": "rsync://mirror.example.org/pub", "private": True},
    ]


def test_carriage_without_host_category_or_valid_url_is_left_out() -> None:
    found = draft(
        *CARRIED, row(HostCategoryRow, 2, category_id=9), row(UrlRow, host_category_id=2),
        row(UrlRow, 2, url="rsync://user:p@ss@host/x"), row(UrlRow, 3, url=None),
    )  # fmt: skip
    assert values(found, "host_category_url") == []
    assert len(sentences(found, ChoiceReason.NO_PARENT)) == 2
    assert sentences(found, ChoiceReason.INVALID) == [
        "host_category_url 2: “rsync://…@host/x”: A URL must not contain a user name or password; "
        "it is shown to everybody. The HostCategoryUrl is left out."
    ]


@pytest.mark.parametrize("secret", ["pa/ss", "x" * 80, "p@ss"])
def test_no_password_of_a_url_gets_into_the_report(secret) -> None:
    url = f"rsync://user:{secret}@host/x"
    found = draft(*CARRIED, row(SiteRow, 2, name="B", org_url=f"two {url}"), row(UrlRow, url=url))
    assert len(found.draft.ledger.choices) == 2
    assert not any(secret[:20] in choice.sentence for choice in found.draft.ledger.choices)


def test_a_category_that_cannot_be_is_left_out_with_what_carries_it() -> None:
    found = draft(
        row(SiteRow), row(HostRow), row(DirectoryNameRow), row(CategoryRow, name="x" * 101),
        row(HostCategoryRow),
    )  # fmt: skip
    assert found.draft.records.get("host_category") is None


def test_of_two_urls_that_are_one_the_first_stays() -> None:
    found = draft(*CARRIED, row(UrlRow), row(UrlRow, 2, url="https://MIRROR.example.org/pub/"))
    assert len(values(found, "host_category_url")) == 1
    assert sentences(found, ChoiceReason.TWICE) == [
        "host_category_url 2: “https://mirror.example.org/pub” is also host_category_url 1; "
        "that one is taken."
    ]


@pytest.mark.parametrize(
    ("holder", "taken"),
    [
        (("example university", "mirror.example.org", "Fedora Linux"), 1),
        (("another", "mirror.example.org", "Fedora Linux"), 0),
    ],
)
def test_a_url_that_another_host_has_here_stays_there(holder, taken) -> None:
    found = draft(*CARRIED, row(UrlRow), urls={"https://mirror.example.org/pub": holder})
    assert len(values(found, "host_category_url")) == taken
    assert len(sentences(found, ChoiceReason.TAKEN)) == 1 - taken
