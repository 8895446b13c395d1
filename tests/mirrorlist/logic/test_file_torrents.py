"""Torrents, magnet links, pieces and statistics at the address of a file."""

import json
import re
from typing import Any
from urllib.parse import parse_qs

import pytest
from defusedxml import ElementTree

from mirrorlist.logic.snapshot import Carrier, Pieces
from mirrorlist.logic.torrent import Torrent, info_hash
from tests.mirrorlist.files import ISO, MTIME, a_file_world, fields, file_network, get
from tests.mirrorlist.memory import FR, OS, a_host

NAME = ISO.rpartition("/")[2]
ENCODED = "linux/42/x86_64/os/big%20file%2B1%25%23%3F%C3%A9.iso"
MASTER = "https://dl.example.org/fedora"
PIECES = Pieces(700_000_000, MTIME, 512 * 1024, bytes(range(200)) * 100)


def torrent_network(pieces: Pieces = PIECES, **over: Any) -> Any:
    return file_network(**({"in_pieces": {(OS, NAME): pieces}} | over))


@pytest.mark.parametrize(("path", "query"), [(f"/{ISO}.torrent", ""), (f"/{ISO}", "torrent")])
def test_a_torrent_has_the_best_hosts_as_web_seeds(path: str, query: str) -> None:
    got = get(a_file_world(torrent_network()), path, query, ip=FR)
    assert got.status == 200
    found = fields(got)
    assert found["Content-Type"] == "application/x-bittorrent"
    assert found["Content-Disposition"].startswith('attachment; filename="big file+1%#?_.iso.torre')
    assert b"https://fr3.example.org/fedora/" + ENCODED.encode() in got.body
    assert got.body.index(b"fr3.example.org") < got.body.index(b"us4.example.org")
    assert got.facts
    assert (got.facts.kind, got.facts.host_id) == ("torrent", 3)


def test_the_same_file_has_the_same_info_hash_everywhere() -> None:
    worlds = [a_file_world(torrent_network(), seed=seed) for seed in (1, 2)]
    worlds.append(a_file_world(torrent_network(hosts=[a_host(9, "JP")]), trackers=("udp://t:1",)))
    bodies = [get(world, f"/{ISO}.torrent").body for world in worlds]
    infos = {re.search(rb"4:infod.*?e8:url-list", body, re.DOTALL)[0] for body in bodies}  # type: ignore[index]
    assert len(infos) == 1
    assert b"8:announce9:udp://t:1" in bodies[2]


def test_a_magnet_link_names_the_file_and_some_hosts() -> None:
    world = a_file_world(torrent_network(), trackers=("udp://t:1",))
    got = get(world, f"/{ISO}", "magnet", ip=FR)
    assert fields(got)["Content-Type"] == "text/plain; charset=utf-8"
    found = parse_qs(got.body.decode().strip().partition("?")[2])
    assert found["xt"] == [f"urn:btih:{info_hash(Torrent(NAME, PIECES, []))}"]
    assert (found["dn"], found["xl"], found["tr"]) == ([NAME], ["700000000"], ["udp://t:1"])
    assert found["ws"][0] == f"https://fr3.example.org/fedora/{ENCODED}"


@pytest.mark.parametrize(
    "pieces",
    [PIECES._replace(size=1), PIECES._replace(mtime=MTIME + 1)],
    ids=["another size", "another time"],
)
def test_pieces_of_another_state_say_nothing(pieces: Pieces) -> None:
    world = a_file_world(torrent_network(pieces))
    for query in ("torrent", "magnet"):
        got = get(world, f"/{ISO}", query)
        assert (got.status, b"no torrent" in got.body) == (404, True)
    assert "bittorrent" not in fields(get(world, f"/{ISO}"))["Link"]
    assert b"<pieces" not in get(world, f"/{ISO}.meta4").body
    found = json.loads(get(world, f"/{ISO}", "json").body)
    assert (found["torrent"], found["magnet"]) == (None, None)


def test_ftp_is_no_web_seed_and_the_master_is_the_last_one() -> None:
    hosts = [a_host(1, "DE"), a_host(2, "DE")]
    offered = {
        0: Carrier(("ftp://de1.example.org/fedora", "http://de1.example.org/fedora"), ""),
        1: Carrier(("ftp://de2.example.org/fedora",), ""),
    }
    world = a_file_world(torrent_network(hosts=hosts, offered=offered, canonical_url=MASTER))
    body = get(world, f"/{ISO}.torrent").body
    assert b"ftp:" not in body
    assert body.index(b"http://de1.example.org/") < body.index(MASTER.encode())


def test_without_any_host_the_master_is_the_web_seed() -> None:
    world = a_file_world(torrent_network(behind=range(4), canonical_url=MASTER))
    assert MASTER.encode() in get(world, f"/{ISO}.torrent").body


def test_https_only_holds_for_web_seeds() -> None:
    hosts = [a_host(1, "DE"), a_host(2, "DE")]
    offered = {n: Carrier((f"{p}://h{n}/x",), "") for n, p in enumerate(("http", "https"))}
    world = a_file_world(torrent_network(hosts=hosts, offered=offered))
    body = get(world, f"/{ISO}.torrent", "https=1").body
    assert (b"https://h1/" in body, b"http://h0/" in body) == (True, False)


def test_redirects_pages_and_json_name_the_torrent() -> None:
    world = a_file_world(torrent_network())
    link = fields(get(world, f"/{ISO}"))["Link"]
    assert '.torrent>; rel=describedby; type="application/x-bittorrent"' in link
    page = get(world, f"/{ISO}", "mirrorlist").body.decode()
    assert 'href="magnet:?xt=urn:btih:' in page
    assert ">Torrent</a>" in page
    found = json.loads(get(world, f"/{ISO}", "json").body)
    assert found["torrent"].endswith(f"{ENCODED}.torrent")
    assert found["magnet"].startswith("magnet:?xt=urn:btih:")


def test_without_pieces_pages_do_not_speak_of_torrents() -> None:
    page = get(a_file_world(), f"/{ISO}", "mirrorlist").body
    assert b"orrent" not in page
    assert b"agnet" not in page


def test_a_metalink_4_has_the_digests_of_pieces() -> None:
    body = get(a_file_world(torrent_network()), f"/{ISO}.meta4").body
    space = "{urn:ietf:params:xml:ns:metalink}"
    pieces: Any = ElementTree.fromstring(body).find(f"{space}file/{space}pieces")
    assert (pieces.get("length"), pieces.get("type")) == (str(PIECES.piece_bytes), "sha-1")
    assert bytes.fromhex("".join(h.text for h in pieces)) == PIECES.digests


def test_without_listings_a_torrent_may_be_a_real_file() -> None:
    world = a_file_world(file_network(knows_files=False))
    assert get(world, f"/{OS}/x.iso.torrent").status == 302
    assert get(world, f"/{OS}/x.iso", "torrent").status == 404


def test_statistics_of_a_file_are_on_the_server() -> None:
    world = a_file_world(torrent_network(base_url="https://mirrors.example.org"))
    got = get(world, f"/{ISO}", "stats")
    assert got.status == 302
    assert fields(got)["Location"] == (
        "https://mirrors.example.org/statistics/file.json?path=pub/fedora/" + ENCODED
    )


def test_a_snapshot_without_the_servers_address_has_no_statistics() -> None:
    got = get(a_file_world(), f"/{ISO}", "stats")
    assert (got.status, b"does not know" in got.body) == (404, True)
