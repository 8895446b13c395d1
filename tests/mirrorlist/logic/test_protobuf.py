import dataclasses
from typing import Any

import pytest

from mirrorlist.logic import protobuf_cache
from mirrorlist.logic.contents import Contents, CountryRow, RepositoryRow
from mirrorlist.logic.protobuf import bytes_field, number_field, numbers_field, text_field, varint
from mirrorlist.logic.protobuf_cache import CacheExtras, encode_cache
from mirrorlist.logic.snapshot import Carrier, Category, Directory, FileDetail, Host
from registry.logic.reach import Reach
from tests.mirrorlist.protobuf_schema import pairs, parse

GREATEST = 2**64 - 1


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, b"\x00"), (1, b"\x01"), (127, b"\x7f"), (128, b"\x80\x01"), (300, b"\xac\x02"),
        (True, b"\x01"), (-1, b"\xff" * 9 + b"\x01"), (GREATEST, b"\xff" * 9 + b"\x01"),
    ],
)  # fmt: skip
def test_numbers_take_seven_bits_a_byte(number, expected) -> None:
    assert varint(number) == expected


def test_fields_begin_with_number_and_type() -> None:
    assert number_field(1, 150) == b"\x08\x96\x01"
    assert text_field(2, "testing") == b"\x12\x07testing"
    assert bytes_field(16, b"") == b"\x82\x01\x00"
    assert numbers_field(2, [1, 2]) == b"\x10\x01\x10\x02"
    assert text_field(1, "\ud800é") == b"\x0a\x03?\xc3\xa9"


def make_contents(**over: Any) -> Contents:
    """Three Hosts: 7 public in DE, 5 private in FR, 9 public in DE without URL for Category 2."""
    hosts = [
        Host(7, "a", "DE", 1000, private=False, countries_allowed=frozenset()),
        Host(5, "b", "FR", 10, private=True, countries_allowed=frozenset({"FR", "BE"})),
        Host(9, "c", "DE", 100, private=False, countries_allowed=frozenset()),
    ]
    return Contents(**{
        "built_at": 1_763_640_000, "hosts": hosts, "exclusions": [],
        "categories": [Category(1, "Linux", "pub/linux"), Category(2, "Other", "")],
        "carriers": [
            (1, 9, Carrier(("https://c/linux",), "")),
            (1, 7, Carrier(("https://a/linux", "http://a/linux"), "")),
            (1, 5, Carrier(("https://b/linux",), "")), (2, 7, Carrier(("https://a/other",), "")),
        ],
        "host_sets": dict(enumerate([0b111, 0b010, 0, 0b101])),
        "directories": [
            Directory(4, "pub/linux/z", 1, 1), Directory(1, "pub/linux", 1, 0),
            Directory(2, "pub/linux/a", 1, 2), Directory(5, "pub/linux/b", 1, 0),
            Directory(3, "other", 2, 3),
        ],
        "repositories": [RepositoryRow("z", "x86_64", "pub/linux/z"),
                         RepositoryRow("a", "source", "pub/linux/a")],
        "disabled": ["z"], "redirects": [("rawhide", "a")],
        "countries": [CountryRow("DE", "EU", None, None)],
        "netblocks": [("193.0.2.0/24", 9), ("193.0.2.0/24", 7), ("2001:db8::/32", 5)],
        "netblock_countries": [("198.51.100.0/24", "GB")],
        "asns": [(64501, 9), (64500, 7), (64501, 5)],
        "file_details": [
            (1, "repomd.xml", FileDetail(20, 2, "", "", "b" * 64, "c" * 128)),
            (1, "repomd.xml", FileDetail(30, 1, "d" * 32, "e" * 40, "", "")),
            (1, "a.iso", FileDetail(-1, 0, "", "", "", "")),
            (99, "gone", FileDetail(1, 1, "", "", "", "")),
        ],
        **over,
    })  # fmt: skip


EXTRAS = CacheExtras(continents=[("IL", "EU"), ("AM", "EU")], max_connections={7: 4})


def encode(contents: Contents, extras: CacheExtras = EXTRAS) -> bytes:
    return b"".join(encode_cache(contents, extras))


def test_the_real_library_writes_the_same_bytes() -> None:
    data = encode(make_contents())
    message = parse(data)
    assert message.IsInitialized()
    assert message.SerializeToString(deterministic=True) == data


