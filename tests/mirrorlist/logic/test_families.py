"""Families of addresses: who can be reached comes first, whatever the stage."""

import pytest

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.query import Kind
from mirrorlist.logic.snapshot import (
    Carrier,
    Families,
    Reachable,
    pack_families,
    unpack_families,
)
from tests.mirrorlist.memory import DE, a_host, a_world, ask, listed, network

QUERY = "repo=fedora-42&arch=x86_64"
# FixedGeo knows no IPv6 address, so the operators name its country.
DE6 = "2001:db8::1"
BOTH = Families(Reachable.YES, Reachable.YES)
V4, V6 = Families(Reachable.YES, Reachable.NO), Families(Reachable.NO, Reachable.YES)
UNKNOWN = Families()


def world_of(*hosts: tuple[str, Families], minimum: int = 1, **over):
    """Make a world of Hosts by country, each reachable as given."""
    made = [a_host(n, country) for n, (country, _) in enumerate(hosts, start=1)]
    offered = {
        n: Carrier((f"https://{host.name}/x",), "", (hosts[n][1],)) for n, host in enumerate(made)
    }
    countries = Ranges([("2001:db8::/32", "DE")])
    snapshot = network(made, offered=offered, netblock_countries=countries, **over)
    return a_world(snapshot, minimum_hosts=minimum)


def order(world, ip: str, more: str = "") -> list[str]:
    return listed(ask(world, QUERY + more, ip=ip))


def test_ipv6_clients_get_hosts_with_ipv6_first_whatever_the_stage() -> None:
    world = world_of(("DE", V4), ("FR", BOTH), ("ES", V4), ("JP", V6), minimum=9)
    assert order(world, DE6) == ["fr2", "jp4", "de1", "es3"]


def test_ipv4_clients_get_hosts_with_ipv6_only_last() -> None:
    world = world_of(("DE", V6), ("FR", BOTH), ("ES", UNKNOWN), ("JP", V4), minimum=9)
    assert order(world, DE)[-2:] == ["jp4", "de1"]


def test_what_nobody_tried_comes_between() -> None:
    world = world_of(("DE", V4), ("FR", UNKNOWN), ("JP", BOTH), minimum=9)
    assert order(world, DE6) == ["jp3", "fr2", "de1"]


def test_without_any_knowledge_the_stages_decide() -> None:
    world = world_of(("DE", UNKNOWN), ("FR", UNKNOWN), ("JP", UNKNOWN), minimum=9)
    assert order(world, DE6) == ["de1", "fr2", "jp3"]


def test_own_hosts_out_of_reach_come_after_others_too() -> None:
    world = world_of(("JP", V4), ("DE", V6), netblocks=Ranges([("2001:db8::/48", 0)]))
    assert order(world, DE6) == ["de2", "jp1"]


@pytest.mark.parametrize(("ip", "host"), [(DE6, "fr2"), (DE, "de1")])
def test_a_redirect_leads_to_a_host_in_reach(ip: str, host: str) -> None:
    world = world_of(("DE", V4), ("FR", V6))
    for _ in range(20):
        location = dict(ask(world, f"{QUERY}&redirect=1", ip=ip).headers)["Location"]
        assert location.startswith(f"https://{host}.")


@pytest.mark.parametrize(
    ("more", "hosts"),
    [
        ("&ipv6=1", {"fr2", "jp4"}),
        ("&ipv6", {"fr2", "jp4"}),
        ("&ipv6=0", {"de1", "fr2", "es3", "jp4"}),
        ("&ipv4=1", {"de1", "fr2", "es3"}),
        ("&ipv4=1&ipv6=1", {"fr2"}),
    ],
)
def test_a_client_may_ask_for_one_family_only(more: str, hosts: set[str]) -> None:
    world = world_of(("DE", V4), ("FR", BOTH), ("ES", UNKNOWN), ("JP", V6), minimum=9)
    assert set(order(world, DE, more)) == hosts


def test_one_good_url_of_several_is_enough() -> None:
    host = a_host(1, "DE")
    urls = Carrier(("https://four/x", "https://six/x"), "", (V4, V6))
    world = a_world(network([host], offered={0: urls}))
    got = ask(world, f"{QUERY}&ipv6=1", kind=Kind.METALINK).body
    assert b"https://six/x" in got
    assert b"https://four/x" not in got


def test_families_are_packed_into_digits() -> None:
    families = (BOTH, V4, V6, UNKNOWN)
    assert pack_families(families) == "00022001"
    assert unpack_families("00022001") == families
    assert unpack_families("") == ()
