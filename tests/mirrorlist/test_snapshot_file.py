"""The file, without a database: what is written is read, and what is damaged is refused."""

import dataclasses
import sqlite3
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mirrorlist.logic.contents import (
    Contents,
    CountryRow,
    ListingRow,
    PiecesRow,
    RepositoryRow,
)
from mirrorlist.logic.guard import Holdings
from mirrorlist.logic.snapshot import (
    Carrier,
    Category,
    Directory,
    Exclusion,
    Families,
    FileDetail,
    Pieces,
    Reachable,
    Snapshot,
)
from mirrorlist.logic.world import AnswerPolicy, World
from mirrorlist.snapshot_file import SEAL_BYTES, DamagedSnapshotError, open_snapshot
from mirrorlist.snapshot_writer import SnapshotWriteError, _seal, publish_file, write_snapshot
from registry.logic.listings import Entry, pack_listing
from registry.logic.reach import Reach
from tests.mirrorlist.memory import DE, OS, TOP, FixedGeo, a_host, ask

FILES = (Entry("other", 5, 5), Entry("repomd.xml", 20, 2))
CONTENTS = Contents(
    built_at=1_750_000_000,
    hosts=[
        a_host(
            3,
            "DE",
            countries_allowed=frozenset({"DE", "FR"}),
            countries_excluded=frozenset({"FR"}),
            countries_served=frozenset({"AT", "CH"}),
            reach=Reach.CONTINENT,
            always_listed=True,
            max_file_mb=4000,
            asn=64496,
            point=(50.1, -8.7),
            site="Example University",
        ),
        a_host(2**40, "FR", private=True),
    ],
    categories=[Category(1, "Fedora Linux", TOP, "https://master/fedora")],
    carriers=[
        (
            1,
            3,
            Carrier(
                ("https://a/fedora", "rsync://a/fedora"),
                "A note.",
                (Families(Reachable.NO, Reachable.YES), Families()),
            ),
        ),
        (1, 2**40, Carrier(("https://b/fedora",), "")),
    ],
    exclusions=[(1, Exclusion(9, "off", "US", "user_off", "It is off."))],
    host_sets={0: 0b11, 1: 0},
    directories=[Directory(10, OS, 1, 0), Directory(11, f"{OS}/repodata", 1, 1)],
    repositories=[RepositoryRow("c++", "x86_64", OS)],
    disabled=["off"],
    redirects=[("old", "c++")],
    countries=[CountryRow("DE", "EU", 50.1, 8.7), CountryRow("FR", "EU", None, None)],
    netblocks=[("192.0.2.0/24", 2**40)],
    netblock_countries=[("198.51.100.0/24", "FR")],
    asns=[(64496, 2**40), (64496, 3)],
    file_details=[
        (11, "repomd.xml", FileDetail(2, 20, "a", "b", "c", "d")),
        (11, "repomd.xml", FileDetail(1, 10, "e", "", "", "")),
        (11, "other", FileDetail(5, 5, "", "", "", "")),
    ],
    base_url="https://mirrors.example.org",
    listings=[ListingRow(11, 1_700_000_000, pack_listing(FILES))],
    pieces=[PiecesRow(7, 11, "boot.iso", 300_000, 1_700_000_000, 262_144, b"x" * 40)],
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_snapshot(tmp_path / "one.sqlite", CONTENTS)
    return tmp_path / "one.sqlite"


def test_what_is_written_is_read(path: Path) -> None:
    snapshot = open_snapshot(path)
    as_logic_sees_it: Snapshot = snapshot
    assert as_logic_sees_it.hosts == CONTENTS.hosts
    assert snapshot.built_at == CONTENTS.built_at
    assert snapshot.category(1) == CONTENTS.categories[0]
    assert snapshot.carriers(1) == {0: CONTENTS.carriers[0][2], 1: CONTENTS.carriers[1][2]}
    assert snapshot.exclusions(1) == [CONTENTS.exclusions[0][1]]
    assert snapshot.directory(OS) == CONTENTS.directories[0]
    assert snapshot.directory("x") is None
    assert snapshot.host_set(0).mask == 0b11
    assert snapshot.host_set(0).flags == b"\1\1"
    assert snapshot.host_set(1).mask == 0
    assert snapshot.redirect("old") == "c++"
    assert snapshot.redirect("c++") is None
    assert (snapshot.is_disabled("off"), snapshot.is_disabled("c++")) == (True, False)
    assert snapshot.repository_path("c++", "x86_64") == OS
    assert snapshot.repository_path("c++", "s390x") is None
    assert snapshot.repositories() == [("c++", "x86_64")]
    assert snapshot.asn_hosts == {64496: (0, 1)}
    assert snapshot.continents.neighbors("DE") == ("FR",)
    assert snapshot.continents.points == {"DE": (50.1, 8.7)}


def test_states_of_a_file_keep_their_order(path: Path) -> None:
    snapshot = open_snapshot(path)
    details = [detail for _, _, detail in CONTENTS.file_details]
    assert snapshot.file_details(11, "repomd.xml") == details[:2]
    assert snapshot.file_details(11, "other") == details[2:]
    assert snapshot.file_details(10, "repomd.xml") == []


def test_pieces_are_read_by_file(path: Path) -> None:
    snapshot = open_snapshot(path)
    assert snapshot.pieces(11, "boot.iso") == Pieces(300_000, 1_700_000_000, 262_144, b"x" * 40)
    assert (snapshot.pieces(11, "other"), snapshot.pieces(10, "boot.iso")) == (None, None)
    assert snapshot.base_url == "https://mirrors.example.org"


def test_listings_are_read_whole_or_file_by_file(path: Path) -> None:
    snapshot = open_snapshot(path)
    assert snapshot.knows_files
    assert snapshot.listing(11) == FILES
    assert snapshot.entry(11, "repomd.xml") == FILES[1]
    assert snapshot.entry(11, "repomd") is None
    assert snapshot.changed_at(11) == 1_700_000_000
    assert (snapshot.listing(10), snapshot.entry(10, "x"), snapshot.changed_at(10)) == ((),) + (
        None,
    ) * 2


def test_a_snapshot_may_do_without_listings(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "small", dataclasses.replace(CONTENTS, listings=None))
    snapshot = open_snapshot(tmp_path / "small")
    assert not snapshot.knows_files
    assert snapshot.entry(11, "repomd.xml") is None


def test_what_lies_below_a_path_is_found_by_its_first_component(tmp_path: Path) -> None:
    paths = ["a", "a-b", "a-b/x", "a-b.c", "a/x", "a/x/y", "a/z/y", "a0", "é/x", "b/\U0010fffe/x"]
    directories = [Directory(number, path, 1, 0) for number, path in enumerate(paths)]
    write_snapshot(tmp_path / "t", dataclasses.replace(CONTENTS, directories=directories))
    snapshot = open_snapshot(tmp_path / "t")
    assert snapshot.subdirectories("") == ["a", "a-b", "a-b.c", "a0", "b", "é"]
    assert snapshot.subdirectories("a") == ["x", "z"]
    assert snapshot.subdirectories("a/x") == ["y"]
    assert snapshot.subdirectories("b") == ["\U0010fffe"]
    assert snapshot.subdirectories("a/x/y") == []


def test_answers_are_made_from_it(path: Path) -> None:
    world = World(open_snapshot(path), FixedGeo(), AnswerPolicy(), rng=Random(0))
    got = ask(world, "repo=old&arch=x86_64", ip=DE)
    assert got.body.decode().split("\n")[1] == "https://b/fedora/linux/42/x86_64/os/"


def test_the_guard_sees_what_it_offers(path: Path) -> None:
    assert open_snapshot(path).holdings() == Holdings(
        frozenset({3, 2**40}), frozenset({("c++", "x86_64")}), 2
    )
    assert open_snapshot(path).a_directory() == OS


def test_the_file_cannot_be_written_through_the_reader(path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        open_snapshot(path)._connection.execute("DELETE FROM host")


def test_equal_contents_give_equal_files(path: Path) -> None:
    again = path.with_name("two.sqlite")
    assert write_snapshot(again, CONTENTS) == open_snapshot(path).sha256
    assert again.read_bytes() == path.read_bytes()


def test_an_empty_snapshot_can_be_read(tmp_path: Path) -> None:
    nothing: dict[str, Any] = {
        field.name: {} if field.name == "host_sets" else []
        for field in dataclasses.fields(Contents)
        if field.default is field.default_factory is dataclasses.MISSING
    }
    write_snapshot(tmp_path / "empty", Contents(**nothing | {"built_at": 1}))
    assert open_snapshot(tmp_path / "empty").a_directory() is None


@pytest.mark.parametrize("part", [0, 1, 100, 4096, 0.5, 0.99])
def test_a_file_cut_short_is_refused(path: Path, part: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data)) if isinstance(part, float) else part])
    with pytest.raises(DamagedSnapshotError, match=r"one\.sqlite is no snapshot, or it was cut"):
        open_snapshot(path)


