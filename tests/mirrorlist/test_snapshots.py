"""Build, guard, publish, roll back: what becomes of a snapshot and what clients notice."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from mirrorlist.models import Snapshot
from mirrorlist.services import snapshots, turns
from mirrorlist.services.snapshots import RollbackError, build_snapshot, rollback_snapshot
from mirrorlist.snapshot_file import open_snapshot
from mirrorlist.snapshot_writer import publish_file
from mirrorlist.tasks import build_snapshot as build_snapshot_task
from registry.models import Directory, Event, EventKind, Host, Repository
from tests import factories

pytestmark = pytest.mark.django_db
QUERY = "/mirrorlist?repo=fedora-42&arch=x86_64&ip=193.99.144.80"


def listed(client: Client) -> list[str]:
    lines = client.get(QUERY).content.decode().split("\n")[1:-1]
    return sorted(line.split("/")[2] for line in lines)


def test_a_first_snapshot_goes_live(network, policy, now, client) -> None:
    network.host("one")
    row = build_snapshot(now=now, policy=policy)
    assert (row.state, row.reason) == (
        "published",
        "All guard rails held. Everything was built anew, not from an earlier snapshot.",
    )
    assert row.published_at == now
    assert row.counts["hosts"] == row.counts["repositories"] == 1
    assert row.counts["directories"] == 2
    assert row.filename == f"snapshot-20261120T120000Z-{row.pk}.sqlite"
    assert row.size_bytes == (policy.directory / row.filename).stat().st_size
    assert row.sha256 == open_snapshot(policy.current).sha256
    assert listed(client) == ["one"]


def test_an_empty_database_is_refused_with_what_to_do(db, policy, now, client) -> None:
    row = build_snapshot(now=now, policy=policy)
    assert row.state == "refused"
    assert row.reason == "There is no Repository and no Directory yet: run umdl first."
    assert client.get(QUERY).status_code == 503


def test_clients_follow_the_newest_snapshot(network, policy, minute, client) -> None:
    network.host("one")
    first = build_snapshot(now=minute(1), policy=policy)
    assert listed(client) == ["one"]
    network.host("two")
    assert listed(client) == ["one"], "the database is not what clients are answered from"
    build_snapshot(now=minute(2), policy=policy)
    assert listed(client) == ["one", "two"]
    first.refresh_from_db()
    assert first.state == "replaced"


def test_a_snapshot_that_lost_too_much_is_refused_until_forced(
    network, policy, minute, client, ada
) -> None:
    for number in range(10):
        network.host(f"host{number}")
    build_snapshot(now=minute(1), policy=policy)
    Host.objects.filter(name__in=["host0", "host1", "host2"]).update(user_active=False)
    row = build_snapshot(now=minute(2), policy=policy)
    assert row.state == "refused"
    assert row.reason.startswith("3 of 10 Hosts vanished since the last snapshot")
    assert len(listed(client)) == 10, "the last good one keeps serving"
    event = Event.objects.get(kind=EventKind.SNAPSHOT_REFUSED)
    assert "3 of 10 Hosts vanished" in event.sentence
    build_snapshot(now=minute(3), policy=policy)
    assert Event.objects.filter(kind=EventKind.SNAPSHOT_REFUSED).count() == 1
    row = build_snapshot(now=minute(4), policy=policy, force=True, actor=ada)
    assert row.state == "published"
    assert row.reason.startswith("Published although: 3 of 10")
    assert len(listed(client)) == 7


def test_losing_repositories_is_guarded_too(network, policy, minute) -> None:
    network.host("one")
    for number in range(9):
        factories.RepositoryFactory.create(prefix=f"more-{number}")
    build_snapshot(now=minute(1), policy=policy)
    Repository.objects.filter(prefix__startswith="more").update(prefix="")
    row = build_snapshot(now=minute(2), policy=policy)
    assert row.reason.startswith("9 of 10 Repositories vanished")


def test_a_host_that_lost_everything_counts_as_vanished(network, policy, minute) -> None:
    host = network.host("one")
    build_snapshot(now=minute(1), policy=policy)
    host.host_categories.update(up2date=b"", up2date_revision=1)
    row = build_snapshot(now=minute(2), policy=policy)
    assert row.reason.startswith("1 of 1 Hosts vanished")


def test_a_damaged_live_snapshot_is_replaced(network, policy, minute, client) -> None:
    network.host("one")
    build_snapshot(now=minute(1), policy=policy)
    assert listed(client) == ["one"]
    path = policy.current.resolve()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert listed(client) == ["one"], "the last good one is still open"
    build_snapshot(now=minute(2), policy=policy)
    assert open_snapshot(policy.current).path != path
    assert listed(client) == ["one"]


def test_what_cannot_be_written_fails_with_its_reason(network, policy, minute, tmp_path) -> None:
    network.host("one")
    (tmp_path / "snapshots").write_text("A file, where the directory should be.")
    row = build_snapshot(now=minute(1), policy=policy)
    assert row.state == "failed"
    assert "could not be written" in row.reason


def test_a_snapshot_that_does_not_answer_is_not_published(
    network, policy, minute, monkeypatch
) -> None:
    monkeypatch.setattr(snapshots, "quote", lambda path: f"{path}/is/not/there")
    row = build_snapshot(now=minute(1), policy=policy)
    assert row.state == "failed"
    assert "with status 404; it was not published" in row.reason
    assert list(policy.directory.iterdir()) == []


def test_a_build_that_died_is_noted(network, policy, now) -> None:
    dead = Snapshot.objects.create(built_at=now - timedelta(hours=2))
    alive = Snapshot.objects.create(built_at=now - timedelta(minutes=2))
    build_snapshot(now=now, policy=policy)
    dead.refresh_from_db()
    alive.refresh_from_db()
    assert (dead.state, alive.state) == ("failed", "building")


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something happen once, between writing the file of the next build and its turn."""

    def arrange(happening) -> list[object]:
        real, happened = snapshots._write, []

        def write(*args, **kwargs) -> str:
            sha256 = real(*args, **kwargs)
            monkeypatch.setattr(snapshots, "_write", real)
            happened.append(happening())
            return sha256

        monkeypatch.setattr(snapshots, "_write", write)
        return happened

    return arrange


