"""Whole answers: statuses, headers, bytes, and everything that crashes other servers."""

from random import Random

import pytest
from defusedxml import ElementTree

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.answers import METALINK, TEXT
from mirrorlist.logic.query import Kind
from mirrorlist.logic.snapshot import FileDetail
from tests.mirrorlist.memory import (
    BUILT_AT,
    DE,
    JP,
    OS,
    TOP,
    US,
    MemorySnapshot,
    a_host,
    a_world,
    ask,
    header,
    listed,
    network,
    offering,
)

QUERY = "repo=fedora-42&arch=x86_64"
HOSTS = [a_host(1, "DE"), a_host(2, "DE", weight=0), a_host(3, "US")]
NOT_GIVEN = "# either path=, or repo= and arch= must be specified"


@pytest.fixture
def snapshot() -> MemorySnapshot:
    return network(HOSTS, disabled=frozenset({"off"}))


def test_a_mirrorlist_byte_for_byte(snapshot: MemorySnapshot) -> None:
    got = ask(a_world(snapshot, minimum_hosts=1), ip=US)
    assert got.status == 200
    assert got.headers == (("Content-Type", "text/plain"),)
    assert got.body == (
        b"# repo = fedora-42 arch = x86_64 country = US \n"
        b"https://us3.example.org/fedora/linux/42/x86_64/os/\n"
    )


def test_protocol_and_time_take_the_last_blank(snapshot: MemorySnapshot) -> None:
    got = ask(a_world(snapshot, minimum_hosts=1), f"{QUERY}&protocol=https&time=", ip=US)
    assert got.body.startswith(
        b"# repo = fedora-42 arch = x86_64 country = US protocol = https\n"
        b"# database creation time: %d\nhttps://us3" % BUILT_AT
    )


@pytest.mark.parametrize(
    ("query", "kind", "status", "text"),
    [
        ("", Kind.MIRRORLIST, 200, NOT_GIVEN),
        ("", Kind.METALINK, 200, NOT_GIVEN),
        ("repo=off&arch=x", Kind.MIRRORLIST, 200, "repo disabled"),
        ("repo=off&arch=x", Kind.METALINK, 200, "repo disabled"),
        ("path=no/where", Kind.MIRRORLIST, 404, "error: invalid path"),
        ("path=no/where", Kind.METALINK, 404, "error: invalid path"),
        (f"path={TOP}", Kind.METALINK, 404, f"{TOP}/ not found or has not metalink"),
        (f"path={OS}/x", Kind.METALINK, 404, f"{OS}/x not found or has not metalink"),
        (f"{QUERY}&ip=x", Kind.MIRRORLIST, 500, "Cannot parse client IP address. Aborting."),
        (f"{QUERY}&ip=x", Kind.METALINK, 500, "Cannot parse client IP address. Aborting."),
    ],
)
def test_refusals_have_the_statuses_that_clients_know(
    snapshot: MemorySnapshot, query: str, kind: Kind, status: int, text: str
) -> None:
    got = ask(a_world(snapshot), query, kind=kind)
    assert got.status == status
    if kind is Kind.METALINK:
        assert got.headers == METALINK
        assert got.body.decode().endswith(f"<!-- {text}\n-->\n</metalink>\n")
    else:
        assert got.headers == ()
        assert got.body.decode() == text


def test_a_missing_directory_is_plain_even_for_a_metalink() -> None:
    got = ask(a_world(network([], directories={})), kind=Kind.METALINK)
    assert (got.status, got.headers) == (500, ())
    assert got.body == b"mirrorlist cache index out of range, you broke it!"


def test_a_file_is_not_looked_for_in_a_mirrorlist(snapshot: MemorySnapshot) -> None:
    got = ask(a_world(snapshot, minimum_hosts=1), f"path={OS}/no such.rpm", ip=US)
    assert got.body.endswith(b"/os/no such.rpm\n")


def test_any_file_with_details_has_a_metalink(snapshot: MemorySnapshot) -> None:
    snapshot.files = {(TOP, "a&b.iso"): [FileDetail(1, 2, "", "", "d", "")]}
    got = ask(a_world(snapshot), f"path={TOP}/a%26b.iso", kind=Kind.METALINK)
    document = ElementTree.fromstring(got.body.decode())
    urls = [element.text for element in document.iter("{http://www.metalinker.org/}url")]
    assert "https://us3.example.org/fedora/a&b.iso" in urls
    assert got.headers == METALINK


def test_a_redirect_names_the_first_host(snapshot: MemorySnapshot) -> None:
    got = ask(a_world(snapshot), f"path={OS}/a b.rpm&redirect=1", ip=US)
    assert got.status == 302
    assert got.headers == (
        ("Content-Type", "text/plain"),
        ("Location", "https://us3.example.org/fedora/linux/42/x86_64/os/a%20b.rpm"),
    )
    assert got.body == b""


def test_a_redirect_without_a_host_is_not_found(snapshot: MemorySnapshot) -> None:
    snapshot.offered = {member: offering(host, "rsync") for member, host in enumerate(HOSTS)}
    got = ask(a_world(snapshot), f"path={OS}&redirect")
    assert (got.status, got.headers, got.body) == (404, TEXT, b"")


