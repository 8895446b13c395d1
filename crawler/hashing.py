"""Read real files of a local tree in chunks and hash them: all digests in one pass.

Knows files only; compares nothing and decides nothing.
"""

import hashlib
import os
from collections.abc import Callable
from typing import NamedTuple

from crawler.logic.piece_hasher import PieceHasher
from registry.logic.pieces import piece_bytes_of

CHUNK_BYTES = 1024 * 1024
ALGORITHMS = ("md5", "sha1", "sha256", "sha512")


class Hashed(NamedTuple):
    """A file as it was read: size, modification time in whole seconds, digests by algorithm.

    `pieces` are the SHA-1 digests of its pieces of `piece_bytes` each, if they were asked for.
    """

    size: int
    mtime: int
    digests: dict[str, str]
    piece_bytes: int = 0
    pieces: bytes = b""


class FileChangedError(OSError):
    """The file was written while it was read, so that its digests mean nothing."""


def hash_file(
    path: str,
    *,
    root: str,
    progress: Callable[[int], None] = lambda count: None,
    pieces_from_bytes: int = 0,
) -> Hashed:
    """Hash a file below `root`; `progress` is called with the number of bytes of each chunk.

    Files of `pieces_from_bytes` or more have digests of their pieces, too; with 0 none has.
    Raises OSError if it cannot be read, is no file or leads out of `root` by a symlink, and
    FileChangedError if it changed meanwhile.
    """
    real, top = os.path.realpath(path), os.path.realpath(root)
    if os.path.commonpath([real, top]) != top:
        raise PermissionError(None, "it leads out of the tree", path)
    if not os.path.isfile(real):  # a pipe would be waited for
        raise FileNotFoundError(None, "it is not there, or no file", path)
    hashers = {name: hashlib.new(name, usedforsecurity=False) for name in ALGORITHMS}
    with open(real, "rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        in_pieces = 0 < pieces_from_bytes <= before.st_size
        pieces = PieceHasher(piece_bytes_of(before.st_size)) if in_pieces else None
        while chunk := file.read(CHUNK_BYTES):
            for hasher in hashers.values():
                hasher.update(chunk)
            if pieces:
                pieces.update(chunk)
            progress(len(chunk))
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise FileChangedError(None, "it was written while it was read", path)
    digests = {name: hasher.hexdigest() for name, hasher in hashers.items()}
    found = Hashed(after.st_size, int(after.st_mtime), digests)
    if pieces is None:
        return found
    return found._replace(piece_bytes=pieces.piece_bytes, pieces=pieces.finish())
