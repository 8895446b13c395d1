"""Metalink 4 (RFC 5854): what download programs of today read, for any file.

Knows the document. Chooses nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from mirrorlist.logic.snapshot import FileDetail, Pieces
from registry.logic.pieces import DIGEST_BYTES

# Names of the IANA registry that RFC 5854 refers to.
_HASHES = (("md5", "md5"), ("sha-1", "sha1"), ("sha-256", "sha256"), ("sha-512", "sha512"))


class Group(NamedTuple):
    """URLs of Hosts that were found alike; each Host's country and all its URLs."""

    label: str
    hosts: Sequence[tuple[str, Sequence[str]]]


def render_meta4(
    name: str,
    *,
    size: int | None,
    detail: FileDetail | None,
    pieces: Pieces | None = None,
    groups: Iterable[Group],
    now: float,
) -> bytes:
    """Return the document; all URLs of a Host share a priority, 1 is the best."""
    published = datetime.fromtimestamp(int(now), tz=UTC)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<metalink xmlns="urn:ietf:params:xml:ns:metalink">',
        " <generator>Mirrorsite</generator>",
        f" <published>{published:%Y-%m-%dT%H:%M:%SZ}</published>",
        f" <file name={quoteattr(name)}>",
    ]
    if size is not None:
        lines.append(f"  <size>{size}</size>")
    lines += [
        f'  <hash type="{type_}">{digest}</hash>'
        for type_, field in _HASHES
        if detail and (digest := getattr(detail, field))
    ]
    if pieces:
        lines += _pieces(pieces)
    lines += _urls(groups)
    return "\n".join([*lines, " </file>", "</metalink>", ""]).encode()


def _pieces(pieces: Pieces) -> list[str]:
    """Return the digests of pieces, with which a client repairs a file instead of fetching it."""
    digests = pieces.digests
    return [
        f'  <pieces length="{pieces.piece_bytes}" type="sha-1">',
        *(
            f"   <hash>{digests[start : start + DIGEST_BYTES].hex()}</hash>"
            for start in range(0, len(digests), DIGEST_BYTES)
        ),
        "  </pieces>",
    ]


def _urls(groups: Iterable[Group]) -> list[str]:
    lines: list[str] = []
    priority = 0
    for label, hosts in groups:
        lines.append(f"  <!-- {label} -->")
        for country, urls in hosts:
            priority += 1
            location = f' location="{country.lower()}"' if country else ""
            lines += [f'  <url{location} priority="{priority}">{escape(url)}</url>' for url in urls]
    return lines
