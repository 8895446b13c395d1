"""The worked example of docs/how-it-works/selection.md."""

from pathlib import Path

import pytest

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.world import World
from tests.mirrorlist.memory import DE, a_host, a_world, ask, header, listed, network

PAGE = Path(__file__).parents[3] / "docs/how-it-works/selection.md"
HOSTS = [
    a_host(1, "DE"),
    a_host(2, "DE", private=True),
    a_host(3, "FR", name="fr1.example.org"),
    a_host(4, "FR", name="fr2.example.org", countries_allowed=frozenset({"FR"})),
    a_host(5, "US", name="us1.example.org"),
    a_host(6, "JP", name="jp1.example.org"),
]


@pytest.fixture
def world() -> World:
    return a_world(network(HOSTS, netblocks=Ranges([("192.0.2.0/24", 1)])), minimum_hosts=4)


def test_the_client_in_the_netblock(world: World) -> None:
    got = ask(world, ip=DE)
    assert listed(got)[:3] == ["de2", "de1", "fr1"]
    assert sorted(listed(got)[3:]) == ["jp1", "us1"]
    assert f"\n{header(got)}\n" in PAGE.read_text()


def test_another_german_client_never_sees_the_private_host(world: World) -> None:
    query = "repo=fedora-42&arch=x86_64&netblock=0"
    assert sorted(listed(ask(world, query, ip=DE))) == ["de1", "fr1", "jp1", "us1"]


def test_a_requested_country_is_final(world: World) -> None:
    query = "repo=fedora-42&arch=x86_64&country=fr"
    assert listed(ask(world, query, ip=DE)) == ["fr1"]
