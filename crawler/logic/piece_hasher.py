"""Digests of the pieces of a file, worked out while it is read. Knows no files."""

import hashlib


class PieceHasher:
    """Takes the content of a file in parts of any length; each piece has its SHA-1."""

    def __init__(self, piece_bytes: int) -> None:
        self.piece_bytes = piece_bytes
        self._digests: list[bytes] = []
        self._begin()

    def _begin(self) -> None:
        # BitTorrent asks for SHA-1; whoever downloads verifies the whole file, too.
        self._piece = hashlib.sha1(usedforsecurity=False)
        self._missing = self.piece_bytes

    def update(self, content: bytes) -> None:
        """Take the next part of the file."""
        rest = memoryview(content)
        while rest:
            part = rest[: self._missing]
            self._piece.update(part)
            self._missing -= len(part)
            rest = rest[len(part) :]
            if not self._missing:
                self._digests.append(self._piece.digest())
                self._begin()

    def finish(self) -> bytes:
        """Return the digests of all pieces; the last may be shorter, and nothing has none."""
        if self._missing < self.piece_bytes:
            self._digests.append(self._piece.digest())
            self._begin()
        return b"".join(self._digests)
