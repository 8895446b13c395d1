"""Torrents and magnet links as bytes; whether real programs read them is tests/clients' to say."""

from hashlib import sha1

import pytest

from mirrorlist.logic.snapshot import Pieces
from mirrorlist.logic.torrent import (
    SEEDS,
    SEEDS_OF_MAGNET,
    Torrent,
    Value,
    encode,
    info_hash,
    render_magnet,
    render_torrent,
)

PIECES = Pieces(300_000, 1_730_000_000, 262_144, b"\x00" * 20 + b"\xff" * 20)
SEED = "https://de1.example.org/a%20b.iso"
TORRENT = Torrent("a b.iso", PIECES, [SEED])
INFO = (
    b"d6:lengthi300000e4:name7:a b.iso12:piece lengthi262144e6:pieces40:"
    + PIECES.digests
    + b"e"
)  # fmt: skip
TRACKERS = ("udp://tracker.example.org:6969", "https://tracker.example.org/announce")


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (0, b"i0e"),
        (-7, b"i-7e"),
        (b"", b"0:"),
        ("é", b"2:\xc3\xa9"),
        ([1, [b"a", "b"]], b"li1el1:a1:bee"),
        ({}, b"de"),
        ({"b": 1, "a b": 2, "é": 3, "a": 4}, b"d1:ai4e3:a bi2e1:bi1e2:\xc3\xa9i3ee"),
    ],
)
def test_values_are_bencoded(value: Value, encoded: bytes) -> None:
    assert encode(value) == encoded


def test_a_torrent_without_trackers_announces_nothing() -> None:
    assert render_torrent(TORRENT) == (
        b"d10:created by10:Mirrorsite13:creation datei1730000000e4:info"
        + INFO
        + b"8:url-listl33:"
        + SEED.encode()
        + b"ee"
    )


def test_trackers_are_announced_one_tier_each() -> None:
    body = render_torrent(TORRENT._replace(trackers=TRACKERS))
    first, second = (encode(url) for url in TRACKERS)
    assert body.startswith(
        b"d8:announce" + first + b"13:announce-listll" + first + b"el" + second + b"ee"
    )


def test_a_file_from_before_1970_has_a_date_that_clients_can_read() -> None:
    body = render_torrent(TORRENT._replace(pieces=PIECES._replace(mtime=-5)))
    assert b"13:creation datei0e" in body


def test_the_info_hash_depends_on_the_file_alone() -> None:
    expected = sha1(INFO, usedforsecurity=False).hexdigest()
    assert info_hash(TORRENT) == expected
    assert info_hash(TORRENT._replace(seeds=[], trackers=TRACKERS)) == expected
    assert info_hash(TORRENT._replace(pieces=PIECES._replace(mtime=1))) == expected
    assert info_hash(TORRENT._replace(name="b.iso")) != expected


def test_a_magnet_link_has_everything_percent_encoded() -> None:
    assert render_magnet(TORRENT._replace(trackers=TRACKERS[:1])) == (
        f"magnet:?xt=urn:btih:{info_hash(TORRENT)}&dn=a%20b.iso&xl=300000"
        "&ws=https%3A%2F%2Fde1.example.org%2Fa%2520b.iso"
        "&tr=udp%3A%2F%2Ftracker.example.org%3A6969"
    )


def test_only_the_best_hosts_are_web_seeds() -> None:
    many = TORRENT._replace(seeds=[f"https://h{number:02}/x" for number in range(50)])
    assert render_torrent(many).count(b"/x") == SEEDS
    assert render_magnet(many).count("&ws=") == SEEDS_OF_MAGNET
    assert b"https://h00/x" in render_torrent(many)
