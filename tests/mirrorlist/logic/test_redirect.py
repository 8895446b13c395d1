"""302: where a client is sent to for a file, and what the answer says of it."""

from base64 import b64encode
from collections import Counter
from typing import Any

import pytest

from mirrorlist.logic.snapshot import Carrier, FileDetail
from tests.mirrorlist.files import (
    DETAIL,
    HIDDEN,
    HOSTS,
    ISO,
    ISO_ADDRESS,
    MTIME,
    SHA256,
    SHA512,
    a_file_world,
    fields,
    file_network,
    get,
    host_of,
    location,
)
from tests.mirrorlist.memory import DE, FR, NOW, OS, TOP, US, a_host

ENCODED = "linux/42/x86_64/os/big%20file%2B1%25%23%3F%C3%A9.iso"
MASTER = "https://dl.example.org/fedora"


def test_a_file_is_at_a_host_of_the_clients_country() -> None:
    world = a_file_world()
    assert {host_of(get(world, f"/{ISO}")) for _ in range(50)} == {"de1", "de2"}
    assert host_of(get(world, f"/{ISO}", ip=FR)) == "fr3"
    assert host_of(get(world, f"/{ISO}", ip=US)) == "us4"


def test_every_name_is_encoded_so_that_it_arrives() -> None:
    got = get(a_file_world(), f"/{ISO}", ip=US)
    assert got.status == 302
    assert location(got) == f"https://us4.example.org/fedora/{ENCODED}"
    assert got.body == b""


@pytest.mark.parametrize(
    "sent",
    [ISO_ADDRESS, ISO_ADDRESS.replace(b"/", b"//"), ISO_ADDRESS.replace(b"%2B", b"+")],
)
def test_an_address_may_be_written_in_several_ways(sent: bytes) -> None:
    assert location(get(a_file_world(), sent)).endswith(ENCODED)


def test_first_positions_follow_the_bandwidth() -> None:
    hosts = [a_host(1, "DE", weight=900), a_host(2, "DE", weight=100)]
    world = a_file_world(file_network(hosts))
    drawn: Counter[str] = Counter()
    for _ in range(4000):
        world.ordering.renew()
        drawn[host_of(get(world, f"/{ISO}"))] += 1
    assert 0.87 < drawn["de1"] / 4000 < 0.93


def test_other_hosts_are_linked_in_order() -> None:
    links = fields(get(a_file_world(), f"/{ISO}", ip=FR))["Link"]
    assert [part.split(";", 1)[1] for part in links.split(", ")[:3]] == [
        f" rel=duplicate; pri={number}; geo={country}"
        for number, country in ((1, "de"), (2, "de"), (3, "us"))
    ]
    assert f"/fedora/{ENCODED}>" in links


def test_five_hosts_are_linked_at_most() -> None:
    hosts = [a_host(number, "DE") for number in range(1, 10)]
    links = fields(get(a_file_world(file_network(hosts)), f"/{ISO}"))["Link"]
    assert links.count("rel=duplicate") == 5


def test_generated_files_and_signatures_describe_it() -> None:
    links = fields(get(a_file_world(), f"/{ISO}"))["Link"]
    address = ISO_ADDRESS.decode().replace("%3F", "%3F")
    for ending, media_type in (
        ("meta4", "metalink4+xml"),
        ("metalink", "metalink+xml"),
        ("asc", "pgp-signature"),
    ):
        assert f'<{address}.{ending}>; rel=describedby; type="application/{media_type}"' in links


def test_digests_stand_in_both_headers() -> None:
    found = fields(get(a_file_world(), f"/{ISO}"))
    short, long = (b64encode(bytes.fromhex(digest)).decode() for digest in (SHA256, SHA512))
    assert found["Digest"] == f"SHA-256={short},SHA-512={long}"
    assert found["Repr-Digest"] == f"sha-256=:{short}:, sha-512=:{long}:"
    assert found["ETag"] == f'"{MTIME:x}-{700_000_000:x}"'


