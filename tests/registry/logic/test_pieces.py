import pytest

from registry.logic.pieces import MOST_PIECES, piece_bytes_of

KIB, MIB, GIB = 2**10, 2**20, 2**30


@pytest.mark.parametrize(
    ("size", "length"),
    [
        (0, 256 * KIB),
        (64 * MIB, 256 * KIB),
        (512 * MIB, 256 * KIB),
        (512 * MIB + 1, 512 * KIB),
        (5 * GIB, 4 * MIB),
        (32 * GIB, 16 * MIB),
        (100 * GIB, 16 * MIB),
    ],
)
def test_pieces_are_longer_the_larger_a_file_is(size: int, length: int) -> None:
    assert piece_bytes_of(size) == length


def test_no_usual_image_has_more_pieces_than_a_torrent_should_have() -> None:
    assert all(-(-size // piece_bytes_of(size)) <= MOST_PIECES for size in range(1, 20 * GIB, GIB))
