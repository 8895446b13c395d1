import pytest

from registry.logic.listings import (
    Entry,
    decode_listing,
    digest_listing,
    encode_listing,
    find_entry,
    pack_listing,
    unpack_listing,
)

LISTING = (
    Entry("a name with blanks", 12, 1_700_000_000),
    Entry("line\nend", 0, -1),
    Entry("repomd.xml", 3_000_000_000_000, 0),
)


def test_a_listing_survives_storage() -> None:
    assert unpack_listing(pack_listing(LISTING)) == LISTING


def test_an_encoded_listing_is_read_again() -> None:
    assert decode_listing(encode_listing(reversed(LISTING))) == LISTING


@pytest.mark.parametrize("entry", LISTING, ids=lambda entry: entry.name)
def test_one_file_is_found_in_a_stored_listing(entry: Entry) -> None:
    assert find_entry(pack_listing(LISTING), entry.name) == entry


@pytest.mark.parametrize("name", ["", "a name", "blanks", "end", "12", "repomd-xml", "\udcff"])
def test_parts_of_names_are_no_files(name: str) -> None:
    assert find_entry(pack_listing(LISTING), name) is None


def test_the_digest_does_not_depend_on_order() -> None:
    assert digest_listing(reversed(LISTING)) == digest_listing(LISTING)
    assert digest_listing(LISTING[:2]) != digest_listing(LISTING)


@pytest.mark.parametrize("data", [b"nonsense", pack_listing(LISTING)[:-9]])
def test_a_damaged_listing_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a stored listing"):
        unpack_listing(data)
