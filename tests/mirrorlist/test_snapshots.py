"""Build, guard, publish, roll back: what becomes of a snapshot and what clients notice."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from mirrorlist.models import Snapshot
from mirrorlist.services import snapshots
from mirrorlist.services.snapshots import RollbackError, build_snapshot, rollback_snapshot
from mirrorlist.snapshot_file import open_snapshot
from mirrorlist.tasks import build_snapshot as build_snapshot_task
from registry.models import Event, EventKind, Host, Repository
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


def test_a_slow_build_does_not_undo_a_later_one(network, policy, minute) -> None:
    network.host("one")
    later = build_snapshot(now=minute(5), policy=policy)
    slow = build_snapshot(now=minute(4), policy=policy)
    assert slow.state == "replaced"
    assert policy.current.resolve().name == later.filename


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
