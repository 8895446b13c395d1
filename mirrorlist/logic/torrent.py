"""Torrents (BEP 3) with web seeds (BEP 19), and magnet links (BEP 9), of one file.

Everybody who knows the same pieces makes the same info dictionary, so that all edges name the
same torrent. Encodes only; nothing is ever decoded.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha1
from typing import NamedTuple
from urllib.parse import quote

from mirrorlist.logic.snapshot import Pieces

# A client asks a few at a time; more would only make the torrent longer.
SEEDS = 20
SEEDS_OF_MAGNET = 5

Value = bytes | str | int | Sequence["Value"] | Mapping[str, "Value"]


class Torrent(NamedTuple):
    """A file, its pieces, the URLs that it is fetched from, best first, and trackers."""

    name: str
    pieces: Pieces
    seeds: Sequence[str]
    trackers: Sequence[str] = ()


def render_torrent(torrent: Torrent) -> bytes:
    """Return the torrent; without trackers there is no announce."""
    document: dict[str, Value] = {
        "created by": "Mirrorsite",
        "creation date": max(torrent.pieces.mtime, 0),
        "info": _info(torrent),
        "url-list": torrent.seeds[:SEEDS],
    }
    if torrent.trackers:
        document["announce"] = torrent.trackers[0]
        document["announce-list"] = [[tracker] for tracker in torrent.trackers]
    return encode(document)


def render_magnet(torrent: Torrent) -> str:
    """Return the magnet link: info-hash, name, size, a few web seeds, trackers."""
    parts = [
        ("dn", torrent.name),
        ("xl", str(torrent.pieces.size)),
        *(("ws", url) for url in torrent.seeds[:SEEDS_OF_MAGNET]),
        *(("tr", tracker) for tracker in torrent.trackers),
    ]
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parts)
    return f"magnet:?xt=urn:btih:{info_hash(torrent)}&{query}"


def info_hash(torrent: Torrent) -> str:
    """Return the name by which peers know a torrent: SHA-1, hexadecimal."""
    return sha1(encode(_info(torrent)), usedforsecurity=False).hexdigest()


def _info(torrent: Torrent) -> Mapping[str, Value]:
    return {
        "length": torrent.pieces.size,
        "name": torrent.name,
        "piece length": torrent.pieces.piece_bytes,
        "pieces": torrent.pieces.digests,
    }


def encode(value: Value) -> bytes:
    """Return a value as BEP 3 writes it: texts as UTF-8, the keys of dictionaries sorted."""
    match value:
        case bytes():
            return b"%d:%b" % (len(value), value)
        case str():
            return encode(value.encode())
        case int():
            return b"i%de" % value
        case Mapping():
            pairs = sorted((key.encode(), each) for key, each in value.items())
            return b"d%be" % b"".join(encode(key) + encode(each) for key, each in pairs)
    return b"l%be" % b"".join(map(encode, value))
