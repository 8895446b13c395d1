"""The benchmark of scans runs; its figures mean nothing in a world this small."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.mark.sqlite_only
@pytest.mark.needs("rsync")
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
    assert [line[:36].strip() for line in lines[-10:]] == [
        "first scan",
        "rescan, nothing changed",
        "rescan, 10 touched",
        "rescan, everything settles",
        "rescan, nothing changed, at rest",
        "rsync --list-only",
        "rsync, other times than local",
        "rsync, nothing changed",
        "file list, first",
        "file list, nothing changed",
    ]
    assert "10 changed" in lines[-8]
    assert " 0 added, 0 changed, 0 vanished" in lines[-3]
    assert " 0 added, 0 changed, 0 vanished" in lines[-1]
