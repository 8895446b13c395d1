"""Pieces of large files, which BitTorrent and metalinks verify one by one: how long they are.

The length follows from the size alone, so that everybody who makes a torrent here makes the same.
"""

DIGEST_BYTES = 20
SMALLEST_BYTES = 256 * 1024
# What clients of BitTorrent still accept; there are more pieces beyond.
GREATEST_BYTES = 16 * 1024 * 1024
# A torrent then has at most 40 kB.
MOST_PIECES = 2048


def piece_bytes_of(size: int) -> int:
    """Return the length of the pieces of a file: the least power of two that makes few enough."""
    length = SMALLEST_BYTES
    while length < GREATEST_BYTES and size > length * MOST_PIECES:
        length *= 2
    return length
