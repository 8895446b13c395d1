import pytest

from crawler.logic.checksum_files import is_checksum_file
from crawler.logic.notable_files import may_be_notable
from registry.logic.listings import encode_listing
from registry.logic.repository_kinds import is_verified


@pytest.mark.parametrize(
    ("name", "notable"),
    [
        ("repomd.xml", True),
        ("InRelease", True),
        ("summary", True),
        ("core.db", True),
        ("core.db.tar.zst", True),
        ("APKINDEX.tar.gz", True),
        ("SHA512SUMS", True),
        ("Fedora-43-x86_64-CHECKSUM", True),
        ("image.iso.sha256", True),
        ("image.iso.MD5sums", True),
        ("md5sums.txt", True),
        ("bash-5.3.rpm", False),
        ("summary.sig", False),
        ("image.iso", False),
    ],
)
def test_a_listing_deserves_a_look_by_one_name(name: str, notable: bool) -> None:
    listing = encode_listing([("a.rpm", 1, 2), (name, 3, 4), ("z.rpm", 5, 6)])
    assert may_be_notable(listing) is notable
    assert notable or not (is_verified(name) or is_checksum_file(name))


def test_an_empty_listing_does_not() -> None:
    assert not may_be_notable(encode_listing([]))
