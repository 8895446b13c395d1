"""Fetching snapshots over real HTTP: the last good one stays, whatever the server gives."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread

import pytest

from mirrorlist.pull import LONGEST_RETRY_SECONDS, ROLLED_BACK_AT, Pull, PullPolicy, PullState
from mirrorlist.snapshot_file import open_snapshot
from mirrorlist.snapshot_writer import write_snapshot
from tests.mirrorlist.test_snapshot_file import CONTENTS

BUILT_AT = CONTENTS.built_at


@dataclass
class Source:
    """A web server that gives what a test tells it to."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def source() -> Iterator[Source]:
    source = Source()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            source.asked.append({name.lower(): value for name, value in self.headers.items()})
            known = source.headers.get("ETag") == self.headers.get("If-None-Match", "-")
            self.send_response(304 if known else source.status)
            for name, value in source.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in source.headers:
                self.send_header("Content-Length", str(0 if known else len(source.body)))
            self.end_headers()
            if not known:
                self.wfile.write(source.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    source.url = f"http://127.0.0.1:{server.server_port}/snapshots/current"
    yield source
    server.shutdown()
    server.server_close()


def a_snapshot(directory: Path, *, built_at: int = BUILT_AT) -> bytes:
    path = directory / f"made-{built_at}"
    path.unlink(missing_ok=True)
    write_snapshot(path, CONTENTS.__class__(**(vars(CONTENTS) | {"built_at": built_at})))
    return path.read_bytes()


@pytest.fixture
def pull(source: Source, tmp_path: Path) -> Pull:
    """A puller that has fetched a first snapshot."""
    source.body = a_snapshot(tmp_path)
    source.headers = {"ETag": '"one"'}
    pull = Pull(PullPolicy(source.url, token="secret"), tmp_path / "edge" / "current.sqlite")
    pull.attempt()
    assert built_at(pull) == BUILT_AT
    assert source.asked[0]["authorization"] == "Bearer secret"
    return pull


def built_at(pull: Pull) -> int:
    snapshot = open_snapshot(pull.path)
    snapshot.close()
    return snapshot.built_at


def test_what_is_unchanged_is_not_sent_again(pull: Pull, source: Source) -> None:
    before = pull.path.stat().st_ino
    pull.attempt()
    assert source.asked[1]["if-none-match"] == '"one"'
    assert pull.path.stat().st_ino == before
    assert pull.outcomes == {"changed": 1, "unchanged": 1}
    assert pull.state().problem == ""


def test_a_newer_snapshot_takes_the_place_of_the_last(pull: Pull, source: Source, tmp_path) -> None:
    source.body, source.headers = a_snapshot(tmp_path, built_at=BUILT_AT + 60), {"ETag": '"two"'}
    pull.attempt()
    assert built_at(pull) == BUILT_AT + 60
    assert pull.state().etag == '"two"'


def change(source: Source, **over: object) -> None:
    source.headers = {}
    for name, value in over.items():
        setattr(source, name, value)


@pytest.mark.parametrize(
    ("over", "problem"),
    [
        ({"status": 404}, "answered with status 404"),
        ({"status": 403}, "answered with status 403"),
        ({"body": b"<html>", "headers": {"Content-Type": "text/html"}}, "with a web page"),
        ({"body": b"<html>not found"}, "it has no seal at its end"),
        ({"body": b""}, "it has no seal at its end"),
        ({"body": b"x" * 2_000_000}, "more than 1000000 bytes"),
        ({"headers": {"Content-Length": "999999"}}, "broke off|could not be fetched"),
    ],
)
def test_what_cannot_be_used_changes_nothing(
    pull: Pull, source: Source, caplog, over: dict[str, object], problem: str
) -> None:
    pull._policy = pull._policy._replace(largest_bytes=1_000_000, wait_seconds=1)
    change(source, **over)
    for _ in range(2):
        pull.attempt()
    assert built_at(pull) == BUILT_AT
    state = pull.state()
    assert any(part in state.problem for part in problem.split("|")), state.problem
    assert state.failures == 2
    assert caplog.text.count("The last good snapshot is kept") == 1
    assert not list(pull.path.parent.glob(".*.pulled"))


@pytest.mark.parametrize("share", [0.2, 0.9, 0.999])
def test_a_file_cut_short_changes_nothing(pull: Pull, source: Source, share: float) -> None:
    change(source, body=source.body[: int(len(source.body) * share)])
    pull.attempt()
    assert built_at(pull) == BUILT_AT
    assert "it was cut short" in pull.state().problem


def test_a_server_that_is_gone_changes_nothing(pull: Pull) -> None:
    pull._policy = pull._policy._replace(url="http://127.0.0.1:9/none")
    pull.attempt()
    assert built_at(pull) == BUILT_AT
    assert "could not be fetched" in pull.state().problem


def test_an_older_snapshot_is_refused_unless_an_operator_went_back_to_it(
    pull: Pull, source: Source, tmp_path: Path
) -> None:
    older = a_snapshot(tmp_path, built_at=BUILT_AT - 60)
    for said in ({}, {ROLLED_BACK_AT: str(BUILT_AT - 1)}, {ROLLED_BACK_AT: "soon"}):
        change(source, body=older, headers=said)
        pull.attempt()
        assert built_at(pull) == BUILT_AT
        assert "60 s older than the one here" in pull.state().problem
    change(source, body=older, headers={ROLLED_BACK_AT: str(BUILT_AT + 1)})
    pull.attempt()
    assert built_at(pull) == BUILT_AT - 60
    assert pull.state() == pull.state()._replace(problem="", failures=0)


def test_a_damaged_file_here_is_replaced_by_any_good_one(pull: Pull, source: Source) -> None:
    pull.path.write_bytes(b"damaged")
    source.headers = {"ETag": '"other"'}
    pull.attempt()
    assert built_at(pull) == BUILT_AT


@pytest.fixture(params=["the same process", "after a restart"])
def later(request: pytest.FixtureRequest, pull: Pull) -> Pull:
    """The puller that was, or one that begins where it ended."""
    pull.attempt()
    if request.param == "the same process":
        return pull
    assert pull._lock is not None
    os.close(pull._lock)
    return Pull(pull._policy, pull.path)


def test_a_file_that_was_cut_here_is_fetched_again_though_the_server_has_nothing_new(
    later: Pull, source: Source
) -> None:
    later.path.write_bytes(source.body[:1000])
    later.attempt()
    assert "if-none-match" not in source.asked[-1]
    assert later.path.read_bytes() == source.body
    later.attempt()
    assert source.asked[-1]["if-none-match"] == '"one"'


def test_another_good_file_here_is_not_taken_for_the_one_that_was_fetched(
    later: Pull, source: Source, tmp_path: Path
) -> None:
    later.path.write_bytes(a_snapshot(tmp_path, built_at=BUILT_AT - 60))
    later.attempt()
    assert later.path.read_bytes() == source.body


def test_a_file_that_was_not_changed_is_not_sent_again_after_a_restart(
    later: Pull, source: Source
) -> None:
    later.attempt()
    assert source.asked[-1]["if-none-match"] == '"one"'


def test_damage_that_changes_neither_size_nor_times_is_found_at_a_restart(
    pull: Pull, source: Source
) -> None:
    stat = pull.path.stat()
    with pull.path.open("r+b") as file:
        file.seek(stat.st_size // 2)
        file.write(b"damaged")
    os.utime(pull.path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert pull._lock is not None
    os.close(pull._lock)
    restarted = Pull(pull._policy, pull.path)
    assert restarted.delay_seconds(Random(1)) == 0
    assert restarted.delay_seconds(Random(1)) > 0, "the first attempt only comes at once"
    restarted.attempt()
    assert built_at(restarted) == BUILT_AT


def test_one_of_several_processes_pulls_and_all_know_how_it_went(
    pull: Pull, source: Source
) -> None:
    other = Pull(PullPolicy(source.url), pull.path)
    other.attempt()
    assert len(source.asked) == 1
    assert other.state() == pull.state()


def test_retries_come_soon_at_first_and_then_ever_more_seldom(pull: Pull) -> None:
    def delay(failures: int) -> float:
        pull._write_state(PullState(failures=failures, url=pull._policy.url))
        return pull.delay_seconds(Random(failures))

    delays = [delay(failures) for failures in (1, 2, 3, 4)]
    assert delays == sorted(delays)
    assert 4 <= delays[0] <= 6
    assert delay(50) <= LONGEST_RETRY_SECONDS * 1.2
    assert 48 <= delay(0) <= 72


def test_only_the_web_is_pulled_from(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must begin with http"):
        Pull(PullPolicy("file:///etc/passwd"), tmp_path / "x")


def test_a_state_that_cannot_be_read_is_as_none(pull: Pull) -> None:
    pull._state_path.write_text(json.dumps({"nonsense": 1}))
    assert pull.state() == PullState()
