from random import Random

import pytest

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.explain import NOT_UP2DATE, Explanation, as_facts, explain
from mirrorlist.logic.query import Client, Kind
from mirrorlist.logic.rings import Stage
from mirrorlist.logic.snapshot import Exclusion
from mirrorlist.logic.world import World
from tests.mirrorlist.memory import (
    DE,
    FR,
    JP,
    NOW,
    NOWHERE,
    US,
    MemorySnapshot,
    a_host,
    a_world,
    ask,
    listed,
    network,
    offering,
)

QUERY = "repo=fedora-42&arch=x86_64"


def explained(
    world: World, query: str = QUERY, ip: str = DE, kind: Kind = Kind.MIRRORLIST
) -> Explanation:
    world.ordering.pass_time(NOW)
    return explain(kind, query.encode(), Client(ip), world)


def small_network(dice: Random) -> MemorySnapshot:
    hosts = [
        a_host(
            n,
            dice.choice(["DE", "FR", "US", "JP"]),
            private=dice.random() < 0.2,
            weight=dice.choice([1, 10, 1000]),
            countries_allowed=frozenset(dice.choice([(), (), ("DE",), ("US", "FR")])),
        )
        for n in range(1, dice.randrange(2, 12))
    ]
    numbers = range(len(hosts))
    return network(
        hosts,
        behind=[n for n in numbers if dice.random() < 0.2],
        offered={
            n: offering(host, *dice.choice([("https",), ("https", "rsync"), ("rsync",)]))
            for n, host in enumerate(hosts)
        },
        netblocks=Ranges(
            [("192.0.2.0/24", dice.choice(numbers)), ("192.0.0.0/16", dice.choice(numbers))]
        ),
        asn_hosts={64496: (dice.choice(numbers),)},
        left_out=[Exclusion(99, "off.example.org", "DE", "user_off", "It is off.")],
    )


@pytest.mark.parametrize("seed", range(60))
def test_explain_lists_exactly_what_is_answered(seed: int) -> None:
    dice = Random(seed)
    snapshot = small_network(dice)
    more = dice.choice(["", "&country=fr", "&country=de,us", "&protocol=https", "&netblock=0"])
    ip, minimum = dice.choice([DE, FR, US, JP, NOWHERE]), dice.choice([0, 2, 5])
    one, other = (
        a_world(snapshot, seed=seed, asns={DE: 64496}, minimum_hosts=minimum) for _ in range(2)
    )
    got, rows = ask(one, QUERY + more, ip=ip), explained(other, QUERY + more, ip).rows
    assert [row.name.split(".")[0] for row in rows if row.stage] == listed(got)
    assert [row.position for row in rows if row.stage] == list(range(1, len(listed(got)) + 1))
    order = list(Stage)
    stages = [order.index(row.stage) for row in rows if row.stage]
    assert stages == sorted(stages)
    assert {row.host_id for row in rows} == {host.id for host in snapshot.hosts} | {99}
    assert len(rows) == len(snapshot.hosts) + 1
    assert all(row.reason and row.sentence.endswith(".") for row in rows)


@pytest.mark.parametrize(
    ("query", "host", "reason", "sentence"),
    [
        ("", "de1", "listed", "It is in the client's country."),
        ("", "fr2", "listed", "It is on the client's continent. http://x fails."),
        ("", "us3", "enough_closer", "At least 2 Hosts were found closer to the client."),
        (
            "",
            "de4",
            "private",
            "It is private: only clients of its netblocks and autonomous systems get it.",
        ),
        ("", "de5", NOT_UP2DATE, "It does not have this Directory up2date."),
        (
            "",
            "de6",
            "country_not_allowed",
            "It serves clients of FR, US only; this one is in DE.",
        ),
        (
            "",
            "de7",
            "other_protocol",
            "None of its URLs fits the question by protocol and family of addresses: "
            "rsync://de7.example.org/fedora.",
        ),
        (
            "&country=fr",
            "de1",
            "not_requested",
            "It is in none of the countries that were asked for.",
        ),
        (
            "&country=jp&protocol=https",  # only by rsync, so that nobody is offered
            "de1",
            "not_requested",
            "It is in none of the countries that were asked for.",
        ),
        ("", "off", "user_off", "It is off."),
    ],
)
def test_every_host_has_its_reason(query: str, host: str, reason: str, sentence: str) -> None:
    hosts = [
        a_host(1, "DE"),
        a_host(2, "FR"),
        a_host(3, "US"),
        a_host(4, "DE", private=True),
        a_host(5, "DE"),
        a_host(6, "DE", countries_allowed=frozenset({"US", "FR"})),
        a_host(7, "DE"),
        a_host(8, "JP"),
    ]
    offered = {position: offering(each) for position, each in enumerate(hosts)}
    offered |= {position: offering(hosts[position], "rsync") for position in (6, 7)}
    offered[1] = offering(hosts[1], note="http://x fails.")
    left_out = [Exclusion(99, "off.example.org", "DE", "user_off", "It is off.")]
    snapshot = network(hosts, behind=[4], offered=offered, left_out=left_out)
    rows = explained(a_world(snapshot, minimum_hosts=2), QUERY + query).rows
    row = next(row for row in rows if row.name.startswith(f"{host}."))
    assert (row.reason, row.sentence) == (reason, sentence)


def test_it_says_where_the_client_is_and_how_its_answer_begins() -> None:
    snapshot = network([a_host(1, "DE")], netblocks=Ranges([("192.0.2.0/24", 0)]))
    got = explained(a_world(snapshot), f"{QUERY}&time")
    assert got.place is not None
    assert (got.place.country, got.place.country_source) == ("DE", "geo data")
    assert got.netblocks == ("192.0.2.0/24 (de1.example.org)",)
    assert got.first_line == (
        "# repo = fedora-42 arch = x86_64 Using preferred netblock country = DE country = global "
    )


def test_a_refusal_is_explained_without_hosts() -> None:
    got = explained(a_world(network([a_host(1, "DE")])), "repo=x&arch=y")
    assert (got.status, got.rows, got.place) == (404, (), None)
    assert got.first_line == "# repo = x arch = y error: invalid repo or arch"
    assert as_facts(got)["address"] is None


def test_scripts_get_facts() -> None:
    facts = as_facts(explained(a_world(network([a_host(1, "DE"), a_host(2, "FR")], behind=[1]))))
    assert (facts["status"], facts["address"], facts["country"]) == (200, DE, "DE")
    listed, behind = facts["hosts"]
    assert (listed["stage"], listed["position"]) == ("client's country", 1)
    assert (behind["stage"], behind["reason"]) == (None, NOT_UP2DATE)
