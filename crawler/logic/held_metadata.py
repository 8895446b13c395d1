"""Which state of each Repository's metadata a copy has: how that is kept between visits.

Knows the compact form of a few thousand small numbers. Deliberately knows nothing about files:
a Directory stands for the file of it that clients verify.
"""

import struct
import zlib
from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

from crawler.logic.verdicts import KnownState

# The resolution of times on FAT.
_TOLERANCE_SECONDS = 2
_CONFIRMED_SECONDS = 24 * 3600
# Directory id, time of the content, time of the visit; 64 bits each.
_COLUMNS = 3
# A million Repositories; more is not ours.
_GREATEST_BYTES = 1_000_000 * 8 * _COLUMNS


class Held(NamedTuple):
    """The Unix time of the content that a copy has (or UNRECOGNIZED), and when it was seen."""

    content_at: int
    seen_at: int


def merge_held(
    before: Mapping[int, Held], seen: Mapping[int, int], *, wrong: Container[int], seen_at: int
) -> dict[int, Held]:
    """Return what a copy has after a visit, by Directory id.

    What was read counts from now on. What is certainly wrong and could not be read is gone. About
    everything else the visit said nothing, so it stays.
    """
    kept = {directory: held for directory, held in before.items() if directory not in wrong}
    read = {directory: Held(content_at, seen_at) for directory, content_at in seen.items()}
    return kept | read


def content_by_listing(
    states: Mapping[str, Sequence[KnownState]],
    listed: Mapping[str, tuple[int, int]],
    *,
    good: bool,
) -> int | None:
    """Return which state of its metadata a Directory has, by a listing that has no digests.

    `states` are the known ones of each file, the current one first, `listed` size and mtime of each
    as found. In a Directory that is as the master's the current one is there. In any other the size
    decides if it is that of one state only, else the time. None means that it cannot be told.
    """
    for name in sorted(states):
        if good:
            return states[name][0].timestamp
        size, mtime = listed.get(name, (None, 0))
        same = [state.timestamp for state in states[name] if state.size == size]
        timed = [at for at in same if abs(at - mtime) <= _TOLERANCE_SECONDS]
        if len(same) == 1 or timed:
            return (timed or same)[0]
    return None


def is_worth_writing(before: Mapping[int, Held], after: Mapping[int, Held]) -> bool:
    """Tell whether what a copy has differs, or was not confirmed in writing for over a day.

    What is remembered counts for several days (`PropagationPolicy`), so most visits write nothing.
    """
    if before.keys() != after.keys():
        return True
    pairs = ((before[directory], held) for directory, held in after.items())
    return any(
        old.content_at != new.content_at or new.seen_at - old.seen_at > _CONFIRMED_SECONDS
        for old, new in pairs
    )


def pack_held(held: Mapping[int, Held]) -> bytes:
    """Return it compressed: some four bytes for each Repository, because visits repeat times."""
    order = sorted(held)
    numbers = [*order]
    for column in range(len(Held._fields)):
        numbers += [held[directory][column] for directory in order]
    return zlib.compress(struct.pack(f"<{len(numbers)}q", *numbers))


def unpack_held(data: bytes | memoryview) -> dict[int, Held]:
    """Return what `pack_held` was given. Raises ValueError if the bytes are something else."""
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(bytes(data), _GREATEST_BYTES)
    except zlib.error as error:
        raise ValueError(f"This is not held metadata: {error}.") from error
    count, rest = divmod(len(plain), 8 * _COLUMNS)
    if rest or not unpacker.eof:
        raise ValueError("This is not held metadata: it is cut short or far too large.")
    numbers = struct.unpack(f"<{count * _COLUMNS}q", plain)
    columns = (numbers[start : start + count] for start in range(0, len(numbers), count or 1))
    return {directory: Held(*held) for directory, *held in zip(*columns, strict=True)}
