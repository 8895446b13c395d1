"""Which part of a master tree moved: it is gone in one place and is there in another, file by file.

Compares whole subtrees by what lies in them. Deliberately knows no table and decides nothing about
what becomes of the old place.
"""

from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from typing import NamedTuple


class Move(NamedTuple):
    """One subtree that moved, by its old and its new path; how many Directories it has."""

    old: str
    new: str
    directories: int


def find_moves(
    gone: Mapping[str, bytes], added: Mapping[str, bytes], *, empty: bytes
) -> tuple[Move, ...]:
    """Return which of the Directories that are gone lie elsewhere now, the topmost of each subtree.

    Both are the digests of listings by path; without one (b"") a Directory is like no other. A
    subtree without files, where all digests are `empty`, moved nowhere. Of several new places the
    first by path counts, and each counts once.
    """
    if not gone or not added:
        return ()
    old, sizes, filled = _fingerprints(gone, empty)
    places: dict[bytes, list[str]] = {}
    new, _, _ = _fingerprints(added, empty)
    for path in sorted(new, reverse=True):
        places.setdefault(new[path], []).append(path)
    moves: list[Move] = []
    taken: set[str] = set()
    for path in sorted(gone):
        if any(above in taken for above in _above(path)) or path not in filled:
            continue
        found = places.get(old[path])
        if found:
            taken.add(path)
            moves.append(Move(path, found.pop(), sizes[path]))
    return tuple(moves)


def below(moves: Iterable[Move], paths: Collection[str]) -> set[str]:
    """Return the paths that moved: those of the moves and all that are below them."""
    roots = {move.old for move in moves}
    return {
        path for path in paths if path in roots or any(above in roots for above in _above(path))
    }


def _fingerprints(
    digests: Mapping[str, bytes], empty: bytes
) -> tuple[dict[str, bytes], dict[str, int], set[str]]:
    """Return of each subtree a fingerprint and the number of Directories, and which have files."""
    parts: dict[str, list[bytes]] = {path: [digest] for path, digest in digests.items()}
    sizes = dict.fromkeys(digests, 1)
    filled: set[str] = set()
    found: dict[str, bytes] = {}
    # Longest first: whatever is below has been added when its parent's turn comes.
    for path in sorted(digests, key=lambda path: (path.count("/"), path), reverse=True):
        if digests[path] not in {empty, b""}:
            filled.add(path)
        own, *children = parts[path]
        text = own or path.encode("utf-8", "surrogateescape")
        found[path] = blake2b(b"\0".join([text, *sorted(children)]), digest_size=16).digest()
        above, _, name = path.rpartition("/")
        if above in parts:
            parts[above].append(found[path] + name.encode("utf-8", "surrogateescape"))
            sizes[above] += sizes[path]
            if path in filled:
                filled.add(above)
    return found, sizes, filled


def _above(path: str) -> Iterable[str]:
    while path:
        path = path.rpartition("/")[0]
        yield path
