"""Whatever is asked of whatever network: an answer, and never what an owner forbade."""

from random import Random
from xml.etree import ElementTree

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.answers import Answer, answer
from mirrorlist.logic.explain import explain, render_explanation
from mirrorlist.logic.query import Client, Kind, Refusal, parse_query
from mirrorlist.logic.snapshot import Carrier, Exclusion, Families, FileDetail, Reachable
from mirrorlist.logic.world import AnswerPolicy, World
from registry.logic.reach import Reach
from tests.mirrorlist.memory import (
    DE,
    FR,
    JP,
    NOW,
    NOWHERE,
    OS,
    US,
    FixedGeo,
    MemorySnapshot,
    a_host,
    network,
)

# Derandomized: the same ten thousand cases on every machine.
FUZZ = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
CLIENTS = (DE, FR, US, JP, NOWHERE, "2001:db8::1", "::ffff:192.0.2.1")
COUNTRIES = ("DE", "FR", "US", "JP", "ZZ")
KEYS = (
    "repo", "arch", "path", "country", "cc", "protocol", "ip", "netblock", "redirect", "time",
    "avoid_country", "limit", "ipv4", "ipv6", "version", "countme", "",
)  # fmt: skip
VALUES = (
    "fedora-42", "x86_64", "fedora", "42", "source", "c++", OS, f"{OS}/repodata/repomd.xml",
    f"{OS}/a--b&c.iso", "de", "us,fr", "global", "GLOBAL,zz", "https", "rsync,http", "0", "1",
    "2", "-1", "%00", "%ff", "%2D%2d", "--", "&", "+", "=", "é", "<!--", "]]>", "%0d%0aX: y",
    *CLIENTS, "not an address", "999.1.1.1", "",
)  # fmt: skip

queries = st.one_of(
    st.binary(max_size=80),
    st.lists(
        st.tuples(st.sampled_from(KEYS), st.one_of(st.sampled_from(VALUES), st.text(max_size=12))),
        max_size=8,
    ).map(lambda pairs: "&".join(f"{key}={value}" for key, value in pairs).encode()),
    st.lists(st.tuples(st.sampled_from(KEYS[3:]), st.sampled_from(VALUES)), max_size=5).map(
        lambda pairs: "&".join(
            ["repo=fedora-42&arch=x86_64", *(f"{key}={value}" for key, value in pairs)]
        ).encode()
    ),
)
addresses = st.one_of(st.sampled_from(CLIENTS), st.text(max_size=20), st.ip_addresses().map(str))


def a_network(seed: int) -> MemorySnapshot:
    """Make a small network with every limit there is; text in it is as hostile as text can be."""
    dice = Random(seed)
    some = lambda *values: frozenset(v for v in values if dice.random() < 0.3)  # noqa: E731
    hosts = [
        a_host(
            n,
            dice.choice(COUNTRIES),
            name=f"host{n}.example.org",
            weight=dice.choice([0, 1, 100, 10_000]),
            private=dice.random() < 0.2,
            countries_allowed=dice.choice([frozenset(), some(*COUNTRIES)]),
            countries_excluded=dice.choice([frozenset(), some(*COUNTRIES)]),
            countries_served=dice.choice([frozenset(), some(*COUNTRIES)]),
            reach=dice.choice([Reach.EVERYBODY, *Reach]),
            always_listed=dice.random() < 0.2,
            max_file_mb=dice.choice([0, 0, 1]),
            point=dice.choice([None, (50.0, 8.0), (-33.0, 151.0)]),
        )
        for n in range(1, dice.randrange(1, 12))
    ]
    numbers = range(len(hosts))
    schemes = [("https",), ("http", "rsync"), ("rsync",), ("https", "http", "ftp")]
    offered = {}
    for n in numbers:
        urls = tuple(f"{s}://{hosts[n].name}/é&--<x>" for s in dice.choice(schemes))
        family = [Families(*dice.choices(list(Reachable), k=2)) for _ in urls]
        offered[n] = Carrier(urls, "A note & <more>.", tuple(family))
    details = [FileDetail(1, dice.choice([0, 500, 5_000_000]), "a", "", "b", "")]
    someone = [dice.choice(numbers) for _ in range(3)] if hosts else []
    return network(
        hosts,
        offered=offered,
        behind=[n for n in numbers if dice.random() < 0.2],
        netblocks=Ranges([("192.0.2.0/24", n) for n in someone] + [("2001:db8::/32", 0)]
                         if hosts else []),
        asn_hosts={64496: tuple(dict.fromkeys(someone))},
        paths={("fedora-42", "x86_64"): OS, ("c++", "x86_64"): OS, ("r--&", "é"): OS},
        files={(f"{OS}/repodata", "repomd.xml"): details, (OS, "a--b&c.iso"): details},
        left_out=[Exclusion(99, "off--&", "DE", "user_off", "It is off.")],
    )  # fmt: skip


