"""Health, metrics, logs and explanations of real edges, with several workers behind one port."""

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.mirrorlist.edges import QUERY, RunningEdge, an_edge, publish

LIST = f"/mirrorlist?{QUERY}"
SAMPLE = re.compile(r'[a-z_]+(\{([a-z]+="[^"\\\n]*",?)*\})? [0-9.e+]+')


def samples(edge: RunningEdge) -> dict[str, float]:
    status, body = edge.get("/metrics")
    assert status == 200
    lines = [line for line in body.decode().splitlines() if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in lines), lines
    return {
        name.removeprefix("mirrorsite_edge_"): float(value)
        for name, value in (line.rsplit(" ", 1) for line in lines)
    }


def test_sums_are_about_all_workers_and_outlive_them(tmp_path: Path) -> None:
    publish(tmp_path)
    answered = 'requests_total{kind="mirrorlist",status="200"}'
    with an_edge(tmp_path, "--workers", "3") as edge:
        for _ in range(60):
            assert edge.get(f"{LIST}&ip=192.0.2.1")[0] == 200
        assert edge.get("/else")[0] == 404
        other = 'requests_total{kind="file",status="404"}'

        def told() -> tuple[float, float, int]:
            found = samples(edge)
            processes = [name for name in found if name.startswith("process{")]
            return found.get(answered, 0), found.get(other, 0), len(processes)

        edge.wait_for(lambda: told() == (60, 1, 3))  # others' counts are up to a second old
        found = samples(edge)
        assert found['countries_total{source="geo data"}'] == 60
        assert found['answers_total{stage="netblock"}'] == 60
        for worker in edge.workers():
            os.kill(worker, signal.SIGKILL)
        edge.wait_for(edge.answers)
        for _ in range(5):
            assert edge.get(f"{LIST}&ip=192.0.2.1")[0] == 200
        edge.wait_for(lambda: samples(edge).get(answered) == 65)


def test_health_warns_of_an_old_snapshot_and_of_a_failing_source(tmp_path: Path) -> None:
    publish(tmp_path)
    pulling = {
        "MIRRORLIST_SNAPSHOT_URL": "http://127.0.0.1:9/none",
        "MIRRORLIST_SNAPSHOT_PULL_SECONDS": "1",
    }
    with an_edge(tmp_path, **pulling) as edge:

        def facts() -> dict[str, Any]:
            status, body = edge.get("/healthz")
            assert status == 200
            return json.loads(body)

        edge.wait_for(lambda: facts()["pull"]["failures"] >= 1)
        (old,) = (text for text in facts()["warnings"] if "s old" in text)
        assert "more than 7200 s is unusual" in old
        assert any("could not be fetched" in text for text in facts()["warnings"])
        assert samples(edge)['problem{worker="0",what="pull"}'] == 1


def test_logs_are_written_by_all_workers_and_reopened(tmp_path: Path) -> None:
    publish(tmp_path)
    plain, full = tmp_path / "access.log", tmp_path / "access.json"
    logs = ["--access-log", str(plain), "--json-log", str(full)]
    with an_edge(tmp_path, "--workers", "2", *logs) as edge:
        for _ in range(20):
            edge.get(LIST)
        edge.wait_for(lambda: plain.exists() and plain.read_text().count("\n") == 20)
        plain.rename(tmp_path / "access.log.1")
        edge.process.send_signal(signal.SIGUSR1)
        time.sleep(1)
        edge.get(LIST)
        edge.wait_for(plain.exists)
        edge.get(LIST)
    assert plain.read_text().count("REPO: c++; ARCH: x86_64\n") == 2  # the last on the way out
    assert [json.loads(line)["status"] for line in full.read_text().splitlines()] == [200] * 22


@pytest.mark.parametrize(("trusted", "status"), [("127.0.0.0/8", 200), ("192.0.2.0/24", 403)])
def test_explanations_and_metrics_are_for_trusted_networks(
    tmp_path: Path, trusted: str, status: int
) -> None:
    publish(tmp_path)
    with an_edge(tmp_path, "--trusted-networks", trusted) as edge:
        assert edge.get("/metrics")[0] == status
        assert edge.get("/healthz")[0] == 200
        body = edge.get(f"{LIST}&explain=1&ip=192.0.2.9")[1]
    if status == 200:
        explanation = json.loads(body)
        assert explanation["address"] == "192.0.2.9"
        assert {host["reason"] for host in explanation["hosts"]} >= {"listed"}
    else:
        assert body.startswith(b"# repo = c++ arch = x86_64 ")


def test_behind_a_proxy_it_is_the_client_who_must_be_trusted(tmp_path: Path) -> None:
    publish(tmp_path)
    with an_edge(tmp_path, TRUSTED_PROXY_COUNT="1") as edge:
        assert edge.get("/metrics", **{"X-Forwarded-For": "127.0.0.1, 198.51.100.1"})[0] == 403
        assert edge.get("/metrics", **{"X-Forwarded-For": "198.51.100.1, 127.0.0.1"})[0] == 200
