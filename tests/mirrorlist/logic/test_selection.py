"""The stages, one by one. Hosts are called by country and number: de1, fr2."""

import pytest

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.query import Kind
from mirrorlist.logic.snapshot import Carrier
from tests.mirrorlist.memory import (
    DE,
    FR,
    JP,
    NOWHERE,
    US,
    a_host,
    a_world,
    ask,
    header,
    listed,
    network,
    offering,
)

ASKED = "# repo = fedora-42 arch = x86_64 "
QUERY = "repo=fedora-42&arch=x86_64"
HOSTS = [a_host(1, "DE"), a_host(2, "FR"), a_host(3, "ES"), a_host(4, "US"), a_host(5, "JP")]


def only(*countries: str) -> frozenset[str]:
    return frozenset(countries)


@pytest.mark.parametrize(
    ("ip", "minimum", "groups", "words"),
    [
        (DE, 1, [{"de1"}, {"es3", "fr2"}], "country = DE country = ES country = FR "),
        (
            DE,
            4,
            [{"de1"}, {"es3", "fr2"}, {"us4", "jp5"}],
            "country = DE country = ES country = FR country = global ",
        ),
        (US, 1, [{"us4"}], "country = US "),
        (
            NOWHERE,
            1,
            [{"de1", "fr2", "es3", "us4", "jp5"}],
            "country = global ",
        ),
    ],
)
def test_country_then_continent_then_everywhere(ip, minimum, groups, words) -> None:
    got = ask(a_world(network(HOSTS), minimum_hosts=minimum), ip=ip)
    assert header(got) == ASKED + words
    names = listed(got)
    for group in groups:
        assert set(names[: len(group)]) == group
        names = names[len(group) :]
    assert not names


def test_private_hosts_are_never_listed_to_strangers() -> None:
    hosts = [*HOSTS, a_host(6, "DE", private=True)]
    world = a_world(network(hosts), minimum_hosts=99)
    for query in (QUERY, f"{QUERY}&country=de", f"{QUERY}&country=global", f"{QUERY}&country=fr"):
        assert "de6" not in listed(ask(world, query))


def test_a_netblock_prefers_its_hosts_longest_prefix_first() -> None:
    hosts = [*HOSTS, a_host(6, "JP", private=True)]
    netblocks = Ranges([("192.0.0.0/16", 3), ("192.0.2.0/24", 5), ("192.0.2.0/28", 4)])
    got = ask(a_world(network(hosts, netblocks=netblocks), minimum_hosts=1))
    assert listed(got)[:4] == ["jp5", "jp6", "us4", "de1"]
    assert header(got).startswith(f"{ASKED}Using preferred netblock country = DE ")


def test_a_host_of_two_matching_netblocks_is_listed_once() -> None:
    netblocks = Ranges([("192.0.0.0/16", 4), ("192.0.2.0/24", 4), ("192.0.2.0/23", 3)])
    got = ask(a_world(network(HOSTS, netblocks=netblocks), minimum_hosts=1))
    assert listed(got)[:2] == ["jp5", "us4"]
    assert listed(got).count("jp5") == 1


def test_netblock_hosts_without_the_directory_are_silently_passed() -> None:
    world = a_world(network(HOSTS, behind=[4], netblocks=Ranges([("192.0.2.0/24", 4)])))
    assert header(ask(world)).startswith(f"{ASKED}country = DE ")
    assert "jp5" not in listed(ask(world))


def test_an_asn_prefers_its_hosts_after_netblocks() -> None:
    snapshot = network(
        HOSTS, netblocks=Ranges([("192.0.2.0/24", 4)]), asn_hosts={64496: (3, 4), 64497: (1,)}
    )
    got = ask(a_world(snapshot, asns={DE: 64496}, minimum_hosts=1))
    assert listed(got)[:2] == ["jp5", "us4"]
    assert header(got).startswith(f"{ASKED}Using preferred netblock Using ASN 64496 country = DE ")


def test_the_asn_is_named_even_when_its_hosts_lack_the_directory() -> None:
    world = a_world(network(HOSTS, behind=[4], asn_hosts={64496: (4,)}), asns={DE: 64496})
    assert header(ask(world)).startswith(f"{ASKED}Using ASN 64496 country = DE ")


@pytest.mark.parametrize("more", ["&netblock=0", "&country=fr"])
def test_a_client_may_ask_not_to_get_its_own_network(more: str) -> None:
    world = a_world(network(HOSTS, netblocks=Ranges([("192.0.2.0/24", 4)])), minimum_hosts=1)
    assert "jp5" not in listed(ask(world, QUERY + more))


def test_own_hosts_count_towards_the_minimum_and_appear_once() -> None:
    snapshot = network(HOSTS, netblocks=Ranges([("192.0.2.0/24", 0), ("192.0.2.0/24", 3)]))
    got = ask(a_world(snapshot, minimum_hosts=4))
    assert sorted(listed(got)) == ["de1", "es3", "fr2", "us4"]
    got = ask(a_world(snapshot, minimum_hosts=5))
    assert sorted(listed(got)) == ["de1", "es3", "fr2", "jp5", "us4"]


