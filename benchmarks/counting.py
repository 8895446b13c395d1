"""What counting costs an edge, and what counts cost the server.

    make bench NAME=counting ARGS="--days 30 --files 20000"

Prints one table: microseconds per answer that is counted (and of an empty call, in the same run),
milliseconds to take what was counted and to pack it, and on the server the import of one batch
whose keys are new and of one whose keys are known, and the loading of the public statistics with
so many days in the database. The world has 600 Repositories, 85 countries and 800 Hosts; the seed
is fixed. Uses the database of DATABASE_URL, made anew and dropped again, or SQLite.
"""

# ruff: noqa: E402 -- Django must have its settings before models are imported

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

STATE = tempfile.TemporaryDirectory(prefix="mirrorsite-bench-")
os.environ.update(SECRET_KEY="only for this benchmark", STATE_DIR=STATE.name)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mirrorsite.settings")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test.utils import get_runner, setup_test_environment

from mirrorlist.ledger import BATCH
from mirrorlist.logic.answers import Facts, Told
from mirrorlist.logic.counters import Counters, CountersPolicy, Counts, Dimension
from mirrorlist.logic.statistics import read_period
from mirrorlist.logic.statistics_batch import Batch, pack_batch, unpack_batch
from mirrorlist.models import FileStat
from mirrorlist.services.statistics import statistics_policy, take_batch
from mirrorlist.services.statistics_pages import load_statistics

ANSWERS = 20_000


def some_facts(kind: str) -> list[Facts]:
    dice = random.Random(1)
    countries = [f"{chr(65 + n % 26)}{chr(65 + n // 26)}" for n in range(85)]
    # As in an edge: questions are remembered, so that equal prefixes are the same object.
    prefixes = [f"fedora-{n}" for n in range(601)]
    paths = [f"pub/fedora/{n}.iso" for n in range(20_001)]
    file = kind == "redirect"
    return [
        Facts(
            kind,
            f"192.0.{dice.randrange(256)}.{dice.randrange(256)}",
            dice.choice(countries),
            "" if file else prefixes[min(int(dice.paretovariate(0.9)), 600)],
            "" if file else dice.choice(["x86_64", "aarch64"]),
            paths[min(int(dice.paretovariate(0.9)), 20_000)],
            dice.randrange(1, 800),
        )
        for _ in range(ANSWERS)
    ]


def seconds(work: Callable[[], object], *, best_of: int = 3) -> float:
    times = []
    for _ in range(best_of):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def show(name: str, value: float, unit: str) -> None:
    print(f"{name:44} {value:10.2f} {unit}")


def edge() -> Counts:
    counters = Counters(CountersPolicy())

    def nothing(told: Sequence[Told]) -> None:
        return None

    for kind, status in (("mirrorlist", 200), ("redirect", 302)):
        told = [(facts, status, 5000) for facts in some_facts(kind)]
        batches = [told[start : start + BATCH] for start in range(0, len(told), BATCH)]
        for name, observe in ((f"count a {kind}", counters.count), ("an empty call", nothing)):

            def run(observe: Callable[..., None] = observe) -> None:
                for batch in batches:  # noqa: B023 -- called before the next turn
                    observe(batch)

            show(name, seconds(run) / ANSWERS * 1e6, "µs")
    start = time.perf_counter()
    counts = counters.take()
    show("take what was counted", (time.perf_counter() - start) * 1e3, "ms")
    return counts


def server(counts: Counts, *, days: int, files: int) -> None:
    now = datetime.now(UTC)
    policy = statistics_policy()._replace(late_days=days + 1)
    for number in range(days):
        day = (now - timedelta(days=number)).date()
        for sequence in range(2 if number == 0 else 1):
            batch = Batch("bench", "1", number * 2 + sequence, {day: counts})
            packed = pack_batch(batch)
            start = time.perf_counter()
            take_batch(unpack_batch(packed), now=now, policy=policy)
            if number == 0:
                told = f"import {len(packed):,} bytes, keys {'known' if sequence else 'new'}"
                show(told, (time.perf_counter() - start) * 1e3, "ms")
        rows = [
            FileStat(span="day", day=day, path=f"x/{n}", count=1 + 20_000 // (n + 1))
            for n in range(files)
        ]
        FileStat.objects.bulk_create(rows, 2000)
    for name in ("day", "month", "year"):
        period = read_period(name, "", today=now.date())
        took = seconds(lambda p=period: load_statistics(p, today=now.date(), least=10))  # type: ignore[misc]
        show(f"load the statistics of one {name}", took * 1e3, "ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--days", type=int, default=30, help="days in the database")
    parser.add_argument("--files", type=int, default=20_000, help="further files a day")
    arguments = parser.parse_args()
    counts = edge()
    keys = ", ".join(f"{len(counts.get(d, {}))} {d}" for d in Dimension)
    print(f"one batch has {keys}")
    setup_test_environment()
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    print(f"{connection.vendor}, {arguments.days} days with {arguments.files} further files each")
    server(counts, days=arguments.days, files=arguments.files)
    runner.teardown_databases(databases)


if __name__ == "__main__":
    main()
