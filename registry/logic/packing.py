"""Gzip as strangers send it: unpacked, but never more than was allowed."""

import zlib

# zlib's number for “gzip, with its header and checksum”.
GZIP = 31


class NotGzipError(ValueError):
    """A body is not what it says; the text says so in a sentence."""


def gunzip(body: bytes, *, greatest: int) -> bytes:
    """Decompress gzip, but never more than one byte beyond the limit.

    More than `greatest` bytes mean that the whole is larger; how large is not found out. Raises
    NotGzipError for a body that is none, is cut short or has more behind it.
    """
    unpacker = zlib.decompressobj(GZIP)
    try:
        document = unpacker.decompress(body, greatest + 1)
    except zlib.error:
        raise NotGzipError("The body is not gzip, as its header says.") from None
    if len(document) <= greatest and (not unpacker.eof or unpacker.unused_data):
        raise NotGzipError("The gzip body is cut short or has more behind it.")
    return document


def gzipped(document: bytes) -> bytes:
    """Compress; the same bytes in give the same bytes out, since no time is written."""
    packer = zlib.compressobj(level=6, wbits=GZIP)
    return packer.compress(document) + packer.flush()
