"""The benchmark of the edge runs; its figures mean nothing in a world this small."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TINY = ["--hosts", "60", "--keys", "6", "--seconds", "1", "--rounds", "1", "--connections", "4"]


@pytest.mark.sqlite_only
@pytest.mark.needs("wrk", "taskset")
@pytest.mark.parametrize(
    ("kind", "rows"),
    [("metalink", ["floor, metalink", "edge, metalink"]), ("switching", ["a switch every 2 s"])],
)
def test_the_benchmark_prints_its_table(kind: str, rows: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/edge.py", *TINY, "--kind", kind],
        env={"PATH": os.environ["PATH"]},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = {line[:34].strip(): line.split() for line in done.stdout.splitlines()}
    for row in rows:
        assert float(lines[row][-6].replace(",", "")) > 0
        assert float(lines[row][-1]) == 0  # errors