def test_a_changed_file_is_refused(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedSnapshotError, match="changed after it was written"):
        open_snapshot(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedSnapshotError, match="No such file"):
        open_snapshot(tmp_path / "missing")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("PRAGMA user_version = 99", "has version 99, and this program reads version 3"),
        ("PRAGMA user_version = 1", "has version 1, and this program reads version 3"),
        ("PRAGMA application_id = 7", "is a database, but not a snapshot"),
        ("DROP TABLE asn", "cannot be read: no such table: asn"),
        ("DELETE FROM meta", "misses a row"),
        ("DELETE FROM host", "cannot be read"),
    ],
)
def test_a_sealed_file_of_another_kind_is_refused(path: Path, change: str, sentence: str) -> None:
    path.write_bytes(path.read_bytes()[:-SEAL_BYTES])
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.commit()
    connection.close()
    _seal(path)
    with pytest.raises(DamagedSnapshotError, match=sentence):
        open_snapshot(path)


def test_a_file_is_never_written_over(path: Path) -> None:
    with pytest.raises(SnapshotWriteError, match="could not be written"):
        write_snapshot(path, CONTENTS)


def test_current_changes_in_one_step(path: Path) -> None:
    current = path.with_name("current.sqlite")
    publish_file(path, current)
    assert current.resolve() == path
    other = path.with_name("other.sqlite")
    write_snapshot(other, CONTENTS)
    publish_file(other, current)
    assert open_snapshot(current).path == other
    assert sorted(p.name for p in path.parent.iterdir()) == [
        "current.sqlite",
        "one.sqlite",
        "other.sqlite",
    ]
