import os
import subprocess
import sys
from pathlib import Path

import pytest

TINY = ["--hosts", "12", "--directories", "80", "--events", "20", "--times", "1"]
ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.sqlite_only
def test_the_benchmark_of_pages_runs_on_a_tiny_world() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks/pages.py", *TINY],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    lines = [line for line in done.stdout.splitlines() if line.startswith(("anonymous", "owner"))]
    assert len(lines) > 20
    assert not [line for line in lines if line.endswith((" 404", " 500"))]
