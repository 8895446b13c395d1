import os
from pathlib import Path

import pytest

from mirrorlist.geo import GeoFiles
from tests.mirrorlist.mmdb import write_mmdb

CLIENT = "192.0.2.1"


def write(path: Path, country: str) -> Path:
    """Put another file in place of the last, in one step."""
    beside = write_mmdb(path.with_suffix(".part"), {"192.0.2.0/24": {"country_code": country}})
    os.replace(beside, path)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "country.mmdb", "FR")


def test_a_changed_file_is_taken_over(path: Path) -> None:
    geo = GeoFiles(country=str(path))
    write(path, "JP")
    assert geo.country(CLIENT) == "FR", "until somebody looks"
    assert geo.refresh()
    assert not geo.refresh(), "once"
    assert geo.country(CLIENT) == "JP"
    assert geo.built_at() == {str(path): 1_750_000_000}


def test_a_file_with_an_earlier_time_is_taken_over_too(path: Path) -> None:
    geo = GeoFiles(country=str(path))
    write(path, "JP")
    os.utime(path, (0, 0))
    geo.refresh()
    assert geo.country(CLIENT) == "JP"


def test_a_file_that_did_not_change_is_not_read_again(path: Path) -> None:
    geo = GeoFiles(country=str(path))
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"FR", b"JP"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    geo.refresh()
    assert geo.country(CLIENT) == "FR", "inode, time and size are the same"


def test_the_last_good_file_stays_until_there_is_another(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    geo = GeoFiles(country=str(path))
    good = path.read_bytes()
    for wrong, problem in ((None, "is missing"), (good[:200], "damaged or cut short")):
        path.unlink() if wrong is None else path.write_bytes(wrong)
        caplog.clear()
        geo.refresh()
        geo.refresh()
        assert geo.country(CLIENT) == "FR"
        assert problem in geo.problem
        assert caplog.text.count("The last good state of it stays in use.") == 1
    write(path, "JP")
    geo.refresh()
    assert (geo.country(CLIENT), geo.problem) == ("JP", "")


def test_cutting_a_file_in_use_short_disturbs_nobody(path: Path) -> None:
    geo = GeoFiles(country=str(path))
    os.truncate(path, 0)
    assert geo.country(CLIENT) == "FR"


def test_a_file_that_appears_later_is_used(tmp_path: Path) -> None:
    geo = GeoFiles(country=str(tmp_path / "country.mmdb"))
    assert geo.problem
    write(tmp_path / "country.mmdb", "FR")
    geo.refresh()
    assert (geo.country(CLIENT), geo.problem) == ("FR", "")


def test_a_file_whose_tree_is_damaged_is_refused(path: Path) -> None:
    geo = GeoFiles(country=str(path))
    content = path.read_bytes()
    tree = content.index(bytes(16))
    path.write_bytes(b"\xff" * tree + content[tree:])
    geo.refresh()
    assert "damaged" in geo.problem
    assert geo.country(CLIENT) == "FR"
