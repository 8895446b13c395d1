"""/snapshots/current: what edges on other machines fetch, and one that does, through sockets."""

from datetime import timedelta
from pathlib import Path

import pytest

from mirrorlist.models import Snapshot
from mirrorlist.pull import ROLLED_BACK_AT, Pull, PullPolicy
from mirrorlist.services.snapshots import build_snapshot, rollback_snapshot
from mirrorlist.snapshot_file import open_snapshot

URL = "/snapshots/current"


@pytest.fixture
def asking(client, settings):
    """A client that knows the token."""
    settings.MIRRORLIST_SNAPSHOT_TOKEN = "secret"

    def ask(**headers: str):
        return client.get(URL, headers={"authorization": "Bearer secret"} | headers)

    return ask


@pytest.fixture
def live(policy, network, minute) -> bytes:
    network.host("a")
    build_snapshot(now=minute(1), policy=policy)
    return policy.current.read_bytes()


def test_the_live_snapshot_is_given_with_its_digest(asking, live: bytes, policy) -> None:
    response = asking()
    snapshot = open_snapshot(policy.current)
    assert response.getvalue() == live
    assert response.headers["ETag"] == f'"{snapshot.sha256}"'
    assert response.headers["Content-Length"] == str(len(live))
    assert ROLLED_BACK_AT not in response.headers
    snapshot.close()
    again = asking(**{"if-none-match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_parts_of_it_are_given(asking, live: bytes) -> None:
    part = asking(range="bytes=10-19")
    assert (part.status_code, part.getvalue()) == (206, live[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(live)}"
    changed = asking(**{"range": "bytes=10-19", "if-range": '"another"'})
    assert (changed.status_code, changed.getvalue()) == (200, live)
    beyond = asking(range="bytes=99999999-")
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(live)}"


@pytest.mark.parametrize("token", ["", "secre", "other", "ü"])
def test_nobody_else_gets_it(client, settings, live, token: str) -> None:
    for expected in ("secret", ""):
        settings.MIRRORLIST_SNAPSHOT_TOKEN = expected
        response = client.get(URL, headers={"authorization": f"Bearer {token}"})
        assert response.status_code == 403
        assert b"MIRRORLIST_SNAPSHOT_TOKEN" in response.content


def test_without_a_snapshot_there_is_nothing_to_give(asking, policy, db) -> None:
    assert asking().status_code == 404


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_edge_follows_a_rollback(
    live_server, asking, live: bytes, policy, network, minute, tmp_path: Path
) -> None:
    first = open_snapshot(policy.current)
    network.host("b")
    build_snapshot(now=minute(2), policy=policy)
    pull = Pull(PullPolicy(live_server.url + URL, token="secret"), tmp_path / "current.sqlite")
    pull.attempt()
    assert pull.path.read_bytes() == policy.current.read_bytes() != live
    earlier = Snapshot.objects.get(filename=first.path.name)
    rollback_snapshot(earlier, now=minute(3), policy=policy)
    pull.attempt()
    assert pull.state().problem == ""
    assert pull.path.read_bytes() == live
    first.close()


def test_edges_take_what_is_built_after_the_clock_was_set_back(
    asking, live: bytes, policy, network, minute
) -> None:
    build_snapshot(now=minute(1) + timedelta(days=1), policy=policy)
    build_snapshot(now=minute(2), policy=policy)
    response = asking()
    assert response.getvalue() == policy.current.read_bytes()
    theirs = minute(1) + timedelta(days=1)
    assert int(response.headers[ROLLED_BACK_AT]) > theirs.timestamp()
    build_snapshot(now=minute(2) + timedelta(days=1), policy=policy)
    response = asking()
    assert response.getvalue() == policy.current.read_bytes()
    assert ROLLED_BACK_AT not in response.headers