def a_world_of(seed: int) -> World:
    geo = FixedGeo({DE: 64496, US: 64496}, {US: (40.0, -74.0)} if seed % 2 else {})
    policy = AnswerPolicy(minimum_hosts=seed % 7, trusted_proxy_count=seed % 3)
    return World(a_network(seed), geo, policy, rng=Random(seed), pool_size=2)


WORLDS = [a_world_of(seed) for seed in range(60)]


def hosts_of(body: bytes) -> list[int]:
    """Return the ids of the Hosts of an answer in order, each once in a row."""
    found = [int(piece.split(b".")[0]) for piece in body.split(b"://host")[1:]]
    return [n for at, n in enumerate(found) if at == 0 or found[at - 1] != n]


def check_answer(got: Answer, kind: Kind) -> None:
    assert got.status in {200, 302, 404, 500}
    for name, value in got.headers:
        assert f"{name}: {value}".isascii()
        assert f"{name}{value}".isprintable()
    if dict(got.headers).get("Content-Type") == "application/metalink+xml":
        ElementTree.fromstring(got.body)  # noqa: S314 -- our own document
    if kind is Kind.MIRRORLIST and got.status == 200:
        assert got.body.startswith((b"#", b"repo disabled"))
        assert b"\r" not in got.body
    ids = hosts_of(got.body)
    assert len(ids) == len(set(ids)), "everybody appears once"


def check_limits(got: Answer, world: World, address: str) -> None:
    """Compare the Hosts of an answer with what their owners allow the client."""
    place = world.place(address)
    assert place is not None
    own = {member for _, member in place.preferred.netblocks} | set(place.preferred.asn_hosts)
    netblock = {member for _, member in place.preferred.netblocks}
    for host_id in hosts_of(got.body):
        host = world.snapshot.hosts[host_id - 1]
        assert place.country not in host.countries_excluded
        if not host.is_public or (
            host.countries_allowed and place.country not in host.countries_allowed
        ):
            assert host_id - 1 in own
        if host.reach is Reach.NETBLOCKS:
            assert host_id - 1 in netblock


@settings(FUZZ, max_examples=6000)
@given(queries, addresses, st.sampled_from(Kind), st.integers(0, 59))
def test_every_question_has_an_answer(query: bytes, ip: str, kind: Kind, seed: int) -> None:
    world = WORLDS[seed]
    got = answer(kind, query, Client(ip, forwarded_for=ip), world, now=NOW)
    check_answer(got, kind)
    if got.facts is not None:
        check_limits(got, world, got.facts.address)
    elif kind is Kind.METALINK:
        assert b"<url " not in got.body


@settings(FUZZ, max_examples=2000)
@given(st.binary(max_size=200))
def test_every_query_is_read(query: bytes) -> None:
    request = parse_query(query)
    if isinstance(request, Refusal):
        assert request.status == 200
        return
    assert request.limit >= 0
    assert request.protocols is None or len(set(request.protocols)) == len(request.protocols)
    assert request.path is None or "//" not in request.path


@settings(FUZZ, max_examples=2000)
@given(queries, st.sampled_from(CLIENTS), st.sampled_from(Kind), st.integers(0, 59))
def test_every_answer_is_explained(query: bytes, ip: str, kind: Kind, seed: int) -> None:
    one, other = a_world_of(seed), a_world_of(seed)
    one.ordering.pass_time(NOW)
    explained = explain(kind, query, Client(ip), one)
    got = answer(kind, query, Client(ip), other, now=NOW)
    listed = [row.host_id for row in explained.rows if row.stage]
    if got.status == 200 and explained.place:
        assert hosts_of(got.body) == listed or kind is Kind.METALINK
        assert set(hosts_of(got.body)) == set(listed)
    assert len({row.host_id for row in explained.rows}) == len(explained.rows)
    assert all(row.sentence.endswith(".") for row in explained.rows)
    for as_json in (False, True):
        assert render_explanation(explained, as_json=as_json).endswith(b"\n")
