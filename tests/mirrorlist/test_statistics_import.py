"""Batches from the spool directory, several importers at once, and log files."""

import bz2
import gzip
import json
import lzma
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from mirrorlist import log_files, tasks
from mirrorlist.log_files import LogFile, LogFileError
from mirrorlist.logic.statistics_batch import pack_batch
from mirrorlist.models import AccessStat, FileStat, StatisticsBatch
from mirrorlist.services.request_logs import import_log
from mirrorlist.services.spool import import_spool
from mirrorlist.services.statistics import statistics_policy, take_batch
from tests.mirrorlist.counted import a_batch
from tests.mirrorlist.logic.test_request_log import line

pytestmark = pytest.mark.django_db
LOG = "".join([line(), line(country="FR"), line(day="2026-11-18"), line("127.0.0.1"), "garbage\n"])
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


def total(day: str = "2026-11-19") -> int:
    rows = AccessStat.objects.filter(span="day", dimension="kind", day=day)
    return sum(rows.values_list("count", flat=True))


def put(spool: Path, sequence: int, **over) -> Path:
    spool.mkdir(exist_ok=True)
    batch = a_batch(sequence, **over)
    path = spool / f"{batch.name}.json.gz"
    path.write_bytes(pack_batch(batch))
    return path


def test_the_spool_is_taken_in_and_emptied(tmp_path: Path, now) -> None:
    for sequence in range(3):
        put(tmp_path, sequence)
    imported = import_spool(tmp_path, now=now, policy=statistics_policy())
    assert (imported.batches, imported.requests, imported.refused) == (3, 30, 0)
    assert list(tmp_path.iterdir()) == []
    put(tmp_path, 2)
    assert import_spool(tmp_path, now=now, policy=statistics_policy()).requests == 0
    assert total() == 30


def test_what_is_refused_is_put_aside_with_its_reason(tmp_path: Path, now) -> None:
    put(tmp_path, 0).write_bytes(b"cut short")
    put(tmp_path, 1, day=now.date().replace(year=2030))
    put(tmp_path, 2)
    (tmp_path / "huge.json.gz").write_bytes(b" " * (2**24 + 1))
    (tmp_path / ".half.json.gz.tmp").write_bytes(b"half")
    imported = import_spool(tmp_path, now=now, policy=statistics_policy())
    assert (imported.batches, imported.refused) == (1, 3)
    assert len(list((tmp_path / "refused").iterdir())) == 3
    reasons = StatisticsBatch.objects.filter(state="refused").values_list("reason", flat=True)
    assert sorted(reason.split()[0] for reason in reasons) == ["Not", "The", "The"]


def test_a_missing_spool_is_no_error(tmp_path: Path, now) -> None:
    assert import_spool(tmp_path / "none", now=now, policy=statistics_policy()) == (0, 0, 0)


def test_the_tasks_take_in_and_expire(tmp_path: Path, settings) -> None:
    settings.MIRRORLIST_STATISTICS_DIR = tmp_path
    put(tmp_path, 0, day=timezone.now().date())
    assert tasks.import_statistics().startswith("1 batches with 10 requests")
    assert tasks.expire_statistics().startswith("0 rows")


def test_the_command_says_what_it_took(tmp_path: Path, capsys) -> None:
    put(tmp_path, 0, day=timezone.now().date())
    call_command("import_statistics", "--spool", str(tmp_path), "--json")
    assert json.loads(capsys.readouterr().out) == {"batches": 1, "requests": 10, "refused": 0}
    put(tmp_path, 1).write_bytes(b"")
    with pytest.raises(CommandError, match="1 refused"):
        call_command("import_statistics", "--spool", str(tmp_path))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_importers_at_the_same_time_lose_and_double_nothing(now) -> None:
    batches = [
        a_batch(number, file={f"pub/{(number * 7 + n) % 350}": 1 for n in range(300)})
        for number in range(8)
    ]
    problems: list[Exception] = []

    def take(mine) -> None:
        try:
            for batch in mine:
                take_batch(batch, now=now, policy=statistics_policy())
        except Exception as error:
            problems.append(error)
        finally:
            connections.close_all()

    # Each batch is delivered by two importers, and in opposite orders.
    threads = [
        threading.Thread(target=take, args=[mine]) for mine in (batches, batches[::-1], batches)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert total() == 80
    files = FileStat.objects.filter(span="day").values_list("count", flat=True)
    assert sum(files) == 8 * 300


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_log_counts_once_however_it_is_packed(tmp_path: Path, now, suffix: str) -> None:
    first, packed = tmp_path / "log", tmp_path / f"mirrorlist.log{suffix}"
    first.write_text(LOG)
    packed.write_bytes(PACKERS[suffix](LOG.encode()))
    once = import_log(first, now=now, policy=statistics_policy())
    again = import_log(packed, now=now, policy=statistics_policy())
    assert [(str(d.day), d.requests, d.known) for d in once.days] == [
        ("2026-11-18", 1, False),
        ("2026-11-19", 2, False),
    ]
    assert all(day.known for day in again.days)
    assert (again.tally.private, again.tally.garbage) == (1, 1)
    assert total() == 2


def test_one_day_first_and_the_others_later_count_once(tmp_path: Path, capsys) -> None:
    (tmp_path / "log").write_text(LOG)
    call_command("import_mirrorlist_log", str(tmp_path / "log"), "--date", "2026-11-19")
    assert (total(), total("2026-11-18")) == (2, 0)
    call_command("import_mirrorlist_log", str(tmp_path / "log"))
    assert (total(), total("2026-11-18")) == (2, 1)
    told = capsys.readouterr().out
    assert "2026-11-19: 2 were counted before" in told
    assert "! 'xxxxxxx'" in told


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys) -> None:
    (tmp_path / "log").write_text(LOG)
    call_command("import_mirrorlist_log", str(tmp_path / "log"), "--dry-run", "--json")
    told = json.loads(capsys.readouterr().out)
    assert [day["requests"] for day in told["days"]] == [1, 2]
    assert not AccessStat.objects.exists()
    assert not StatisticsBatch.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.gz", gzip.compress(LOG.encode())[:-9]),
        ("no.gz", b"plain"),
        ("no.bz2", b"plain"),
        ("no.xz", b"plain"),
        ("log.zst", b""),
    ],
)
def test_a_damaged_log_counts_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match="Nothing of it was counted"):
        call_command("import_mirrorlist_log", str(tmp_path / name))
    assert not AccessStat.objects.exists()


def test_a_missing_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="none"):
        call_command("import_mirrorlist_log", str(tmp_path / "none"))


def test_a_bomb_ends_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"\0" * 2**24))
    file = LogFile(path, greatest=2**20)
    with pytest.raises(LogFileError, match="unpacks to more than"):
        assert all(len(text) <= log_files.LONGEST_LINE for text in file.lines())


def test_the_import_is_a_batch_that_operators_see(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(LOG)
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    import_log(tmp_path / "access.log", now=moment, policy=statistics_policy())
    sources = StatisticsBatch.objects.values_list("source", "reason")
    assert set(sources) == {("log", "Imported from access.log.")}
