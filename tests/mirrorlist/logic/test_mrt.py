import pytest

from mirrorlist.logic.mrt import (
    HEADER_BYTES,
    DamagedRibError,
    is_rib,
    read_header,
    read_route,
)
from tests.mirrorlist.mrt import CONFEDERATION, SET, attributes, record, route, segment

PLAIN = attributes(segment(64500, 64496))


def read(data: bytes) -> tuple[str, int] | None:
    found = read_route(read_header(data[:HEADER_BYTES]), data[HEADER_BYTES:])
    return found and (str(found[0]), found[1])


@pytest.mark.parametrize(
    ("network", "path_ids"),
    [
        ("192.0.2.0/24", False),
        ("192.0.2.0/24", True),
        ("192.0.2.128/25", False),
        ("203.0.113.7/32", False),
        ("8.0.0.0/8", False),
        ("2001:db8::/32", False),
        ("2001:db8:8000::/33", True),
        ("0.0.0.0/0", False),
    ],
)
@pytest.mark.parametrize("wide", [False, True])
def test_prefixes_of_both_families_and_shapes_are_read(
    network: str, path_ids: bool, wide: bool
) -> None:
    paths = [attributes(segment(64500, 4_200_000_001), wide=wide)] * 3
    assert read(route(network, paths, path_ids=path_ids)) == (network, 4_200_000_001)


@pytest.mark.parametrize(
    ("segments", "origin"),
    [
        ([segment(64500, 64496)], 64496),
        ([segment(64500), segment(64501, 64496)], 64496),
        ([segment(64500, 64496), segment(64510, kind=SET)], 64510),
        ([segment(64500, 64496), segment(64510, 64511, kind=SET)], 64496),
        ([segment(64510, 64511, kind=SET)], 64510),
        ([segment(64500, 64496), segment(65100, kind=CONFEDERATION)], 64496),
        ([segment(64500, 64496), segment()], 64496),
        ([], None),
    ],
)
def test_who_announces_is_the_last_of_the_path(segments: list[bytes], origin: int | None) -> None:
    found = read(route("192.0.2.0/24", [attributes(*segments)]))
    assert found == (("192.0.2.0/24", origin) if origin else None)


@pytest.mark.parametrize(
    ("origins", "winner"),
    [([1, 2, 2], 2), ([1, 1, 2, 2, 2, 2], 2), ([3, 1, 2], 1), ([2, 2, 1, 1], 1), ([5], 5)],
)
def test_of_several_origins_the_one_of_most_peers_counts(origins: list[int], winner: int) -> None:
    paths = [attributes(segment(64500, origin)) for origin in origins]
    assert read(route("192.0.2.0/24", paths)) == ("192.0.2.0/24", winner)


def test_entries_without_a_path_do_not_vote() -> None:
    pathless = b"\x40\x01\x01\x00"
    assert read(route("192.0.2.0/24", [pathless, pathless, PLAIN])) == ("192.0.2.0/24", 64496)
    assert read(route("192.0.2.0/24", [pathless])) is None
    assert read(route("192.0.2.0/24", [])) is None


@pytest.mark.parametrize("subtype", [1, 3, 5, 6])
def test_records_that_are_no_unicast_route_are_passed_over(subtype: int) -> None:
    assert read(route("192.0.2.0/24", [PLAIN], subtype=subtype)) is None
    assert read(record(2, b"", kind=16)) is None, "updates are no table"


def test_a_record_cut_anywhere_is_damaged() -> None:
    whole = route("192.0.2.0/24", [PLAIN])[HEADER_BYTES:]
    for size in range(len(whole)):
        with pytest.raises(DamagedRibError, match="before it is complete"):
            read(record(2, whole[:size]))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (attributes(segment(64500, 64496)[:-2]), "before it is complete"),
        (b"\x40\x01\xff\x00", "before it is complete"),
    ],
)
def test_attributes_that_contradict_themselves_are_damaged(damage: bytes, sentence: str) -> None:
    with pytest.raises(DamagedRibError, match=sentence):
        read(route("192.0.2.0/24", [damage]))


def test_a_prefix_longer_than_an_address_is_damaged() -> None:
    with pytest.raises(DamagedRibError, match="33 of 32 bits"):
        read(record(2, b"\0\0\0\0\x21\xc0\0\2\0\0"))


def test_the_old_format_is_named() -> None:
    with pytest.raises(DamagedRibError, match="only TABLE_DUMP_V2 is read"):
        read(record(1, b"", kind=12))


@pytest.mark.parametrize("data", [b"", b"short", b"\xff" * 12])
def test_what_is_no_header_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedRibError, match="no sensible length"):
        read_header(data)
    assert not is_rib(data)


def test_a_table_is_known_by_its_beginning() -> None:
    assert is_rib(record(1, b"")[:12])
    assert is_rib(record(1, b"", kind=12)[:12])
    assert not is_rib(b"192.0.2.0/24 64496\n"[:12])
    assert not is_rib(record(99, b"")[:12])
