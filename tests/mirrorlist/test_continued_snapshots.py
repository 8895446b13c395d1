"""A snapshot that continues the last one holds what one built anew would hold."""

import sqlite3
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pyroaring import BitMap

from mirrorlist.models import Snapshot
from mirrorlist.services.contents import load_contents
from mirrorlist.services.snapshots import build_snapshot
from mirrorlist.snapshot_writer import SnapshotWriteError, write_snapshot
from registry.models import (
    Category,
    Directory,
    FilePieces,
    Host,
    HostCategory,
    NetblockCountry,
)
from tests import factories as f

pytestmark = pytest.mark.django_db


def dump(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, and what the tables look like."""
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    schema = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    found = {
        name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)  # noqa: S608
        for name, _ in schema
        if not name.startswith("sqlite_")
    }
    connection.close()
    return found | {"schema": schema}


@pytest.fixture
def world(network):
    """A network of a few Hosts, Categories and Directories."""
    for number in range(6):
        network.host(f"host{number}", country=("DE", "FR", "US")[number % 3])
    other = f.CategoryFactory.create(top_directory="pub/other")
    for category in (network.category, other):
        for _ in range(10):
            f.DirectoryFactory.create(category=category)
    for host in Host.objects.all()[:3]:
        f.carry(host, other, f"https://{host.name}/other")
    return network


def change_something(dice: Random) -> None:
    """Change one of the things that leave Directories and Hosts in service what they are."""
    row = dice.choice(list(HostCategory.objects.order_by("pk")))
    host = row.host
    match dice.randrange(12):
        case 0 | 1 | 2:
            ids = Category.objects.get(pk=row.category_id).directories.values_list("pk", flat=True)
            row.up2date = BitMap(pk for pk in ids if dice.random() < 0.6)
            row.up2date_revision += 1
            row.save()
        case 3:
            row.always_up2date = not row.always_up2date
            row.save()
        case 4:
            row.urls.update(private=dice.random() < 0.5)
        case 5:
            host.bandwidth_mbps, host.share_percent = dice.randrange(1, 5000), dice.randrange(300)
            host.save()
        case 6:
            f.HostNetblockFactory.create(host=host)
        case 7:
            NetblockCountry.objects.get_or_create(netblock="192.0.2.0/24", country_id="FR")
        case 8 | 9:
            f.FilePiecesFactory.create(
                filename=f"{dice.random()}.iso",
                directory=dice.choice(list(Directory.objects.all())),
            )
        case 10:
            FilePieces.objects.update(digests=dice.randbytes(40))
        case 11:
            swap_or_delete(dice)


def swap_or_delete(dice: Random) -> None:
    """Give two files each other's names, under other ids, or delete one."""
    rows = list(FilePieces.objects.order_by("pk")[:2])
    if len(rows) == 2 and dice.random() < 0.5:
        first, second = rows[0].filename, rows[1].filename
        for row, name in ((rows[0], "."), (rows[1], first), (rows[0], second)):
            row.filename = name
            row.save()
    elif rows:
        rows[0].delete()


@pytest.mark.parametrize("seed", range(6))
def test_continued_or_anew_the_rows_are_the_same(world, policy, now, tmp_path, seed) -> None:
    dice = Random(seed)
    build_snapshot(now=now, policy=policy)
    continued = 0
    for turn in range(8):
        for _ in range(dice.randrange(3)):
            change_something(dice)
        row = build_snapshot(now=now, policy=policy, force=True)
        assert row.state == Snapshot.State.PUBLISHED, row.reason
        continued += "Only what changed" in row.reason
        anew = tmp_path / f"{turn}.sqlite"
        write_snapshot(anew, load_contents(now=now))
        assert dump(policy.current.resolve()) == dump(anew)
    assert continued >= 4


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda world: f.DirectoryFactory.create(category=world.category), "Directories changed"),
        (lambda world: Host.objects.filter(name="host1").update(user_active=False), "left it"),
        (
            lambda world: f.RepositoryFactory.create(directory=world.repodata),
            "Repositories changed",
        ),
        (
            lambda world: f.ExclusiveDirectoryFactory.create(
                host=Host.objects.first(), path="pub/fedora/42"
            ),
            "exclusive Directories changed",
        ),
    ],
)
def test_a_change_of_what_sets_follow_from_builds_everything(
    world, policy, now, change, sentence: str
) -> None:
    build_snapshot(now=now, policy=policy)
    change(world)
    assert sentence in build_snapshot(now=now, policy=policy, force=True).reason
    assert "Only what changed" in build_snapshot(now=now, policy=policy).reason


def test_operators_can_have_everything_built_anew(world, policy, now) -> None:
    build_snapshot(now=now, policy=policy)
    row = build_snapshot(now=now, policy=policy, anew=True)
    assert row.reason.endswith("Everything was built anew, not from an earlier snapshot.")


def test_an_exclusive_directory_leaves_the_others_out(world, policy, now) -> None:
    f.ExclusiveDirectoryFactory.create(host=Host.objects.get(name="host2"), path=world.os.path)
    contents = load_contents(now=now)
    masks = {d.path: contents.host_sets[d.host_set_id] for d in contents.directories}
    names = [host.name for host in contents.hosts]
    assert masks[world.os.path] == 1 << names.index("host2")
    assert contents.basis.exclusives == {(world.os.path, Host.objects.get(name="host2").pk)}


def test_a_continued_file_is_never_written_over(world, policy, now, tmp_path) -> None:
    build_snapshot(now=now, policy=policy)
    last = policy.current.resolve()
    (tmp_path / "there").touch()
    continued = load_contents(now=now)
    object.__setattr__(continued, "continues", True)
    with pytest.raises(SnapshotWriteError, match="exists"):
        write_snapshot(tmp_path / "there", continued, last=last)


def test_the_next_moment_is_noted_even_if_nothing_changed(world, policy, now) -> None:
    build_snapshot(now=now, policy=policy)
    later = datetime.fromtimestamp(now.timestamp() + 60, tz=now.tzinfo)
    build_snapshot(now=later, policy=policy)
    assert ("built_at", str(int(later.timestamp()))) in dump(policy.current.resolve())["meta"]
