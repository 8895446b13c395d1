"""The Range header (RFC 9110, 14): which bytes of something a client wants.

Knows one range of bytes; several at once, other units and nonsense count as no range, which the RFC
allows.
"""

import re

_ONE_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def read_range(header: str, *, size_bytes: int) -> range | None:
    """Return the bytes that are asked for, empty if there are none, or None for the whole."""
    match = _ONE_RANGE.fullmatch(header.strip())
    if match is None or match.group() == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return range(max(size_bytes - int(last), 0), size_bytes)
    end = min(int(last) + 1, size_bytes) if last else size_bytes
    if last and int(last) < int(first):
        return None
    return range(int(first), end)
