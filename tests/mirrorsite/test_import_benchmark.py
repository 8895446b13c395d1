import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.with_postgres import server_directory

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.sqlite_only
@pytest.mark.skipif(server_directory() is None, reason="PostgreSQL is not installed")
def test_the_benchmark_imports_every_row_once() -> None:
    command = [sys.executable, "benchmarks/import_mirrormanager.py"]
    sizes = ["--rows", "60", "--directories", "20", "--passwords"]
    done = subprocess.run(
        [*command, *sizes], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    head, _, *steps = done.stdout.splitlines()
    assert head.startswith("3 Hosts × 20 Directories = 60 rows")
    conclusions = [re.split(r"\s{2,}", line)[-1] for line in steps]
    assert conclusions == [
        "Dry run: nothing was written.", "Written.",
        "Nothing changes: the database says the same.",
        "Nothing changes: the database says the same.",
    ]  # fmt: skip