@pytest.mark.parametrize(
    "details",
    [
        [],
        [DETAIL._replace(size=1)],
        [DETAIL, DETAIL._replace(timestamp=1)],
        [DETAIL._replace(sha256="", sha512="no digest")],
    ],
    ids=["unknown", "of another size", "of several states", "only weak ones"],
)
def test_no_digest_is_promised_that_may_not_hold(details: list[FileDetail]) -> None:
    name = ISO.rpartition("/")[2]
    world = a_file_world(file_network(files={(OS, name): details}))
    assert "Digest" not in fields(get(world, f"/{ISO}"))


def test_nobody_keeps_a_redirect() -> None:
    found = fields(get(a_file_world(), f"/{ISO}"))
    assert found["Cache-Control"] == "private, no-cache, no-store"
    assert found["Vary"] == "Accept"


def test_the_answer_says_what_it_was_about() -> None:
    facts = get(a_file_world(), f"/{ISO}", ip=FR).facts
    assert facts is not None
    assert (facts.kind, facts.country, facts.path, facts.host_id) == ("redirect", "FR", ISO, 3)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if_none_match": f'"{MTIME:x}-{700_000_000:x}"'}, 304),
        ({"if_none_match": f'"x", W/"{MTIME:x}-{700_000_000:x}"'}, 304),
        ({"if_none_match": '"x"', "if_modified_since": "Sun, 27 Oct 2024 03:33:20 GMT"}, 302),
        ({"if_modified_since": "Sun, 27 Oct 2024 03:33:20 GMT"}, 304),
        ({"if_modified_since": "Sun, 27 Oct 2024 03:33:21 GMT"}, 302),
        ({"if_modified_since": "yesterday"}, 302),
        ({"if_modified_since": "Sun, 27 Oct 99999 03:33:21 GMT"}, 302),
    ],
)
def test_a_client_that_has_the_file_is_told_so(headers: dict[str, str], status: int) -> None:
    got = get(a_file_world(), f"/{ISO}", **headers)
    assert got.status == status
    assert fields(got)["ETag"] == f'"{MTIME:x}-{700_000_000:x}"'


def test_without_a_time_nothing_is_current() -> None:
    world = a_file_world(file_network(knows_files=False))
    assert get(world, f"/{ISO}", if_none_match='"x"').status == 302


def test_the_master_helps_where_no_host_has_the_file() -> None:
    world = a_file_world(file_network(behind=range(4), canonical_url=f"{MASTER}/"))
    got = get(world, f"/{ISO}")
    assert location(got) == f"{MASTER}/{ENCODED}"
    assert got.facts is not None
    assert (got.facts.kind, got.facts.host_id) == ("master", 0)


def test_without_a_master_a_client_is_told_to_try_again() -> None:
    got = get(a_file_world(file_network(behind=range(4))), f"/{ISO}")
    assert (got.status, fields(got)["Retry-After"]) == (503, "300")
    assert b"No mirror has this file yet." in got.body


@pytest.mark.parametrize("form", ["meta4", "metalink"])
def test_a_document_without_any_url_is_not_given(form: str) -> None:
    """Nobody has rsync, and the master is not public."""
    got = get(a_file_world(file_network()), f"/{ISO}", f"protocol=rsync&{form}")
    assert (got.status, fields(got)["Retry-After"]) == (503, "300")


def test_logs_may_know_where_the_host_was_found_and_the_country_came_from() -> None:
    facts = get(a_file_world(file_network([a_host(1, "DE")])), f"/{ISO}").facts
    assert facts is not None
    assert (facts.stage, facts.source) == ("client's country", "geo data")
    facts = get(a_file_world(file_network(behind=range(4))), f"/{ISO}").facts
    assert facts is not None
    assert (facts.stage, facts.source) == ("", "geo data")


@pytest.mark.parametrize(
    "path", [f"{OS}/new.iso", f"{OS}/new/file", f"{OS}/tiny/", f"{OS}/x.sha256"]
)
def test_the_master_is_asked_for_what_the_last_scan_did_not_see(path: str) -> None:
    got = get(a_file_world(file_network(canonical_url=MASTER)), f"/{path}")
    assert got.status == 302
    assert location(got) == f"{MASTER}/{path.removeprefix(TOP).strip('/')}"
    assert get(a_file_world(), f"/{path}").status == 404


