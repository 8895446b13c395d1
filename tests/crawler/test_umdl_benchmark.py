"""The benchmark of scans runs; its figures mean nothing in a world this small."""

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
        [sys.executable, "benchmarks/umdl.py", "--files", "300"],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = result.stdout.splitlines()
    assert [line[:34].strip() for line in lines[-4:]] == [
        "first scan",
        "rescan, nothing changed",
        "rescan, 10 touched",
        "rescan, nothing changed, at rest",
    ]
    assert "10 changed" in lines[-2]
