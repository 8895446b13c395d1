"""What Explain says about reach, families of addresses, distance, shares and limits."""

import json

import pytest

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.explain import EXCLUSIVE, explain, render_explanation
from mirrorlist.logic.query import Client, Kind
from mirrorlist.logic.snapshot import Carrier, Continents, Families, FileDetail, Reachable
from registry.logic.reach import Reach
from tests.mirrorlist.memory import CONTINENTS, DE, OS, a_host, a_world, network

QUERY = "repo=fedora-42&arch=x86_64"
DE6 = "2001:db8::1"
BOTH = Families(Reachable.YES, Reachable.YES)
POINTS = {"DE": (50.1, 8.7), "FR": (48.9, 2.4), "US": (39.0, -90.0), "JP": (35.7, 139.7)}
HOSTS = [
    a_host(1, "DE"),
    a_host(2, "FR"),
    a_host(3, "US", countries_served=frozenset({"DE"})),
    a_host(4, "JP", always_listed=True),
    a_host(5, "DE", weight=0),
    a_host(6, "DE", countries_excluded=frozenset({"DE"})),
    a_host(7, "US", reach=Reach.COUNTRY),
    a_host(8, "US", reach=Reach.CONTINENT),
    a_host(9, "DE", reach=Reach.ASNS),
    a_host(10, "DE", reach=Reach.NETBLOCKS),
    a_host(11, "DE", max_file_mb=4000),
    a_host(12, "DE"),
    a_host(13, "DE"),
    a_host(14, "DE"),
]
V4_ONLY, NEVER_TRIED, EXCLUDED = 11, 12, 13


def world_of(**policy):
    offered = {n: Carrier((f"https://{h.name}/x",), "", (BOTH,)) for n, h in enumerate(HOSTS)}
    v4_only = Families(Reachable.YES, Reachable.NO)
    offered[V4_ONLY] = offered[V4_ONLY]._replace(families=(v4_only,))
    offered[NEVER_TRIED] = offered[NEVER_TRIED]._replace(families=())
    snapshot = network(
        HOSTS,
        offered=offered,
        behind=[EXCLUDED],
        continents=Continents(CONTINENTS.continent_of, POINTS),
        exclusives={OS: frozenset(range(EXCLUDED))},
        netblock_countries=Ranges([("2001:db8::/32", "DE")]),
        files={(OS, "dvd.iso"): [FileDetail(1, 4_000_000_001, "", "", "", "")]},
    )
    return a_world(snapshot, **{"minimum_hosts": 2} | policy)


@pytest.mark.parametrize(
    ("query", "ip", "host", "reason", "sentence"),
    [
        ("", DE, "us3", "listed", "It counts as one of the client's country."),
        ("", DE, "fr2", "listed", "It is on the client's continent. It is at most 750 km away."),
        ("", DE, "jp4", "listed", "It is listed however many others there are."),
        (
            "",
            DE,
            "de5",
            "listed",
            "It is in the client's country. It has no share of the clients, so that it comes after "
            "others.",
        ),
        (
            "",
            DE,
            "de6",
            "country_excluded",
            "Its owner or the operators exclude clients of DE.",
        ),
        (
            "",
            DE,
            "us7",
            "country_only",
            "It serves clients of US only; this one is in DE.",
        ),
        (
            "",
            DE,
            "us8",
            "continent_only",
            "It serves clients of the continent of US only; this one is in DE.",
        ),
        (
            "",
            DE,
            "de9",
            "asns_only",
            "Only clients of its netblocks and autonomous systems are sent to it.",
        ),
        ("", DE, "de10", "netblocks_only", "Only clients of its netblocks are sent to it."),
        (
            f"path={OS}/dvd.iso",
            DE,
            "de11",
            "file_too_big",
            "The file has 4,001 MB, and it takes files up to 4,000 MB.",
        ),
        (
            "",
            DE6,
            "de12",
            "listed",
            "It is in the client's country. It comes behind others because IPv6 does not reach it.",
        ),
        (
            "",
            DE6,
            "de13",
            "listed",
            "It is in the client's country. It comes behind others because nobody knows whether "
            "IPv6 reaches it.",
        ),
        (
            "",
            DE,
            "de14",
            EXCLUSIVE,
            f"Below {OS} only the Hosts that are named for it are offered.",
        ),
        ("&avoid_country=fr", DE, "fr2", "avoided", "The client asked to avoid FR."),
        (
            "&limit=1&avoid_country=us",
            DE,
            "jp4",
            "beyond_limit",
            "The client asked for 1 of the Hosts, and others came first.",
        ),
    ],
)
def test_every_limit_has_its_sentence(query, ip, host, reason, sentence) -> None:
    asked = query if query.startswith("path") else QUERY + query
    rows = explain(Kind.MIRRORLIST, asked.encode(), Client(ip), world_of()).rows
    row = next(row for row in rows if row.name.startswith(f"{host}."))
    assert (row.reason, row.sentence) == (reason, sentence)


def test_far_away_is_said_too() -> None:
    rows = explain(Kind.MIRRORLIST, QUERY.encode(), Client(DE), world_of(minimum_hosts=99)).rows
    (japan,) = [row.sentence for row in rows if row.name.startswith("jp4")]
    assert japan.endswith("the rest of the world is added. It is at most 12,000 km away.")


def test_programs_get_json() -> None:
    explained = explain(Kind.MIRRORLIST, QUERY.encode(), Client(DE), world_of())
    facts = json.loads(render_explanation(explained, as_json=True))
    assert facts["country"] == "DE"
    assert {row["reason"] for row in facts["hosts"]} >= {"listed", "country_excluded"}


def test_people_get_lines() -> None:
    explained = explain(Kind.MIRRORLIST, QUERY.encode(), Client(DE), world_of())
    lines = render_explanation(explained).decode().splitlines()
    assert lines[0] == explained.first_line
    assert lines[1] == ("Client 192.0.2.1: country DE (from geo data), ASN unknown, netblock none.")
    assert lines[2].startswith("   1  ")
    assert len(lines) == 2 + len(HOSTS)


def test_a_refusal_is_a_line_as_well() -> None:
    explained = explain(Kind.MIRRORLIST, b"repo=x&arch=y", Client(DE), world_of())
    assert render_explanation(explained).decode().splitlines() == [
        "# repo = x arch = y error: invalid repo or arch",
        "Status 404, so there are no Hosts to explain.",
    ]
