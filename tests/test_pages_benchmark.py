import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TINY = ["--hosts", "12", "--directories", "80", "--events", "20", "--times", "1"]
ROOT = Path(__file__).resolve().parent.parent


MOST_QUERIES = 12
LINE = re.compile(
    r"(?P<who>anonymous|owner|operator|reviewer) +(?P<url>\S+) .* (?P<queries>\d+) +[\d,]+(  over)?"
    r"(  (?P<status>\d{3}))?"
)


@pytest.mark.sqlite_only
def test_every_page_of_the_benchmark_answers_with_few_queries() -> None:
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
    lines = [found for line in done.stdout.splitlines() if (found := LINE.fullmatch(line))]
    assert len(lines) > 200
    assert [line[0] for line in lines if (line["status"] or "200")[0] in "45"] == []
    assert [line[0] for line in lines if int(line["queries"]) > MOST_QUERIES] == []