def published() -> list[str]:
    return list(Snapshot.objects.filter(state="published").values_list("filename", flat=True))


@pytest.mark.parametrize("first", [True, False], ids=["first", "not first"])
def test_a_slow_build_does_not_undo_a_later_one(
    network, policy, minute, meanwhile, first: bool
) -> None:
    network.host("one")
    if not first:
        build_snapshot(now=minute(1), policy=policy)
    later = meanwhile(lambda: build_snapshot(now=minute(3), policy=policy))
    slow = build_snapshot(now=minute(2), policy=policy)
    assert (slow.state, slow.reason) == (
        "replaced",
        "Another snapshot was put live after this build began.",
    )
    assert published() == [later[0].filename] == [policy.current.resolve().name]


def test_a_build_does_not_undo_a_rollback_while_it_ran(network, policy, minute, meanwhile) -> None:
    network.host("one")
    first = build_snapshot(now=minute(1), policy=policy)
    build_snapshot(now=minute(2), policy=policy)
    meanwhile(lambda: rollback_snapshot(first, now=minute(4), policy=policy))
    assert build_snapshot(now=minute(3), policy=policy).state == "replaced"
    assert published() == [first.filename] == [policy.current.resolve().name]


def test_a_build_replaces_one_that_began_before_it_did(
    network, policy, minute, monkeypatch
) -> None:
    network.host("one")
    build_snapshot(now=minute(1), policy=policy)
    earlier = Snapshot.objects.create(built_at=minute(2), filename=policy.current.resolve().name)

    @contextmanager
    def turn():
        Snapshot.objects.filter(state="published").update(state="replaced")
        Snapshot.objects.filter(pk=earlier.pk).update(state="published", published_at=minute(4))
        with turns.turn() as live:
            yield live

    monkeypatch.setattr(snapshots, "follow_file", lambda *_, **__: None)
    monkeypatch.setattr(snapshots, "turn", turn)
    later = build_snapshot(now=minute(3), policy=policy)
    assert published() == [later.filename] == [policy.current.resolve().name]