def test_an_empty_network_gives_the_header_alone() -> None:
    got = ask(a_world(network([])))
    assert got.body == b"# repo = fedora-42 arch = x86_64 country = global \n"


@pytest.mark.parametrize(
    ("more", "ip", "forwarded_for", "country"),
    [
        ("", US, "", "US"),
        (f"&ip={JP}", US, DE, "JP"),
        ("&ip=", US, f"{JP}, {DE}", "DE"),
        ("", "::ffff:192.0.2.3", "", "US"),
        (f"&ip=%20{JP}", US, "", "JP"),
    ],
)
def test_where_a_client_is(more: str, ip: str, forwarded_for: str, country: str) -> None:
    hosts = [a_host(1, "DE"), a_host(2, "US"), a_host(3, "JP")]
    world = a_world(network(hosts), trusted_proxy_count=1, minimum_hosts=1)
    got = ask(world, QUERY + more, ip=ip, forwarded_for=forwarded_for)
    assert header(got).endswith(f" country = {country} ")


def test_operators_correct_the_country_of_a_netblock(snapshot: MemorySnapshot) -> None:
    snapshot.netblock_countries = Ranges([("192.0.0.0/16", "DE"), ("192.0.2.0/24", "US")])
    assert header(ask(a_world(snapshot, minimum_hosts=1), ip=DE)).endswith("country = US ")


def test_no_query_adds_a_line_to_an_answer(snapshot: MemorySnapshot) -> None:
    got = ask(a_world(snapshot), f"{QUERY}&protocol=https%0Ahttps://evil/&country=%0A")
    assert b"\nhttps://evil" not in got.body
    assert header(got).endswith("protocol = https?https://evil/")


def test_the_same_seed_gives_the_same_answers(snapshot: MemorySnapshot) -> None:
    one, other = a_world(snapshot, seed=5), a_world(snapshot, seed=5)
    for kind in Kind:
        for turn in range(50):
            now = 1000.0 + turn / 7
            assert ask(one, QUERY, kind=kind, now=now) == ask(other, QUERY, kind=kind, now=now)


PIECES = [
    "repo=", "arch=", "path=", "country=", "ip=", "protocol=", "netblock=", "redirect", "time",
    "&", "&", "&", "=", "fedora-42", "x86_64", "source", "+", "%", "%2", "%00", "%0a", "%ff", "%2B",
    ",", "global", "de", "ZZ", "https", "rsync", "--", "-->", "<&>", '"', "☃", "::1", "1.2.3.4",
    "/", "//", OS, "repodata/repomd.xml", "..", ";", "#", "\n", "\x00",
]  # fmt: skip


def test_nothing_that_is_sent_breaks_an_answer(snapshot: MemorySnapshot) -> None:
    world, dice = a_world(snapshot, trusted_proxy_count=1), Random(1)
    for turn in range(3000):
        query = "".join(dice.choices(PIECES, k=dice.randrange(14)))
        addresses = "".join(dice.choices([DE, ",", " ", "☃", "é", "::1", "%", "x" * 9], k=3))
        for kind in Kind:
            got = ask(world, query, kind=kind, forwarded_for=addresses, now=float(turn))
            assert got.status in {200, 302, 404, 500}
            assert b"\r" not in got.body
            if got.headers == METALINK:
                ElementTree.fromstring(got.body.decode())
            elif got.status == 200 and got.headers:
                lines = got.body.decode().split("\n")[1:]
                assert all(line.startswith(("#", "https://")) for line in lines if line)


def test_weights_of_zero_are_served(snapshot: MemorySnapshot) -> None:
    snapshot.hosts = [host._replace(weight=0) for host in HOSTS]
    assert sorted(listed(ask(a_world(snapshot)))) == ["de1", "de2", "us3"]


HERE = "client's country"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (f"{QUERY}&countme=2", ("mirrorlist", "fedora-42", "x86_64", OS, 3, "2", HERE)),
        (f"path={OS}/a.rpm", ("mirrorlist", "", "", f"{OS}/a.rpm", 3, "", HERE)),
        (f"{QUERY}&redirect", ("redirect", "fedora-42", "x86_64", OS, 3, "", HERE)),
        (f"{QUERY}&protocol=x&redirect", ("redirect", "fedora-42", "x86_64", OS, 0, "", "")),
    ],
)
def test_an_answer_tells_logs_what_it_was_about(
    snapshot: MemorySnapshot, query: str, told: tuple[object, ...]
) -> None:
    got = ask(a_world(snapshot, minimum_hosts=1), query, ip=US)
    assert got.facts is not None
    kind, *rest = told
    assert tuple(got.facts) == (kind, US, "US", *rest, "geo data", "")


def test_a_refusal_has_no_facts(snapshot: MemorySnapshot) -> None:
    assert ask(a_world(snapshot, minimum_hosts=1), "path=no/where", ip=US).facts is None