@pytest.mark.parametrize(
    "path", [HIDDEN, f"{HIDDEN}/", f"{HIDDEN}/secret.iso", f"{HIDDEN}/new", f"{HIDDEN}/new/x"]
)
def test_what_nobody_may_read_is_nowhere(path: str) -> None:
    assert get(a_file_world(file_network(canonical_url=MASTER)), f"/{path}").status == 404


@pytest.mark.parametrize(
    "path",
    [b"/elsewhere/x", b"/%ff", b"/pub/../etc/passwd", b"/pub/%00", b"/pub/%0d%0aX: y", b"/a" * 200],
)
def test_what_is_in_no_tree_is_not_there(path: bytes) -> None:
    got = get(a_file_world(file_network(canonical_url=MASTER)), path)
    assert got.status == 404
    assert got.body.startswith(b"There is no such file.")


@pytest.mark.parametrize(
    ("policy", "master"),
    [
        ({}, False),
        ({"master_below_bytes": 4_096}, True),
        ({"master_below_bytes": 4_095}, False),
        ({"master_above_bytes": 4_094}, True),
        ({"master_above_bytes": 4_095}, False),
    ],
)
def test_files_of_some_sizes_come_from_the_master(policy: dict[str, Any], master: bool) -> None:
    world = a_file_world(file_network(canonical_url=MASTER), **policy)
    assert location(get(world, f"/{OS}/tiny")).startswith(MASTER) is master
    unknown = a_file_world(file_network(canonical_url=MASTER, knows_files=False), **policy)
    assert not location(get(unknown, f"/{OS}/tiny")).startswith(MASTER)
    assert get(a_file_world(**policy), f"/{OS}/tiny").status == 302


@pytest.mark.parametrize("method", ["POST", "DELETE", "BREW"])
def test_files_are_only_read(method: str) -> None:
    got = get(a_file_world(), f"/{ISO}", method=method)
    assert (got.status, fields(got)["Allow"]) == (405, "GET, HEAD")


def test_an_address_that_is_none_is_refused() -> None:
    assert get(a_file_world(), f"/{ISO}", ip="nonsense").status == 500
    assert host_of(get(a_file_world(), f"/{ISO}", f"ip={US}", ip="nonsense")) == "us4"


BOTH = Carrier(("https://de1.example.org/fedora", "http://de1.example.org/fedora"), "")
PLAIN = Carrier(("http://de2.example.org/fedora",), "")


@pytest.mark.parametrize(
    ("offered", "query", "proto", "begins"),
    [
        ({0: BOTH}, "", "", "https:"),
        ({0: BOTH}, "", "http", "https:"),
        ({0: BOTH}, "https=0", "", "http:"),
        ({0: BOTH, 1: PLAIN}, "", "https", "https:"),
        ({0: BOTH, 1: PLAIN}, "https=1", "", "https:"),
        ({1: PLAIN}, "", "https", "http:"),
        ({1: PLAIN}, "https", "", MASTER),
        ({0: BOTH}, "protocol=http", "https", "http:"),
    ],
)
def test_clients_of_tls_stay_with_it(offered, query: str, proto: str, begins: str) -> None:
    snapshot = file_network(HOSTS[:2], offered=offered, canonical_url=MASTER)
    world = a_file_world(snapshot, trusted_proxy_count=1)
    for _ in range(20):
        assert location(get(world, f"/{ISO}", query, forwarded_proto=proto)).startswith(begins)


def test_a_forwarded_protocol_that_nobody_vouches_for_is_ignored() -> None:
    world = a_file_world(file_network(HOSTS[:2], offered={1: PLAIN, 0: BOTH}))
    got = {host_of(get(world, f"/{ISO}", forwarded_proto="https")) for _ in range(60)}
    assert got == {"de1", "de2"}


def test_the_parameters_of_mirrorlists_work_for_files() -> None:
    world = a_file_world()
    assert host_of(get(world, f"/{ISO}", "country=US")) == "us4"
    assert host_of(get(world, f"/{ISO}", "redirect&country=FR&whatever")) == "fr3"


def test_equal_questions_and_dice_give_equal_answers() -> None:
    one, two = (a_file_world(seed=7) for _ in range(2))
    assert [get(one, f"/{ISO}", ip=DE) for _ in range(9)] == [
        get(two, f"/{ISO}", ip=DE) for _ in range(9)
    ]
    assert NOW > 0
