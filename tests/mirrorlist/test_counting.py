"""A worker counts in memory and writes batches: whole ones, none twice, none lost for long."""

import errno
import logging
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from mirrorlist.counting import (
    DAYS_KEPT,
    Counting,
    CountingConfig,
    read_counting_config,
)
from mirrorlist.logic.counters import Dimension
from mirrorlist.logic.statistics_batch import Batch, unpack_batch
from mirrorlist.ship import Destination
from tests.mirrorlist.logic.test_counters import facts

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC).timestamp()


@pytest.fixture
def config(tmp_path: Path) -> CountingConfig:
    return CountingConfig(tmp_path / "spool", "edge1")


def batches(config: CountingConfig) -> list[Batch]:
    return [unpack_batch(path.read_bytes()) for path in sorted(config.spool.glob("*.json.gz"))]


def requests(config: CountingConfig) -> dict[date, int]:
    sums: dict[date, int] = {}
    for batch in batches(config):
        for day, counts in batch.days.items():
            sums[day] = sums.get(day, 0) + sum(counts[Dimension.KIND].values())
    return sums


def wait_for(true, seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_batch_is_written_each_minute(config) -> None:
    counting = Counting(config, now=NOON)
    counting.observe([(facts(), 200, 5000)])
    counting.tick(NOON + 59)
    assert not batches(config)
    counting.tick(NOON + 61)
    wait_for(lambda: batches(config))
    counting.observe([(facts(), 200, 5000)])
    counting.close()
    assert requests(config) == {date(2026, 11, 20): 2}
    assert {batch.sequence for batch in batches(config)} == {0, 1}
    assert len({path.name for path in config.spool.iterdir()}) == 2


def test_nothing_counted_writes_nothing(config) -> None:
    counting = Counting(config, now=NOON)
    counting.tick(NOON + 61)
    counting.close()
    assert not batches(config)


def test_a_worker_that_never_ticked_writes_at_its_end(config) -> None:
    counting = Counting(config, now=NOON)
    counting.observe([(facts(), 200, 1)])
    counting.close()
    assert sum(requests(config).values()) == 1


def test_each_day_has_its_own_counts(config) -> None:
    counting = Counting(config, now=MIDNIGHT - 2)
    counting.observe([(facts(), 200, 1)])
    counting.tick(MIDNIGHT)
    counting.observe([(facts(), 200, 1)])
    counting.observe([(facts(), 200, 1)])
    counting.close()
    assert requests(config) == {date(2026, 11, 20): 1, date(2026, 11, 21): 2}


def test_a_clock_that_is_set_back_loses_nothing(config) -> None:
    counting = Counting(config, now=NOON)
    counting.observe([(facts(), 200, 1)])
    counting.tick(NOON - 86400)
    wait_for(lambda: batches(config))
    counting.observe([(facts(), 200, 1)])
    counting.tick(NOON - 86400 + 61)
    counting.close()
    assert requests(config) == {date(2026, 11, 20): 1, date(2026, 11, 19): 1}


def test_batches_of_two_workers_have_different_names(config) -> None:
    for _ in range(2):
        counting = Counting(config, now=NOON)
        counting.observe([(facts(), 200, 1)])
        counting.close()
    assert requests(config) == {date(2026, 11, 20): 2}


def test_without_a_place_to_write_counts_stay_in_memory(config, caplog) -> None:
    config.spool.write_text("a file where the directory should be")
    counting = Counting(config, now=NOON)
    for minute in range(1, 4):
        counting.observe([(facts(), 200, 1)])
        counting.tick(NOON + 61 * minute)
        wait_for(lambda n=minute: sum_waiting(counting) == n)
    assert [r.levelno for r in caplog.records if "cannot be written" in r.message] == [
        logging.ERROR
    ]
    config.spool.unlink()
    with caplog.at_level(logging.INFO):
        counting.tick(NOON + 61 * 4)
        counting.close()
    assert requests(config) == {date(2026, 11, 20): 3}
    assert "written to" in caplog.records[-1].message


def sum_waiting(counting: Counting) -> int:
    waiting = list(counting._spool.waiting.values())
    return sum(sum(counts[Dimension.KIND].values()) for counts in waiting)


def test_a_full_disk_leaves_no_half_batch(config, monkeypatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    counting = Counting(config, now=NOON)
    counting.observe([(facts(), 200, 1)])
    monkeypatch.setattr("mirrorlist.counting.os.fsync", full)
    counting.close()
    assert "No space left" in counting._spool.problem
    assert list(config.spool.iterdir()) == []


def test_a_spool_that_nobody_empties_has_a_bound(config, caplog) -> None:
    small = config._replace(greatest_spool_bytes=1)
    counting = Counting(small, now=NOON)
    for minute in (1, 2):
        counting.observe([(facts(), 200, 1)])
        counting.tick(NOON + 61 * minute)
    counting.close()
    assert len(batches(config)) == 1
    assert "nobody takes them" in counting._spool.problem


def test_only_so_many_days_are_kept_in_memory(config, caplog) -> None:
    config.spool.write_text("a file where the directory should be")
    counting = Counting(config, now=NOON)
    for day in range(DAYS_KEPT + 2):
        counting.observe([(facts(), 200, 1)])
        counting.tick(NOON + 86400 * (day + 1))
    counting.close()
    assert len(counting._spool.waiting) == DAYS_KEPT
    assert any("1 requests of 2026-11-20" in record.message for record in caplog.records)


KILLED = """
import sys, time
from pathlib import Path
from mirrorlist.counting import Counting, CountingConfig
from mirrorlist.logic.answers import Facts
counting = Counting(CountingConfig(Path(sys.argv[1]), "edge1", seconds=0.001), now=time.time())
number = 0
while True:
    number += 1
    path = f"pub/{number}"
    counting.observe([(Facts("redirect", "192.0.2.1", "DE", "", "", path, 1), 302, 0)])
    counting.tick(time.time())
    time.sleep(0.0005)
"""


def test_a_worker_killed_while_writing_leaves_only_whole_batches(config) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(config.spool)], cwd=ROOT)
    wait_for(lambda: len(list(config.spool.glob("*.json.gz"))) > 20, seconds=30)
    process.send_signal(signal.SIGKILL)
    process.wait()
    written = batches(config)
    assert [batch.sequence for batch in written] != []
    assert len({batch.name for batch in written}) == len(written)


