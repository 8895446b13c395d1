"""How edges on other machines hand over what they counted: the real command and a real server."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from mirrorlist.logic.statistics_batch import Batch, pack_batch
from mirrorlist.models import AccessStat, EdgeKey, StatisticsBatch
from mirrorlist.services.edge_keys import issue_edge_key, revoke_edge_keys
from mirrorlist.ship import REFUSED, Destination, ship_once
from registry.logic.packing import gzipped
from tests.mirrorlist.counted import a_batch
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
URL = "/api/v1/edge-statistics/"


def today_batch(sequence: int = 0, **over) -> Batch:
    return a_batch(sequence, day=timezone.now().date(), **over)


@pytest.fixture
def token(db: None) -> str:
    return issue_edge_key("edge1", now=timezone.now())


def post(client: Client, token: str, body: bytes, *, encoding: str = "gzip"):
    return client.post(
        URL,
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Content-Encoding": encoding},
    )


def requests() -> int:
    rows = AccessStat.objects.filter(span="day", dimension="kind")
    return sum(rows.values_list("count", flat=True))


def test_a_batch_counts_once_however_often_it_is_posted(client: Client, token: str) -> None:
    body = pack_batch(today_batch())
    answers = [post(client, token, body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.json()["requests"] for answer in answers] == [10, 0, 0]
    assert requests() == 10


def test_a_plain_body_is_taken_too(client: Client, token: str) -> None:
    document = {
        "format": "mirrorsite-edge-statistics",
        "version": 1,
        "edge": "edge1",
        "start": "1",
        "sequence": 0,
        "days": {timezone.now().date().isoformat(): {"kind": {"metalink 200": 4}}},
    }
    answer = post(client, token, json.dumps(document).encode(), encoding="identity")
    assert answer.status_code == 200
    assert requests() == 4


@pytest.mark.parametrize(
    ("body", "encoding", "status", "reason"),
    [
        (b"{}", "gzip", 400, "not_gzip"),
        (b"{", "identity", 400, "not_json"),
        (b"{}", "identity", 422, "not_valid"),
        (b"{}", "br", 415, "encoding"),
        (b" " * (2**24 + 1), "identity", 413, "too_large"),
        (gzipped(b" " * 2**26), "gzip", 413, "too_large"),
        (pack_batch(a_batch(edge="edge2")), "gzip", 403, "wrong_edge"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_a_sentence(
    client: Client, token: str, body: bytes, encoding: str, status: int, reason: str
) -> None:
    answer = post(client, token, body, encoding=encoding)
    assert (answer.status_code, answer.json()["error"]) == (status, reason)
    assert answer.json()["sentence"].endswith(".")
    assert requests() == 0


@pytest.mark.parametrize(
    "wrong",
    ["", "x", "mirrorsite_aaaaaaaaaaaa_b", "mirrorsite_\0aaaaaaaaaaa_b"],
)
def test_strangers_are_sent_away(client: Client, token: str, wrong: str) -> None:
    assert post(client, wrong, pack_batch(today_batch())).status_code == 401
    assert post(client, token[:-1], pack_batch(today_batch())).status_code == 401
    assert client.post(URL).status_code == 401
    assert requests() == 0


def test_a_revoked_token_is_refused(client: Client, token: str) -> None:
    assert post(client, token, pack_batch(today_batch())).status_code == 200
    assert EdgeKey.objects.get().last_used_at is not None
    assert revoke_edge_keys("edge1", now=timezone.now()) == 1
    assert post(client, token, pack_batch(today_batch(1))).status_code == 401


def test_the_command_issues_and_revokes(db: None, capsys) -> None:
    call_command("edge_key", "edge1")
    text = capsys.readouterr().out.strip()
    assert text.startswith("mirrorsite_")
    assert EdgeKey.objects.get().token_hash not in text
    call_command("edge_key", "edge1", "--revoke")
    assert "1 token(s)" in capsys.readouterr().out


@pytest.fixture
def spool(tmp_path: Path, token: str) -> Path:
    (tmp_path / "token").write_text(f"{token}\n")
    spool = tmp_path / "spool"
    spool.mkdir()
    for sequence in range(3):
        batch = today_batch(sequence)
        (spool / f"{batch.name}.json.gz").write_bytes(pack_batch(batch))
    return spool


def ship(spool: Path, url: str) -> subprocess.CompletedProcess[str]:
    arguments = ["--spool", str(spool), "--url", url, "--token-file", str(spool.parent / "token")]
    command = [sys.executable, "-S", "-m", "mirrorlist.ship", *arguments, "--once"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_shipper_needs_nothing_and_delivers_everything(live_server, spool: Path) -> None:
    done = ship(spool, f"{live_server.url}{URL}")
    assert done.returncode == 0, done.stderr
    assert "3 delivered, 0 refused." in done.stderr
    assert requests() == 30
    assert not list(spool.glob("*.json.gz"))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_the_server_refuses_is_put_aside(live_server, spool: Path) -> None:
    (spool / "bad.json.gz").write_bytes(b"not gzip")
    shipped = ship_once(Destination(spool, f"{live_server.url}{URL}", spool.parent / "token"))
    assert (shipped.delivered, shipped.refused, shipped.problem) == (3, 1, "")
    assert [path.name for path in (spool / REFUSED).iterdir()] == ["bad.json.gz"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("path", ["/no-such-page", "/statistics"])
def test_a_wrong_address_keeps_the_batches(live_server, spool: Path, path: str) -> None:
    shipped = ship_once(Destination(spool, f"{live_server.url}{path}", spool.parent / "token"))
    assert "The server answers" in shipped.problem
    assert len(list(spool.glob("*.json.gz"))) == 3


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_wrong_token_keeps_the_batches(live_server, spool: Path) -> None:
    (spool.parent / "token").write_text("mirrorsite_aaaaaaaaaaaa_b")
    done = ship(spool, f"{live_server.url}{URL}")
    assert done.returncode == 1
    assert "401" in done.stderr
    assert len(list(spool.glob("*.json.gz"))) == 3


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/", "nonsense"])
def test_only_http_is_spoken(spool: Path, url: str) -> None:
    assert "no address" in ship_once(Destination(spool, url, spool.parent / "token")).problem


def test_a_server_that_is_down_keeps_the_batches(spool: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}{URL}"
    shipped = ship_once(Destination(spool, url, spool.parent / "token"))
    assert "cannot be shipped" in shipped.problem
    assert len(list(spool.glob("*.json.gz"))) == 3


def test_without_a_spool_there_is_nothing_to_ship(tmp_path: Path) -> None:
    assert ship_once(Destination(tmp_path / "none", "http://x/", tmp_path)) == (0, 0, "")


def test_refusals_are_kept_for_operators(client: Client, token: str) -> None:
    post(client, token, pack_batch(a_batch(day=timezone.now().date().replace(year=2020, day=1))))
    row = StatisticsBatch.objects.get()
    assert (row.state, row.source) == ("refused", "edge1")