def test_an_empty_network_is_a_cache_too() -> None:
    empty: dict[str, Any] = {each.name: [] for each in dataclasses.fields(Contents)}
    assert parse(encode(Contents(**empty | {"built_at": 5}), CacheExtras())).Time == 5


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NetblockCountryCache", [("198.51.100.0/24", "GB")]),
        ("HCUrlCache", [
            (1, "https://b/linux"), (2, "https://a/linux"), (3, "http://a/linux"),
            (4, "https://c/linux"), (5, "https://a/other"),
        ]),
        ("DisabledRepositoryCache", [("z", True)]),
        ("CountryContinentRedirectCache", [("AM", "EU"), ("IL", "EU")]),
        ("RepositoryRedirectCache", [("rawhide", "a")]),
        ("RepoArchToDirectoryName", [("a+source", "pub/linux/a"), ("z+x86_64", "pub/linux/z")]),
        ("HostAsnCache", [(64500, [7]), (64501, [5, 9])]),
        ("HostMaxConnectionCache", [(5, 1), (7, 4), (9, 1)]),
        ("HostCountryCache", [(5, "FR"), (7, "DE"), (9, "DE")]),
        ("HostBandwidthCache", [(5, 10), (7, 1000), (9, 100)]),
        ("HostCountryAllowedCache", [(5, ["BE", "FR"])]),
        ("HostNetblockCache", [("193.0.2.0/24", [7, 9]), ("2001:db8::/32", [5])]),
        ("LocationCache", []),
    ],
)  # fmt: skip
def test_every_map_is_written_sorted_by_its_key(name, expected) -> None:
    assert pairs(getattr(parse(encode(make_contents())), name)) == expected


def directories() -> dict[str, Any]:
    return {each.directory: each for each in parse(encode(make_contents())).MirrorListCache}


def test_every_directory_is_there_in_the_order_of_paths() -> None:
    paths = ["other", "pub/linux", "pub/linux/a", "pub/linux/b", "pub/linux/z"]
    assert list(directories()) == paths
    assert [each.Subpath for each in directories().values()] == ["other", "", "a", "b", "z"]


def test_public_hosts_are_everywhere_and_private_ones_only_known_by_id() -> None:
    whole = directories()["pub/linux"]
    assert list(whole.Global) == [7, 9]
    assert pairs(whole.ByCountry) == [("DE", [7, 9])]
    assert pairs(whole.ByHostId) == [(5, [1]), (7, [2, 3]), (9, [4])]
    assert directories()["pub/linux/b"].ByHostId == whole.ByHostId
    private = directories()["pub/linux/z"]
    assert (list(private.Global), pairs(private.ByCountry)) == ([], [])
    assert pairs(private.ByHostId) == [(5, [1])]


def test_a_host_without_url_of_the_category_is_left_out() -> None:
    other = directories()["other"]
    assert (list(other.Global), pairs(other.ByHostId)) == ([7], [(7, [5])])


def test_what_nobody_reads_is_not_written() -> None:
    whole = directories()["pub/linux"]
    assert not whole.HasField("OrderedMirrorList")
    assert len(whole.ByCountryInternet2) == 0


def test_the_current_state_of_a_file_comes_first() -> None:
    (only,) = parse(encode(make_contents())).FileDetailsCache
    assert only.directory == "pub/linux"
    iso, repomd = only.FileDetailsCacheFiles
    assert (iso.filename, repomd.filename) == ("a.iso", "repomd.xml")
    assert (iso.FileDetails[0].TimeStamp, iso.FileDetails[0].Size) == (0, 0)
    assert not iso.FileDetails[0].HasField("MD5")
    current, alternate = repomd.FileDetails
    assert (current.TimeStamp, current.SHA256, current.SHA512) == (20, "b" * 64, "c" * 128)
    assert (alternate.TimeStamp, alternate.MD5, alternate.SHA1) == (30, "d" * 32, "e" * 40)


def test_the_order_of_rows_does_not_matter() -> None:
    contents = make_contents()
    shuffled = {
        name: list(reversed(getattr(contents, name)))
        for name in (
            "carriers", "categories", "directories", "repositories", "redirects", "netblocks",
            "netblock_countries", "asns",
        )
    }  # fmt: skip
    assert encode(make_contents(**shuffled)) == encode(contents)


def test_host_sets_that_are_forgotten_are_written_again(monkeypatch) -> None:
    data = encode(make_contents())
    monkeypatch.setattr(protobuf_cache, "HOST_SETS_REMEMBERED", 1)
    assert encode(make_contents()) == data


def test_limits_that_are_ours_take_hosts_off_the_lists_that_forget_them() -> None:
    contents = make_contents()
    near, own, plain = contents.hosts
    limited = make_contents(
        hosts=[
            near._replace(reach=Reach.COUNTRY, countries_served=frozenset({"FR"}), weight=0),
            own._replace(private=False, countries_allowed=frozenset(), reach=Reach.NETBLOCKS),
            plain._replace(countries_served=frozenset({"FR"}), weight=99_999),
        ]
    )
    cache = parse(b"".join(encode_cache(limited, EXTRAS)))
    top = next(row for row in cache.MirrorListCache if row.directory == "pub/linux")
    assert list(top.Global) == [7, 9]
    assert pairs(top.ByCountry) == [("DE", [9]), ("FR", [9])]
    assert pairs(cache.HostCountryAllowedCache) == [(7, ["DE", "FR"])]
    assert pairs(cache.HostAsnCache) == [(64500, [7]), (64501, [9])]
    assert pairs(cache.HostBandwidthCache) == [(5, 10), (7, 1), (9, 10_000)]
