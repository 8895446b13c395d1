"""Turn the up2date sets of Hosts into the set of Hosts of every Directory.

Knows positions of Hosts and ids of Directories only. A set of Hosts is one integer: bit n stands
for the Host at position n.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from itertools import compress
from operator import itemgetter
from typing import NamedTuple

from pyroaring import BitMap

HostMask = int

_POSITIONS = tuple(range(5_000))
_DIGITS_TO_FLAGS = bytes.maketrans(b"01", b"\0\1")


class Copy(NamedTuple):
    """What one Host has of a Category; None means all of it, without looking."""

    member: int
    up2date: BitMap | None


def hosts_by_directory(directory_ids: Iterable[int], copies: Iterable[Copy]) -> dict[int, HostMask]:
    """Return the Hosts of every Directory of one Category.

    Hosts mostly have nearly everything or nearly nothing, so each is noted only at the
    Directories where it is the exception: at most half of Hosts × Directories steps, usually a
    few percent of that.
    """
    whole = BitMap(directory_ids)
    exceptions: dict[int, HostMask] = dict.fromkeys(whole, 0)
    usual = 0
    for member, up2date in copies:
        bit = 1 << member
        has = whole if up2date is None else whole & up2date
        rare = has
        if 2 * len(has) > len(whole):
            usual |= bit
            rare = whole - has
        for directory_id in rare:
            exceptions[directory_id] ^= bit
    return {directory_id: usual ^ mask for directory_id, mask in exceptions.items()}


def require_metadata(
    hosts: Mapping[int, HostMask], metadata: Mapping[int, int]
) -> dict[int, HostMask]:
    """Take from each Repository's Directory the Hosts whose metadata Directory is behind.

    `metadata` names the repodata of a Repository's Directory. A mirrorlist names the Directory
    above it, and a Host whose metadata is old would hide packages from clients. Deliberately more
    than MirrorManager does.
    """
    return dict(hosts) | {
        directory_id: hosts[directory_id] & hosts[metadata_id]
        for directory_id, metadata_id in metadata.items()
    }


def number_of(mask: HostMask) -> int:
    """Return the number under which a set is stored: always the same for the same Hosts.

    So a Directory's row changes only with its Hosts. 47 bits make two sets of one number a matter
    of one in a million networks with ten thousand sets.
    """
    packed = mask.to_bytes((mask.bit_length() + 7) // 8, "little")
    return int.from_bytes(blake2b(packed, digest_size=6).digest(), "big") >> 1


def members_of(mask: HostMask) -> list[int]:
    """Return the positions of the Hosts of a set, in order."""
    found = [member for member, bit in enumerate(f"{mask:b}"[::-1]) if bit == "1"]
    return [shared(member) for member in found]


def flags_of(mask: HostMask, count: int) -> bytes:
    """Return one byte for each of `count` positions: 1 for those of a set, else 0."""
    return f"{mask:0{count}b}"[::-1].encode().translate(_DIGITS_TO_FLAGS)


class Group:
    """Some Hosts, prepared to be asked again and again which of them are in a set."""

    __slots__ = ("_flags", "members")

    def __init__(self, members: Iterable[int]) -> None:
        """Take positions; their order is kept."""
        self.members = found = tuple(members)
        # One is asked for twice, since of a single one no tuple would come; more are handed over
        # as they are, so that both keep the same tuple.
        self._flags = itemgetter(*(found if len(found) > 1 else found * 2)) if found else None

    def among(self, flags: bytes) -> tuple[int, ...]:
        """Return the members that are in the set with these flags."""
        if self._flags is None:
            return ()
        # A literal knows its length, while `tuple` may keep more memory than it needs.
        return (*compress(self.members, self._flags(flags)),)


def shared(position: int) -> int:
    """Return the one object that stands for a position wherever it is kept.

    There are millions of them in memory, and looking one up is fastest if it is the very object
    that was put in.
    """
    return _POSITIONS[position] if position < len(_POSITIONS) else position