@pytest.mark.parametrize("force", [True, False])
def test_a_clock_set_back_stops_no_build(network, policy, now, client, force: bool) -> None:
    network.host("one")
    build_snapshot(now=now + timedelta(days=1), policy=policy)
    for number in range(3):
        network.host(f"more{number}")
        row = build_snapshot(
            now=now + timedelta(minutes=number), policy=policy, force=force, anew=force
        )
        assert row.state == "published", row.reason
        assert policy.current.resolve().name == row.filename
    assert len(listed(client)) == 4


def test_after_a_clock_was_set_back_the_latest_files_are_kept(
    network, policy, now, settings
) -> None:
    settings.MIRRORLIST_SNAPSHOTS_KEPT = 1
    policy = snapshots.snapshot_policy()
    network.host("one")
    rows = [
        build_snapshot(now=now + timedelta(hours=hours), policy=policy) for hours in (24, 25, 1, 2)
    ]
    kept = Snapshot.objects.exclude(filename="").values_list("pk", flat=True)
    assert sorted(kept) == [rows[2].pk, rows[3].pk]


def test_a_process_that_died_while_it_put_a_snapshot_live_is_mended_by_the_next_build(
    network, policy, minute, monkeypatch
) -> None:
    network.host("one")
    first = build_snapshot(now=minute(1), policy=policy)

    def die(path: Path, current: Path) -> None:
        publish_file(path, current)
        raise KeyboardInterrupt

    monkeypatch.setattr(turns, "publish_file", die)
    with pytest.raises(KeyboardInterrupt):
        build_snapshot(now=minute(2), policy=policy)
    assert published() == [first.filename] != [policy.current.resolve().name]
    monkeypatch.setattr(turns, "publish_file", publish_file)
    died = Snapshot.objects.get(state="building")
    Directory.objects.all().delete()
    assert build_snapshot(now=minute(3), policy=policy).state == "refused"
    assert published() == [died.filename] == [policy.current.resolve().name]


def files(directory: Path) -> int:
    return len([path for path in directory.iterdir() if not path.is_symlink()])


def test_only_the_last_few_files_are_kept(network, policy, minute, settings) -> None:
    settings.MIRRORLIST_SNAPSHOTS_KEPT = 2
    network.host("one")
    for number in range(5):
        row = build_snapshot(now=minute(number), policy=snapshots.snapshot_policy())
    assert files(policy.directory) == 3
    assert Snapshot.objects.exclude(filename="").count() == 3
    assert policy.current.resolve().name == row.filename


def made(path: Path, at: datetime) -> Path:
    path.write_bytes(b"x")
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def test_what_a_killed_build_left_is_removed_after_a_day(network, policy, now) -> None:
    network.host("one")
    build_snapshot(now=now, policy=policy)
    name = "snapshot-20261118T120000Z-7.sqlite"
    names = [f".{name}.part", name]
    for file in names:
        made(policy.directory / file, now - timedelta(hours=23))
    others = [made(policy.directory / file, now - timedelta(days=9)) for file in ("notes", "x.db")]
    (policy.directory / name.replace("-7", "-8")).mkdir()
    build_snapshot(now=now, policy=policy)
    assert all((policy.directory / file).exists() for file in names)
    build_snapshot(now=now + timedelta(hours=2), policy=policy)
    assert not any((policy.directory / file).exists() for file in names)
    assert all(path.exists() for path in others)


