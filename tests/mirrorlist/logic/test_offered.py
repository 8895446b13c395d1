"""Which Repositories mirrors have, as the matrix and the list sum it up."""

import pytest

from mirrorlist.logic.offered import (
    Cell,
    Offered,
    anybody,
    by_category,
    count_of,
    make_tables,
    mask_of,
    matching,
    offered_hosts,
    public_mask,
    share_percent,
    tally,
)
from mirrorlist.logic.query import Kind
from registry.logic.public_list import Filters
from registry.logic.reach import Reach
from tests.mirrorlist.memory import a_host, a_world, ask, network


def offered(prefix: str, version: str = "42", arch: str = "x86_64", *, hosts=(), **over) -> Offered:
    return Offered(prefix, arch, "Fedora", version, "", 1, "42/os", mask_of(hosts))._replace(**over)


def test_the_hosts_of_a_repository_are_those_of_its_metalink_for_the_whole_world() -> None:
    hosts = [a_host(n, country) for n, country in enumerate(["DE", "JP", "US", "FR"])]
    hosts[2] = hosts[2]._replace(private=True)
    world = a_world(network(hosts, behind=[3]))
    assert offered_hosts(world, "fedora-42", "x86_64") == mask_of([0, 1])
    query = "repo=fedora-42&arch=x86_64&country=global"
    text = ask(world, query, kind=Kind.METALINK).body.decode()
    assert "de0.example.org" in text
    assert "jp1.example.org" in text
    assert "us2" not in text
    assert "fr3" not in text


def test_without_a_metalink_the_mirrorlist_says_who_has_it() -> None:
    world = a_world(network([a_host(0, "DE")], files={}))
    assert offered_hosts(world, "fedora-42", "x86_64") == mask_of([0])


def test_what_clients_are_refused_nobody_has() -> None:
    world = a_world(network([a_host(0, "DE")], disabled=frozenset({"fedora-42"})))
    assert offered_hosts(world, "fedora-42", "x86_64") == 0


def test_hosts_that_are_not_listable_or_for_their_own_networks_are_not_public() -> None:
    hosts = [a_host(1, "DE"), a_host(2, "DE"), a_host(3, "DE", reach=Reach.ASNS)]
    assert public_mask(hosts, {1, 3}) == mask_of([0])


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), ["a", "b", "c"]),
        (Filters(product="Fedora", version="42"), ["a", "b"]),
        (Filters(arch="aarch64"), ["b"]),
        (Filters(repo="c"), ["c"]),
        (Filters(product="EPEL"), []),
    ],
)
def test_repositories_match_by_place_and_prefix(filters: Filters, expected: list[str]) -> None:
    everything = [offered("a"), offered("b", arch="aarch64"), offered("c", "41")]
    assert [each.prefix for each in matching(everything, filters)] == expected


def test_repositories_are_grouped_and_counted() -> None:
    both, one = offered("a", hosts=[0, 1]), offered("b", hosts=[0], category_id=2)
    assert by_category([both, one]) == {1: [both], 2: [one]}
    assert anybody([both, one]) == mask_of([0, 1])
    assert [count_of(tally([both, one, one]), member) for member in (0, 1, 2)] == [3, 1, 0]


def test_the_share_is_that_of_public_copies_rounded_down() -> None:
    repositories = [offered("a", hosts=[0, 1, 5]), offered("b", hosts=[0])]
    carrying = {1: mask_of([0, 1, 2, 5])}
    assert share_percent(repositories, carrying, mask_of([0, 1, 2])) == 50
    assert share_percent(repositories, {}, mask_of([0])) is None


def test_the_matrix_has_newest_versions_first_and_holes_where_there_is_no_repository() -> None:
    repositories = [
        offered("a", "9", hosts=[0]),
        offered("b", "10", hosts=[0, 1]),
        offered("c", "10", hosts=[1]),
        offered("d", "10", "aarch64", hosts=[]),
        offered("e", "", hosts=[0]),
    ]
    (table,) = make_tables(repositories, {1: mask_of([0, 1])}, mask_of([0, 1]))
    assert (table.product, table.arches) == ("Fedora", ("aarch64", "x86_64"))
    ten, nine = table.rows
    assert ten == ("10", "10", (Cell("10", "aarch64", 0, 0), Cell("10", "x86_64", 2, 75)))
    assert nine == ("9", "9", (None, Cell("9", "x86_64", 1, 50)))
