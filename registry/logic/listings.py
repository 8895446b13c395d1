"""The files of one Directory: how a listing is stored, compared and read again.

Knows names, sizes and times. Deliberately knows nothing about where a listing came from.
"""

import re
import zlib
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

DIGEST_BYTES = 16
# A listing of a million files with long names is below this; more is not one of ours.
GREATEST_LISTING_BYTES = 256 * 1024 * 1024


class Entry(NamedTuple):
    """One file: its name, size in bytes and modification time in whole Unix seconds."""

    name: str
    size: int
    mtime: int


# An Entry, or the plain tuple that it is: half a million of those are made in half the time.
Facts = tuple[str, int, int]


def encode_listing(entries: Iterable[Facts]) -> bytes:
    """Return the canonical bytes of a listing: one line a file, sorted by name.

    Size and time come first, so that a name may contain anything but NUL, a line end included:
    lines end in NUL.
    """
    return "".join([f"{size} {mtime} {name}\0" for name, size, mtime in sorted(entries)]).encode()


def digest_encoded(listing: bytes) -> bytes:
    """Return the digest of what `encode_listing` returned, for whoever already holds it."""
    return blake2b(listing, digest_size=DIGEST_BYTES).digest()


def decode_listing(listing: bytes) -> tuple[Entry, ...]:
    """Return the entries of what `encode_listing` returned, sorted by name.

    Raises ValueError if it did not.
    """
    rows = (line.split(b" ", 2) for line in listing.split(b"\0")[:-1])
    return tuple(Entry(name.decode(), int(size), int(mtime)) for size, mtime, name in rows)


def pack_encoded(listing: bytes) -> bytes:
    """Compress what `encode_listing` returned, for whoever already holds it."""
    return zlib.compress(listing, level=6)


def digest_listing(entries: Iterable[Entry]) -> bytes:
    """Return the 16-byte digest by which two scans of a Directory are compared."""
    return digest_encoded(encode_listing(entries))


def pack_listing(entries: Iterable[Entry]) -> bytes:
    """Return a listing compressed, as it is stored beside its digest."""
    return pack_encoded(encode_listing(entries))


def unpack_listing(data: bytes | memoryview) -> tuple[Entry, ...]:
    """Return the entries of a stored listing, sorted by name.

    Raises ValueError if the bytes are not a listing.
    """
    return decode_listing(_decompressed(data))


def find_entry(data: bytes | memoryview, name: str) -> Entry | None:
    """Return one file of a stored listing, or None, without reading all the others.

    Raises ValueError if the bytes are not a listing.
    """
    line = rb"(?:\A|\0)(\d+) (-?\d+) %b\0" % re.escape(name.encode(errors="surrogatepass"))
    found = re.search(line, _decompressed(data))
    return Entry(name, int(found[1]), int(found[2])) if found else None


def _decompressed(data: bytes | memoryview) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(bytes(data), GREATEST_LISTING_BYTES)
    except zlib.error as error:
        raise ValueError(f"This is not a stored listing: {error}.") from error
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ValueError("This is not a stored listing: it is cut short or far too large.")
    return text