def test_however_old_what_rows_name_or_clients_are_answered_from_is_kept(
    network, policy, now
) -> None:
    network.host("one")
    first = build_snapshot(now=now, policy=policy)
    live = build_snapshot(now=now, policy=policy)
    for row in (first, live):
        os.utime(policy.directory / row.filename, (1, 1))
    Snapshot.objects.filter(pk=live.pk).delete()
    Directory.objects.all().delete()
    assert build_snapshot(now=now, policy=policy).state == "refused"
    assert policy.current.exists()
    assert (policy.directory / first.filename).exists()


def test_the_file_of_a_build_that_died_before_its_turn_goes_as_those_that_were_replaced(
    network, policy, minute, settings
) -> None:
    settings.MIRRORLIST_SNAPSHOTS_KEPT = 1
    policy = snapshots.snapshot_policy()
    network.host("one")
    name = "snapshot-20261120T090000Z-1.sqlite"
    row = Snapshot.objects.create(built_at=minute(1) - timedelta(hours=3), filename=name)
    policy.directory.mkdir()
    made(policy.directory / name, minute(0))
    for number in (1, 2, 3):
        build_snapshot(now=minute(number), policy=policy)
    row.refresh_from_db()
    assert (row.state, row.filename) == ("failed", "")
    assert not (policy.directory / name).exists()


@pytest.mark.parametrize(
    ("error", "said"), [(PermissionError(1, "Not yours"), True), (FileNotFoundError(), False)]
)
def test_leftovers_that_cannot_be_removed_cost_no_build(
    network, policy, now, caplog, monkeypatch, error: OSError, said: bool
) -> None:
    network.host("one")
    policy.directory.mkdir()
    stuck = made(policy.directory / "snapshot-20261118T120000Z-7.sqlite", now - timedelta(days=2))
    real = Path.unlink

    def unlink(path: Path, *, missing_ok: bool = False) -> None:
        if path == stuck:
            raise error
        real(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    assert build_snapshot(now=now, policy=policy).state == "published"
    assert ("cannot be removed: Not yours" in caplog.text) is said


def test_operators_can_go_back(network, policy, minute, client, ada) -> None:
    network.host("one")
    first = build_snapshot(now=minute(1), policy=policy)
    network.host("two")
    second = build_snapshot(now=minute(2), policy=policy)
    rollback_snapshot(first, now=minute(3), policy=policy, actor=ada)
    second.refresh_from_db()
    assert (first.state, second.state) == ("published", "replaced")
    assert listed(client) == ["one"]
    assert Event.objects.get(kind=EventKind.CHANGED).actor == ada
    build_snapshot(now=minute(4), policy=policy)
    assert listed(client) == ["one", "two"]


def test_one_cannot_go_back_to_what_is_gone_or_damaged(network, policy, minute, client) -> None:
    network.host("one")
    first = build_snapshot(now=minute(1), policy=policy)
    build_snapshot(now=minute(2), policy=policy)
    (policy.directory / first.filename).write_bytes(b"SQLite format 3\0")
    with pytest.raises(RollbackError, match="cut short"):
        rollback_snapshot(first, now=minute(3), policy=policy)
    first.filename = ""
    with pytest.raises(RollbackError, match="no longer kept"):
        rollback_snapshot(first, now=minute(3), policy=policy)
    assert listed(client) == ["one"]


def test_the_task_builds_with_the_settings(network, policy) -> None:
    network.host("one")
    build_snapshot_task()
    assert Snapshot.objects.get().state == "published"
    assert policy.current.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_builds_that_end_at_once_rows_and_file_name_the_same(
    network, policy, minute, monkeypatch
) -> None:
    network.host("one")
    real, barrier = snapshots._write, Barrier(4, timeout=20)

    def write(*args, **kwargs) -> str:
        sha256 = real(*args, **kwargs)
        barrier.wait()
        return sha256

    def build(number: int) -> Snapshot:
        try:
            return build_snapshot(now=minute(number), policy=policy)
        finally:
            connection.close()

    monkeypatch.setattr(snapshots, "_write", write)
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(build, range(4)))
    assert {row.state for row in rows} <= {"published", "replaced"}
    assert published() == [policy.current.resolve().name]
