from pathlib import Path

import pytest

from mirrorlist.geo import GeoFiles, asn_of, country_of, location_of
from tests.mirrorlist.mmdb import Number, write_mmdb


@pytest.mark.parametrize(
    ("record", "country"),
    [
        ({"country": {"iso_code": "DE"}}, "DE"),
        ({"country_code": "de"}, "DE"),
        ({"country": "FR"}, "FR"),
        ({"country": {"names": {}}}, None),
        ({"continent": {"code": "EU"}}, None),
        ({"country_code": "None"}, None),
        ({"country_code": "EU"}, None),
        ({"country_code": "4²"}, None),
        (None, None),
        (["DE"], None),
    ],
)
def test_both_shapes_of_country_records_are_read(record: object, country: str | None) -> None:
    assert country_of(record) == country


@pytest.mark.parametrize(
    ("record", "asn"),
    [
        ({"autonomous_system_number": 64496}, 64496),
        ({"asn": "AS64496"}, 64496),
        ({"asn": "64496"}, 64496),
        ({"asn": "six"}, None),
        ({"asn": 0}, None),
        ({"asn": "9" * 5000}, None),
        ({"asn": "²"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_autonomous_systems_are_read(record: object, asn: int | None) -> None:
    assert asn_of(record) == asn


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"location": {"latitude": 50.1, "longitude": 8.7}}, (50.1, 8.7)),
        ({"latitude": "50.1", "longitude": "8.7"}, (50.1, 8.7)),
        ({"location": {"latitude": 91.0, "longitude": 8.7}}, None),
        ({"location": {"latitude": "north", "longitude": 8.7}}, None),
        ({"location": {"latitude": 50.1}}, None),
        (None, None),
    ],
)
def test_places_are_read(record: object, place: tuple[float, float] | None) -> None:
    assert location_of(record) == place


def test_without_files_the_built_in_register_data_answers() -> None:
    geo = GeoFiles()
    assert geo.country("193.99.144.80") == "DE"
    assert geo.country("2a02:2e0::1") == "DE"
    assert geo.country("127.0.0.1") is None
    assert geo.asn("193.99.144.80") is None


def test_files_answer_when_they_are_given(tmp_path: Path) -> None:
    country = write_mmdb(
        tmp_path / "country.mmdb",
        {
            "192.0.2.0/24": {"country": {"iso_code": "FR"}},
            "198.51.100.0/24": {"country_code": "JP"},
        },
    )
    asn = write_mmdb(
        tmp_path / "asn.mmdb", {"192.0.2.0/24": {"autonomous_system_number": Number(64496)}}
    )
    geo = GeoFiles(country=str(country), asn=str(asn))
    assert geo.country("192.0.2.77") == "FR"
    assert geo.country("198.51.100.1") == "JP"
    assert geo.country("193.99.144.80") is None
    assert geo.country("2a02:2e0::1") is None, "an IPv6 address in an IPv4 file"
    assert geo.asn("192.0.2.77") == 64496
    assert geo.asn("203.0.113.1") is None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "country.mmdb is missing."),
        (b"", "country.mmdb cannot be used: it is damaged or cut short."),
        (b"not a database", "country.mmdb cannot be used: it is damaged or cut short."),
    ],
)
def test_an_unusable_file_is_reported_and_done_without(
    content: bytes | None, problem: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "country.mmdb"
    if content is not None:
        path.write_bytes(content)
    geo = GeoFiles(country=str(path), asn=str(path))
    assert geo.country("193.99.144.80") == "DE"
    assert geo.asn("193.99.144.80") is None
    assert problem in caplog.text
    assert problem in geo.problem
    assert "Countries come from the built-in register data" in caplog.text
    assert "Autonomous systems are not taken into account" in caplog.text


def test_a_damaged_record_is_no_record(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/24": {"country_code": "JP"}})
    path.write_bytes(path.read_bytes().replace(b"\x4ccountry_code", b"\x5fcountry_code"))
    assert GeoFiles(country=str(path)).country("192.0.2.1") is None
    assert not caplog.text, "the file itself can be opened"


def test_an_ipv6_address_that_carries_an_ipv4_address_is_where_that_is() -> None:
    geo = GeoFiles()
    assert geo.country("2002:c163:9050::1") == "DE", "6to4"
    assert geo.country("2001:0:4136:e378:8000:63bf:3e9c:6faf") == "DE", "Teredo, inverted"
    assert geo.country("2a02:2e0::1") == "DE"


def test_a_city_file_gives_places_and_countries(tmp_path: Path) -> None:
    record: dict[str, object] = {
        "country": {"iso_code": "FR"},
        "latitude": "48.9",
        "longitude": "2.4",
    }
    city = write_mmdb(tmp_path / "city.mmdb", {"192.0.2.0/24": record})
    geo = GeoFiles(city=str(city))
    assert geo.country("192.0.2.77") == "FR"
    assert geo.location("192.0.2.77") == (48.9, 2.4)
    assert geo.location("2002:c000:24d::1") == (48.9, 2.4)
    assert geo.location("198.51.100.1") is None


def test_netblocks_are_used_without_a_file_for_asns_and_may_be_missing(tmp_path: Path) -> None:
    ours = write_mmdb(tmp_path / "ours.mmdb", {"192.0.2.0/24": {"asn": Number(64496)}})
    other = write_mmdb(tmp_path / "other.mmdb", {"192.0.2.0/24": {"asn": Number(64497)}})
    assert GeoFiles(netblocks=str(ours)).asn("192.0.2.1") == 64496
    assert GeoFiles(netblocks=str(ours)).asn("2002:c000:201::1") == 64496
    assert GeoFiles(asn=str(other), netblocks=str(ours)).asn("192.0.2.1") == 64497
    assert GeoFiles(netblocks=str(tmp_path / "none.mmdb")).problem == ""