def test_what_a_killed_worker_left_behind_is_removed(config) -> None:
    config.spool.mkdir()
    old, new = config.spool / ".old.json.gz.tmp", config.spool / ".new.json.gz.tmp"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    counting = Counting(config, now=NOON)
    counting.close()
    counting._spool.write()
    assert (old.exists(), new.exists()) == (False, True)


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    config = read_counting_config(
        {
            "STATE_DIR": "/srv/state",
            "MIRRORLIST_EDGE_NAME": "edge7",
            "MIRRORLIST_STATISTICS_SECONDS": "5",
            "MIRRORLIST_STATISTICS_FILES": "10",
            "MIRRORLIST_SAME_DOWNLOAD_SECONDS": "0",
            "MIRRORLIST_STATISTICS_URL": "https://mirrors.example.org/api/v1/edge-statistics/",
            "MIRRORLIST_STATISTICS_TOKEN_FILE": "/etc/token",
        }
    )
    assert config is not None
    assert (config.spool, config.edge, config.seconds) == (
        Path("/srv/state/statistics"),
        "edge7",
        5,
    )
    assert (config.policy.files, config.policy.same_download_seconds) == (10, 0)
    assert isinstance(config.destination, Destination)


def test_an_edge_has_a_name_even_without_one() -> None:
    config = read_counting_config({})
    assert config is not None
    assert config.edge


def test_counting_can_be_switched_off() -> None:
    assert read_counting_config({"MIRRORLIST_STATISTICS_SECONDS": "0"}) is None


@pytest.mark.parametrize(
    "environment",
    [
        {"MIRRORLIST_STATISTICS_SECONDS": "often"},
        {"MIRRORLIST_EDGE_NAME": "../etc"},
        {"MIRRORLIST_STATISTICS_URL": "https://mirrors.example.org/"},
    ],
)
def test_bad_settings_are_named(environment: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(environment))):
        read_counting_config(environment)