@pytest.mark.parametrize(
    ("country", "names", "words"),
    [
        ("fr", {"fr2"}, "country = fr "),
        ("us,fr", {"fr2", "us4"}, "country = fr country = us "),
        ("CA", {"us4"}, "country = US "),
        ("Global", {"de1", "fr2", "es3", "us4", "jp5"}, "country = global "),
        ("fr,FR", {"fr2"}, "country = FR country = fr "),
    ],
)
def test_requested_countries_are_final(country, names, words) -> None:
    got = ask(a_world(network(HOSTS), minimum_hosts=99), f"{QUERY}&country={country}")
    assert set(listed(got)) == names
    assert len(listed(got)) == len(names)
    assert header(got) == ASKED + words


@pytest.mark.parametrize("country", ["ZZ", "", "%00", "ab,cd"])
def test_unknown_countries_fall_through_to_the_client_own(country: str) -> None:
    got = ask(a_world(network(HOSTS), minimum_hosts=1), f"{QUERY}&country={country}")
    assert header(got) == f"{ASKED}country = DE country = ES country = FR "


def test_hosts_with_allowed_countries_are_trimmed_in_every_stage() -> None:
    hosts = [*HOSTS, a_host(6, "DE", countries_allowed=only("FR"))]
    world = a_world(network(hosts), minimum_hosts=99)
    for query in (QUERY, f"{QUERY}&country=de", f"{QUERY}&country=global"):
        for ip in (DE, US, JP, NOWHERE):
            assert "de6" not in listed(ask(world, query, ip=ip))
        assert "de6" in listed(ask(world, query, ip=FR))


def test_netblock_and_asn_hits_are_not_trimmed() -> None:
    hosts = [*HOSTS, *(a_host(n, "US", countries_allowed=only("US")) for n in (6, 7))]
    snapshot = network(hosts, netblocks=Ranges([("192.0.2.0/24", 5)]), asn_hosts={1: (6,)})
    assert listed(ask(a_world(snapshot, asns={DE: 1})))[:2] == ["us6", "us7"]


def test_a_requested_country_trimmed_to_nothing_gives_its_continent() -> None:
    hosts = [a_host(1, "DE", countries_allowed=only("DE")), *HOSTS[1:]]
    got = ask(a_world(network(hosts), minimum_hosts=1), f"{QUERY}&country=de", ip=US)
    assert sorted(listed(got)) == ["es3", "fr2"]


def test_requests_trimmed_to_nothing_at_all_give_the_client_own_country() -> None:
    hosts = [a_host(1, "JP", countries_allowed=only("JP")), *HOSTS]
    snapshot = network(hosts, behind=[5])
    got = ask(a_world(snapshot, minimum_hosts=1), f"{QUERY}&country=jp", ip=US)
    assert listed(got) == ["us4"]
    assert header(got) == f"{ASKED}country = jp country = US "


def test_protocols_keep_hosts_that_have_them_and_the_rest_does_not_count() -> None:
    snapshot = network(HOSTS)
    snapshot.offered = {0: offering(HOSTS[0], "rsync"), **{n: offering(HOSTS[n]) for n in (1, 3)}}
    snapshot.sets = {0: [0, 1, 3]}
    got = ask(a_world(snapshot, minimum_hosts=2), f"{QUERY}&protocol=https")
    assert listed(got) == ["fr2", "us4"]
    assert header(got) == f"{ASKED}country = DE country = FR country = global protocol = https"
    got = ask(a_world(snapshot, minimum_hosts=2), QUERY)
    assert listed(got) == ["fr2"], "a Host without web URL counts, but is not shown"


def test_own_hosts_without_the_protocol_do_not_count() -> None:
    snapshot = network(HOSTS, netblocks=Ranges([("192.0.2.0/24", 4)]))
    snapshot.offered = {**snapshot.offered, 4: offering(HOSTS[4], "rsync")}
    got = ask(a_world(snapshot, minimum_hosts=4), f"{QUERY}&protocol=https")
    assert listed(got)[-1] == "us4"
    assert "jp5" not in listed(got)


def test_a_protocol_nobody_has_leaves_the_header_alone() -> None:
    got = ask(a_world(network(HOSTS)), f"{QUERY}&protocol=gopher")
    assert got.body.decode().endswith("country = global protocol = gopher\n")
    assert got.status == 200


def test_a_metalink_follows_the_same_stages() -> None:
    snapshot = network(HOSTS, netblocks=Ranges([("192.0.2.0/24", 4)]))
    snapshot.offered = {
        member: Carrier((f"https://{host.name}", f"rsync://{host.name}"), "")
        for member, host in enumerate(HOSTS)
    }
    got = ask(a_world(snapshot, minimum_hosts=5), kind=Kind.METALINK).body.decode()
    assert got.count("<url ") == 10
    assert 'location="JP" preference="100">https://jp5' in got
    assert 'location="JP" preference="100">rsync://jp5' in got
    assert 'location="DE" preference="99">' in got
    assert 'location="US" preference="96">' in got


def test_weights_decide_the_order_inside_a_stage() -> None:
    hosts = [a_host(1, "DE", weight=10_000), a_host(2, "DE", weight=0), a_host(3, "DE", weight=1)]
    world = a_world(network(hosts), minimum_hosts=1)
    first = [listed(ask(world, now=100.0 + turn))[0] for turn in range(300)]
    assert first.count("de1") > 290
