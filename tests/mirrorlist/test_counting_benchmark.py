"""The benchmark of counting runs; its figures mean nothing in a world this small."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.mark.sqlite_only
def test_the_benchmark_prints_its_table() -> None:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    result = subprocess.run(
        [sys.executable, "benchmarks/counting.py", "--days", "2", "--files", "20"],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = result.stdout.splitlines()
    assert lines[0].startswith("count a mirrorlist")
    assert lines[6] == "sqlite, 2 days with 20 further files each"
    assert lines[-1].startswith("load the statistics of one year")
