import os
import subprocess
import sys
from pathlib import Path

import pytest

TINY = ["--directories", "50", "--reported", "40", "--times", "1"]
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.sqlite_only
def test_the_benchmark_runs_on_a_tiny_world() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks/check_in.py", *TINY],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "first report of 40 directories" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")
