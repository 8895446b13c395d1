from hashlib import sha1

import pytest

from crawler.logic.piece_hasher import PieceHasher


def digests(*pieces: bytes) -> bytes:
    return b"".join(sha1(piece, usedforsecurity=False).digest() for piece in pieces)


@pytest.mark.parametrize(
    "parts",
    [
        (b"abcdefgh",),
        (b"abc", b"defgh"),
        (b"abcd", b"", b"efgh"),
        (b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h"),
    ],
)
def test_digests_do_not_depend_on_how_the_content_is_cut(parts: tuple[bytes, ...]) -> None:
    hasher = PieceHasher(3)
    for part in parts:
        hasher.update(part)
    assert hasher.finish() == digests(b"abc", b"def", b"gh")


def test_a_last_piece_of_full_length_is_not_followed_by_an_empty_one() -> None:
    hasher = PieceHasher(4)
    hasher.update(b"abcdefgh")
    assert hasher.finish() == digests(b"abcd", b"efgh")


def test_nothing_has_no_pieces() -> None:
    assert PieceHasher(4).finish() == b""
