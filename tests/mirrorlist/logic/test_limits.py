"""Every limit in every stage. The client is in DE; the Host in question is “x”."""

from typing import Any

import pytest

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.explain import explain
from mirrorlist.logic.limits import Circumstances, Reason, Way, has_limits, why_refused
from mirrorlist.logic.query import Client, Kind
from mirrorlist.logic.snapshot import FileDetail
from registry.logic.reach import Reach
from tests.mirrorlist.memory import CONTINENTS, DE, NOWHERE, OS, a_host, a_world, ask, network

QUERY = "repo=fedora-42&arch=x86_64"
ISO = f"path={OS}/dvd.iso"
# How a client of DE finds the Host: where it stands, and what is asked.
BY_NETBLOCK, BY_ASN = "netblock", "asn"
PLACES = {
    "country": ("DE", QUERY),
    "continent": ("FR", QUERY),
    "everywhere": ("US", QUERY),
    "requested": ("US", f"{QUERY}&country=us"),
    "requested continent": ("US", f"{QUERY}&country=ca"),
    "requested global": ("US", f"{QUERY}&country=global"),
}
WAYS = (BY_NETBLOCK, BY_ASN, *PLACES)
NOWHERE_AT_ALL = frozenset[str]()
OWN = frozenset({BY_NETBLOCK, BY_ASN})
EVERY_WAY = frozenset(WAYS)

# A limit, the reason it gives, and the ways on which the Host is found all the same.
ROWS = [
    ({}, None, EVERY_WAY),
    ({"countries_excluded": frozenset({"FR"})}, None, EVERY_WAY),
    ({"countries_excluded": frozenset({"DE"})}, Reason.COUNTRY_EXCLUDED, NOWHERE_AT_ALL),
    ({"countries_allowed": frozenset({"FR"})}, Reason.COUNTRY_NOT_ALLOWED, OWN),
    ({"countries_allowed": frozenset({"DE"})}, None, EVERY_WAY),
    ({"reach": Reach.NETBLOCKS}, Reason.NETBLOCKS_ONLY, frozenset({BY_NETBLOCK})),
    ({"reach": Reach.ASNS}, Reason.ASNS_ONLY, OWN),
    ({"reach": Reach.COUNTRY}, Reason.COUNTRY_ONLY, OWN | {"country"}),
    ({"reach": Reach.CONTINENT}, Reason.CONTINENT_ONLY, OWN | {"country", "continent"}),
    ({"private": True}, Reason.PRIVATE, OWN),
    (
        {"private": True, "countries_excluded": frozenset({"DE"})},
        Reason.COUNTRY_EXCLUDED,
        NOWHERE_AT_ALL,
    ),
]


def found(limits: dict[str, Any], way: str, query: str = "") -> tuple[bool, str]:
    """Tell whether the Host is in the answer, and the reason that Explain gives."""
    country, asked = PLACES.get(way, ("US", QUERY))
    hosts = [a_host(1, country, name="x.example.org", **limits), a_host(2, "JP")]
    snapshot = network(
        hosts,
        netblocks=Ranges([("192.0.2.0/24", 0)] if way == BY_NETBLOCK else []),
        asn_hosts={64496: (0,)} if way == BY_ASN else {},
        files={(OS, "dvd.iso"): [FileDetail(1, 4_700_000_000, "", "", "", "")]},
    )
    world = a_world(snapshot, asns={DE: 64496}, minimum_hosts=9)
    query = query or asked
    explanation = explain(Kind.MIRRORLIST, query.encode(), Client(DE), world)
    row = next(row for row in explanation.rows if row.name.startswith("x."))
    listed = b"//x.example.org" in ask(world, query).body
    assert listed == (row.reason == "listed")
    assert row.sentence.endswith(".")
    return listed, row.reason


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("limits", "reason", "ways"), ROWS)
def test_a_limit_holds_in_every_stage_with_its_reason(limits, reason, ways, way: str) -> None:
    assert found(limits, way) == (
        (True, "listed") if way in ways or reason is None else (False, reason.value)
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("max_file_mb", "listed"), [(4699, False), (4700, True), (0, True)])
def test_files_that_are_too_big_are_not_asked_of_a_host(max_file_mb, listed, way: str) -> None:
    more = PLACES.get(way, ("", QUERY))[1].removeprefix(QUERY)
    reason = "listed" if listed else Reason.FILE_TOO_BIG.value
    assert found({"max_file_mb": max_file_mb}, way, ISO + more) == (listed, reason)


def test_a_size_that_is_not_known_is_no_obstacle() -> None:
    assert found({"max_file_mb": 1}, "country", f"path={OS}/other.iso") == (True, "listed")
    assert found({"max_file_mb": 1}, "country") == (True, "listed")


@pytest.mark.parametrize("way", [BY_NETBLOCK, BY_ASN, "country", "continent", "everywhere"])
def test_avoided_countries_are_left_out_in_every_stage(way: str) -> None:
    country = PLACES.get(way, ("US", ""))[0]
    query = f"{QUERY}&avoid_country=gb,{country.lower()}"
    assert found({}, way, query) == (False, Reason.AVOIDED.value)


def test_a_host_counts_in_the_countries_it_serves_too() -> None:
    host = a_host(1, "US", countries_served=frozenset({"FR"}), reach=Reach.COUNTRY)
    for country, refused in (("US", None), ("FR", None), ("DE", Reason.COUNTRY_ONLY)):
        assert why_refused(host, Circumstances(country, CONTINENTS), Way.PLACE) is refused
    far = host._replace(reach=Reach.CONTINENT)
    for country, refused in (("DE", None), ("CA", None), ("JP", Reason.CONTINENT_ONLY)):
        assert why_refused(far, Circumstances(country, CONTINENTS), Way.PLACE) is refused


@pytest.mark.parametrize("reach", [Reach.COUNTRY, Reach.CONTINENT])
def test_clients_of_unknown_place_are_not_in_reach(reach: Reach) -> None:
    world = a_world(network([a_host(1, "DE", reach=reach)]))
    assert b"https:" not in ask(world, QUERY, ip=NOWHERE).body


@pytest.mark.parametrize(("limits", "reason", "_ways"), ROWS)
def test_only_hosts_with_limits_need_to_be_judged(limits, reason, _ways) -> None:
    assert has_limits(a_host(1, "DE", **limits)) or reason is None
    assert not has_limits(a_host(1, "DE"))
