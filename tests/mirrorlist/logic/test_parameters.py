"""Parameters that mirrorlist-server ignores."""

import pytest

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.query import Kind, Request, parse_query
from mirrorlist.logic.snapshot import FileDetail
from tests.mirrorlist.memory import (
    DE,
    OS,
    TOP,
    US,
    a_host,
    a_world,
    ask,
    header,
    listed,
    network,
)

QUERY = "repo=fedora-42&arch=x86_64"
ASKED = "# repo = fedora-42 arch = x86_64 "
HOSTS = [a_host(1, "DE"), a_host(2, "FR"), a_host(3, "US"), a_host(4, "US")]


def asked(query: str) -> Request:
    request = parse_query(query.encode())
    assert isinstance(request, Request)
    return request


@pytest.mark.parametrize(
    ("text", "limit"),
    [("3", 3), ("0", 0), ("", 0), ("-1", 0), ("x", 0), ("1.5", 0), ("９", 0), ("1" * 5000, 0)],
)
def test_a_limit_that_is_no_number_is_ignored(text: str, limit: int) -> None:
    assert asked(f"{QUERY}&limit={text}").limit == limit


@pytest.mark.parametrize("kind", list(Kind))
def test_a_limit_keeps_the_first_hosts(kind: Kind) -> None:
    netblocks = Ranges([("192.0.2.0/24", 2)])
    world = a_world(network(HOSTS, netblocks=netblocks), minimum_hosts=9)
    got = ask(world, f"{QUERY}&limit=2", kind=kind)
    assert got.body.count(b"https://") == 2
    assert b"//us3." in got.body
    assert b"//de1." in got.body


@pytest.mark.parametrize(
    ("query", "countries"),
    [
        ("", None),
        ("&cc=de,fr", ("de", "fr")),
        ("&cc=de&country=fr", ("fr",)),
        ("&cc=", None),
        ("&country=", ("",)),
    ],
)
def test_cc_means_country_where_that_is_missing(query: str, countries) -> None:
    request = asked(QUERY + query)
    assert request.countries == countries
    assert request.by_network == (countries is None)


def test_avoided_countries_are_left_out() -> None:
    world = a_world(network(HOSTS), minimum_hosts=9)
    got = ask(world, f"{QUERY}&avoid_country=us,,gb", ip=US)
    assert sorted(listed(got)) == ["de1", "fr2"]
    assert header(got) == f"{ASKED}country = US country = global "


def test_avoiding_everybody_avoids_nobody_and_says_so() -> None:
    world = a_world(network(HOSTS), minimum_hosts=1)
    got = ask(world, f"{QUERY}&avoid_country=de,fr,us", ip=DE)
    assert sorted(listed(got)) == ["de1", "fr2"]
    assert header(got) == f"{ASKED}avoided countries included country = DE country = FR "
    redirected = ask(world, f"{QUERY}&avoid_country=de,fr,us&redirect=1", ip=DE)
    assert redirected.status == 302


def test_where_nobody_has_anything_there_is_nothing_to_say() -> None:
    world = a_world(network(HOSTS, behind=[0, 1, 2, 3]))
    got = ask(world, f"{QUERY}&avoid_country=de")
    assert got.body.decode() == f"{ASKED}country = global \n"


def test_a_version_belongs_to_the_repository() -> None:
    world = a_world(network(HOSTS))
    got = ask(world, "repo=fedora&version=42&arch=x86_64")
    assert header(got).startswith(ASKED)
    assert ask(world, "repo=fedora&version=41&arch=x86_64").status == 404


def test_a_repository_of_that_name_alone_comes_first() -> None:
    paths = {("fedora", "x86_64"): TOP, ("fedora-42", "x86_64"): OS}
    world = a_world(network(HOSTS, paths=paths))
    assert header(ask(world, "repo=fedora&version=42&arch=x86_64")).startswith("# repo = fedora a")
    assert ask(world, "repo=fedora&version=42&arch=s390x").status == 404


def test_always_listed_hosts_end_every_answer() -> None:
    cdn = a_host(5, "JP", always_listed=True, weight=10_000)
    world = a_world(network([*HOSTS, cdn]), minimum_hosts=1)
    for query, ip in ((QUERY, DE), (QUERY, US), (f"{QUERY}&country=fr", DE)):
        for _ in range(10):
            names = listed(ask(world, query, ip=ip))
            assert names[-1] == "jp5"
            assert names.count("jp5") == 1
    assert listed(ask(world, f"{QUERY}&country=jp")) == ["jp5"]


def test_an_always_listed_host_is_not_listed_twice_by_those_who_prefer_it() -> None:
    cdn = a_host(5, "JP", always_listed=True)
    netblocks = Ranges([("192.0.2.0/24", 4)])
    world = a_world(network([*HOSTS, cdn], netblocks=netblocks), minimum_hosts=1)
    assert listed(ask(world))[0] == "jp5"
    assert listed(ask(world)).count("jp5") == 1


def test_limits_hold_for_always_listed_hosts() -> None:
    cdn = a_host(5, "JP", always_listed=True, countries_excluded=frozenset({"DE"}))
    hidden = a_host(6, "JP", always_listed=True, private=True)
    world = a_world(network([*HOSTS, cdn, hidden]), minimum_hosts=1)
    assert "jp5" in listed(ask(world, ip=US))
    assert "jp5" not in listed(ask(world, ip=DE))
    assert "jp6" not in listed(ask(world, ip=US))


def test_a_host_without_share_comes_last_and_does_not_count() -> None:
    hosts = [a_host(1, "DE", weight=0), a_host(2, "FR"), a_host(3, "JP")]
    world = a_world(network(hosts), minimum_hosts=2)
    got = ask(world)
    assert listed(got) == ["fr2", "jp3", "de1"]
    assert header(got).endswith("country = global ")


def test_a_host_without_share_serves_when_there_is_nobody_else() -> None:
    hosts = [a_host(1, "DE", weight=0), a_host(2, "DE", weight=0)]
    world = a_world(network(hosts))
    assert sorted(listed(ask(world))) == ["de1", "de2"]
    assert ask(world, f"{QUERY}&redirect=1").status == 302


def test_a_network_that_prefers_a_host_does_so_whatever_its_share() -> None:
    hosts = [a_host(1, "JP", weight=0), a_host(2, "DE")]
    world = a_world(network(hosts, netblocks=Ranges([("192.0.2.0/24", 0)])))
    assert listed(ask(world)) == ["jp1", "de2"]


def test_the_size_of_a_file_counts_in_every_kind_of_answer() -> None:
    small = a_host(1, "DE", max_file_mb=1)
    files = {(OS, "dvd.iso"): [FileDetail(1, 2_000_000, "a", "", "", "")]}
    world = a_world(network([small, a_host(2, "FR")], files=files))
    for kind in Kind:
        assert b"//de1." not in ask(world, f"path={OS}/dvd.iso", kind=kind).body
    location = dict(ask(world, f"path={OS}/dvd.iso&redirect=1").headers)["Location"]
    assert location.startswith("https://fr2.")
