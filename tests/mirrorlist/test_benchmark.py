import os
import subprocess
import sys
from pathlib import Path

import pytest

TINY = ["--hosts", "6", "--categories", "2", "--directories", "400"]
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.sqlite_only
def test_the_benchmark_of_snapshots_runs_on_a_tiny_world() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks/snapshot.py", *TINY],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "400 Directories, seed 1" in done.stdout
    for step in ("full build", "after one crawl changed", "switch in the edge"):
        assert step in done.stdout
