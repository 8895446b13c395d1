"""Two scans at once, scans that die, and scans that are stopped at any moment."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.models import MasterScan, RunState
from crawler.processes import is_gone, this_process
from crawler.services.scan_lease import AlreadyRunningError, claim
from crawler.services.scan_run import ScanPolicy
from crawler.services.umdl import Patience, scan_categories
from registry.models import Category, Directory, FileDetail, Repository
from tests.crawler.trees import Clock, grow, linux, scan

POLICY = ScanPolicy(batch=2)
PROJECT = Path(__file__).parents[2]


def everything() -> tuple[list[object], ...]:
    return (
        list(Directory.objects.order_by("path").values_list("path", "digest", "file_count")),
        list(FileDetail.objects.order_by("sha256").values_list("directory__path", "sha256")),
        list(Repository.objects.order_by("prefix").values_list("prefix", "directory__path")),
    )


def dead_process() -> str:
    """Return the name of a process of this machine that has ended."""
    ended = subprocess.run(
        [sys.executable, "-c", "from crawler.processes import *; print(this_process())"],
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT,
    )
    return ended.stdout.strip()


@pytest.mark.django_db
def test_a_second_scan_says_that_the_first_is_running(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    first = claim(category, now=clock.now, lease=POLICY.lease)
    with pytest.raises(AlreadyRunningError, match=r"Linux is being scanned by .* since"):
        scan(category, clock)
    [skipped] = scan_categories([category], clock=clock, policy=POLICY)
    assert skipped.state == RunState.SKIPPED
    assert skipped.reason.startswith("Linux is being scanned by ")
    assert list(MasterScan.objects.all()) == [first]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("minutes", "dead", "reason"),
    [(16, False, "was not heard of in time"), (1, True, "ended without a word")],
)
def test_a_scan_whose_process_is_dead_is_taken_over(
    tree: Path, clock: Clock, minutes: int, dead: bool, reason: str
) -> None:
    category = linux(tree)
    first = claim(category, now=clock.now, lease=POLICY.lease)
    if dead:
        MasterScan.objects.update(worker=dead_process())
    clock.forward(minutes=minutes)
    assert scan(category, clock).state == RunState.FINISHED
    first.refresh_from_db()
    assert first.state == RunState.ABANDONED
    assert reason in first.reason
    assert first.finished_at == clock.now


@pytest.mark.django_db
def test_a_scan_that_was_taken_over_writes_nothing_more(tree: Path, clock: Clock) -> None:
    category = linux(tree)

    def take_over(phase: str, count: int) -> None:
        MasterScan.objects.update(state=RunState.ABANDONED, reason="Taken over.")

    result = scan(category, clock, policy=POLICY, progress=take_over)
    assert (result.state, result.reason) == (RunState.ABANDONED, "Taken over.")
    assert Directory.objects.count() == 2


@pytest.mark.django_db
def test_a_long_scan_renews_its_lease(tmp_path: Path, clock: Clock) -> None:
    root = grow(tmp_path / "m", {f"{number}/file": "" for number in range(1100)})
    leases = []

    def slow(phase: str, count: int) -> None:
        clock.forward(minutes=6)
        leases.append(MasterScan.objects.get().lease_until_at)

    scan(linux(root), clock, progress=slow)
    assert leases == sorted(set(leases))


@pytest.mark.django_db
@pytest.mark.parametrize("moment", range(10))
def test_the_next_scan_completes_one_that_was_stopped(
    tree: Path, clock: Clock, moment: int
) -> None:
    category = linux(tree)
    scan(category, clock)
    expected = everything()
    Directory.objects.all().delete()
    countdown = iter(range(moment, -1, -1))

    def stop(phase: str, count: int) -> None:
        if next(countdown, 0) == 0:
            raise KeyboardInterrupt

    try:
        scan(category, clock, policy=POLICY, progress=stop)
    except KeyboardInterrupt:
        stopped = MasterScan.objects.latest("id")
        assert stopped.state == RunState.ABANDONED
        assert stopped.reason == "The scan was stopped. The next one completes it."
    scan(category, clock, policy=POLICY)
    assert everything() == expected


@pytest.mark.django_db
def test_a_scan_that_breaks_off_says_so(tree: Path, clock: Clock) -> None:
    def fail(phase: str, count: int) -> None:
        raise RuntimeError("no space left")

    category = linux(tree)
    with pytest.raises(RuntimeError):
        scan(category, clock, progress=fail)
    failed = MasterScan.objects.get()
    assert failed.state == RunState.FAILED
    assert failed.reason == "The scan broke off: RuntimeError: no space left"


def test_a_process_is_gone_only_if_that_is_certain() -> None:
    machine, pid, started = this_process().rsplit(":", 2)
    assert not is_gone(this_process())
    assert is_gone(f"{machine}:{pid}:1")  # another process got its number
    assert is_gone(dead_process())
    assert not is_gone(f"another-machine:{pid}:{started}")
    assert not is_gone("nonsense")
    assert not is_gone("")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has processes of others to ask about")
def test_a_process_of_somebody_else_is_not_gone() -> None:
    worker = this_process()
    os.seteuid(65534)
    try:
        assert not is_gone(worker)
    finally:
        os.seteuid(0)


SETUP = """
import django; django.setup()
from django.core.management import call_command
from registry.models import Category
call_command("migrate", verbosity=0)
Category.objects.create(name="Linux", top_directory="pub/linux", source_location={root!r})
"""


RUNNING = "SELECT count(*) FROM crawler_masterscan"
WRITTEN = "SELECT count(*) FROM registry_directory"


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("question", "least"), [(RUNNING, 1), (WRITTEN, 1), (WRITTEN, 2000), (WRITTEN, 3031)]
)
def test_a_killed_scan_is_completed_by_the_next_at_once(
    tmp_path: Path, question: str, least: int
) -> None:
    root = grow(tmp_path / "m", {f"{n // 100}/{n}/file": "" for n in range(3000)})
    environment = os.environ | {
        "STATE_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "DJANGO_SETTINGS_MODULE": "mirrorsite.settings",
    }
    setup = [sys.executable, "-c", SETUP.format(root=str(root))]
    umdl = [sys.executable, "manage.py", "umdl"]
    subprocess.run(setup, env=environment, cwd=PROJECT, check=True)
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        victim = subprocess.Popen(umdl, env=environment, cwd=PROJECT, stdout=subprocess.DEVNULL)
        while victim.poll() is None and database.execute(question).fetchone()[0] < least:
            time.sleep(0.002)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        subprocess.run(umdl, env=environment, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
        assert database.execute(WRITTEN).fetchone()[0] == 3031
        states = database.execute("SELECT state FROM crawler_masterscan ORDER BY id").fetchall()
    database.close()
    assert states[-1] == ("finished",)
    assert states[0] in {("abandoned",), ("finished",)}
    assert states[0] == ("abandoned",) or least == 3031


@pytest.mark.django_db
def test_a_second_scan_waits_as_long_as_it_is_told(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    first = claim(category, now=clock.now, lease=POLICY.lease)
    pauses = []

    def pause() -> None:
        clock.forward(seconds=10)
        pauses.append(clock.now)
        if len(pauses) == 3:
            MasterScan.objects.filter(pk=first.pk).update(state=RunState.FINISHED)

    patience = Patience(timedelta(minutes=1), pause)
    [result] = scan_categories([category], clock=clock, policy=POLICY, patience=patience)
    assert result.state == RunState.FINISHED
    assert len(pauses) == 3


@pytest.mark.django_db
def test_a_second_scan_gives_up_waiting(tree: Path, clock: Clock) -> None:
    category = linux(tree)
    claim(category, now=clock.now, lease=POLICY.lease)
    patience = Patience(timedelta(minutes=1), lambda: clock.forward(seconds=10))
    [result] = scan_categories([category], clock=clock, policy=POLICY, patience=patience)
    assert result.state == RunState.SKIPPED
    assert result.reason.startswith("Linux is being scanned by ")


@pytest.mark.django_db
def test_scans_of_two_categories_do_not_wait_for_each_other(tree: Path, clock: Clock) -> None:
    claim(linux(tree), now=clock.now, lease=POLICY.lease)
    other = Category.objects.create(
        name="Other", top_directory="pub/other", source_location=str(tree)
    )
    assert scan(other, clock).state == RunState.FINISHED
