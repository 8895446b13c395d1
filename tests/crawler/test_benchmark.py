import subprocess
import sys
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.sqlite_only
@pytest.mark.needs("nginx", "taskset")
def test_the_benchmark_of_the_crawl_runs_in_a_tiny_world(unused_tcp_port: int) -> None:
    command = [sys.executable, "benchmarks/crawl.py", "--hosts", "2", "--directories", "10"]
    done = subprocess.run(
        [*command, "--port", str(unused_tcp_port)],
        cwd=ROOT,
        env={"PATH": "/usr/sbin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "2 hosts x 10 directories, seed 1" in done.stdout


@pytest.mark.sqlite_only
@pytest.mark.needs("rsync")
def test_the_benchmark_of_rsync_runs_in_a_tiny_world() -> None:
    command = [sys.executable, "benchmarks/crawl_rsync.py", "--files", "80", "--rounds", "1"]
    done = subprocess.run(
        [*command, "--port", str(free_port())],
        cwd=ROOT,
        env={"PATH": "/usr/sbin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "80 files in 10 directories, 1 rounds" in done.stdout
