"""What files share, how much of it is remembered, and how likely each Host comes first."""

import json

import pytest

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.snapshot import Carrier, Continents, Families, Reachable
from tests.mirrorlist.files import ISO, a_file_world, fields, file_network, get, host_of
from tests.mirrorlist.memory import CONTINENTS, DE, FR, OS, US, FixedGeo, a_host


def shares(world, ip: str = DE) -> dict[str, float]:
    found = json.loads(get(world, f"/{ISO}", "json", ip=ip).body)
    return {host["name"][:3]: host["share"] for host in [found["host"], *found["alternatives"]]}


@pytest.mark.parametrize(
    "limit",
    [
        "files.FILES_REMEMBERED",
        "files.QUERIES_REMEMBERED",
        "files.LONGEST_REMEMBERED",
        "choices.CHOICES_REMEMBERED",
        "world.PLANS_REMEMBERED",
        "world.QUESTIONS_REMEMBERED",
    ],
)
def test_what_is_forgotten_is_worked_out_anew(limit: str, monkeypatch) -> None:
    monkeypatch.setattr(f"mirrorlist.logic.{limit}", 1)
    world = a_file_world()
    for _ in range(3):
        for ip, host in ((FR, "fr3"), (US, "us4")):
            assert host_of(get(world, f"/{ISO}", ip=ip)) == host
            assert get(world, f"/{OS}/tiny", "https=1", ip=ip).status == 302
            assert get(world, f"/{OS}/tiny", f"json&x={ip}", ip=ip).status == 200


def test_those_that_stand_by_change_with_time() -> None:
    hosts = [a_host(number, "DE") for number in range(1, 9)]
    world = a_file_world(file_network(hosts))
    told = {fields(get(world, f"/{ISO}"))["Link"] for _ in range(9000)}
    assert len(told) > 8


def test_nobody_stands_by_for_itself() -> None:
    world = a_file_world()
    for _ in range(100):
        got = fields(get(world, f"/{ISO}"))
        assert got["Location"] not in got["Link"]


def test_files_that_are_too_big_for_a_host_come_from_another() -> None:
    hosts = [a_host(1, "DE", max_file_mb=600), a_host(2, "DE", max_file_mb=700)]
    world = a_file_world(file_network(hosts))
    assert {host_of(get(world, f"/{ISO}")) for _ in range(40)} == {"de2"}
    assert {host_of(get(world, f"/{OS}/tiny")) for _ in range(40)} == {"de1", "de2"}
    [left_out] = json.loads(get(world, f"/{ISO}", "json").body)["excluded"]
    assert left_out["sentence"] == "The file has 700 MB, and it takes files up to 600 MB."


def test_countries_to_avoid_are_not_avoided_if_that_leaves_nobody() -> None:
    world = a_file_world(file_network([a_host(1, "DE"), a_host(2, "FR")]))
    assert host_of(get(world, f"/{ISO}", "avoid_country=DE")) == "fr2"
    assert get(world, f"/{ISO}", "avoid_country=DE,FR").status == 302


def test_a_netblock_comes_first_the_longest_of_several() -> None:
    netblocks = Ranges([("192.0.2.0/24", 2), ("192.0.2.0/28", 3), ("192.0.2.0/28", 0)])
    world = a_file_world(file_network(netblocks=netblocks))
    assert shares(world) == {"us4": 0.5, "de1": 0.5, "fr3": 0.0, "de2": 0.0}
    assert {host_of(get(world, f"/{ISO}")) for _ in range(60)} == {"us4", "de1"}


@pytest.mark.parametrize("prefix", [64, 48])
def test_who_is_reached_better_comes_first_also_among_those_in_a_netblock(prefix: int) -> None:
    """Though the netblock of the other Host be longer."""
    hosts = [a_host(1, "DE"), a_host(2, "DE")]
    both, only_4 = Families(Reachable.YES, Reachable.YES), Families(Reachable.YES, Reachable.NO)
    offered = {
        position: Carrier((f"https://{host.name}/x",), "", (families,))
        for position, (host, families) in enumerate(zip(hosts, (both, only_4), strict=True))
    }
    netblocks = Ranges([("2001:db8::/48", 0), (f"2001:db8::/{prefix}", 1)])
    world = a_file_world(file_network(hosts, offered=offered, netblocks=netblocks))
    assert shares(world, "2001:db8::1") == {"de1": 1.0, "de2": 0.0}
    drawn = {host_of(get(world, f"/{ISO}", ip="2001:db8::1")) for _ in range(40)}
    assert drawn == {"de1"}


def test_hosts_of_the_clients_own_network_are_equally_likely() -> None:
    world = a_file_world(file_network(asn_hosts={64496: (2, 3)}))
    world.geo = FixedGeo({DE: 64496})
    assert shares(world) == {"us4": 0.5, "fr3": 0.5, "de1": 0.0, "de2": 0.0}


def test_distances_are_those_of_points_or_countries() -> None:
    continents = Continents(CONTINENTS.continent_of, {"DE": (52.5, 13.4), "US": (40.7, -74.0)})
    hosts = [a_host(1, "DE", point=(48.1, 11.6)), a_host(2, "US"), a_host(3, "FR")]
    world = a_file_world(file_network(hosts, continents=continents))
    found = json.loads(get(world, f"/{ISO}", "json").body)
    distances = {h["name"][:2]: h["distance_km"] for h in [found["host"], *found["alternatives"]]}
    assert 490 < distances["de"] < 520
    assert 6300 < distances["us"] < 6450
    assert distances["fr"] is None
    page = get(world, f"/{ISO}", "mirrorlist").body.decode()
    assert '<circle class="chosen" cx="11.6" cy="-48.1"' in page
    assert '<circle class="client" cx="13.4" cy="-52.5"' in page
    assert " km</td>" in page


def test_a_client_is_where_the_geo_data_says() -> None:
    hosts = [a_host(1, "DE", point=(47.5, 12.5))]
    world = a_file_world(file_network(hosts))
    world.geo = FixedGeo(points={DE: (48.0, 11.0)})
    found = json.loads(get(world, f"/{ISO}", "json").body)
    assert found["host"]["distance_km"] == 0


def test_a_limit_leaves_as_many_beside_the_first() -> None:
    hosts = [a_host(number, "DE") for number in range(1, 9)]
    world = a_file_world(file_network(hosts))
    for limit, links in ((1, 0), (3, 2), (7, 5)):
        found = fields(get(world, f"/{ISO}", f"limit={limit}")).get("Link", "")
        assert found.count("rel=duplicate") == links


def test_those_that_stand_by_come_from_farther_if_few_are_near() -> None:
    hosts = [a_host(1, "DE"), a_host(2, "DE"), *(a_host(n, "FR") for n in range(3, 9))]
    world = a_file_world(file_network(hosts))
    for _ in range(50):
        got = fields(get(world, f"/{ISO}"))
        first, other = ("de1", "de2") if "//de1" in got["Location"] else ("de2", "de1")
        assert got["Link"].startswith(f"<https://{other}.")
        assert f"//{first}." not in got["Link"]
        assert got["Link"].count("geo=fr") == 4
