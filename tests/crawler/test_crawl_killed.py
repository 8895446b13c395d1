"""A crawl whose process is killed in the middle, with real processes and a real database file."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.crawler.mirrors import Mirror, hang

PROJECT = Path(__file__).resolve().parent.parent.parent
# Two Hosts that answer at once, one that never does.
SETUP = """
import django, sys; django.setup()
from datetime import UTC, datetime
from django.core.management import call_command
from registry.logic.listings import Entry, digest_listing, pack_listing
from registry.models import *
call_command("migrate", verbosity=0)
now = datetime.now(UTC)
category = Category.objects.create(name="Linux", top_directory="pub")
entries = (Entry("a", 1, 1),)
Directory.objects.create(category=category, path="pub/d", changed_at=now, scanned_at=now,
                         digest=digest_listing(entries), listing=pack_listing(entries))
site = Site.objects.create(name="Site")
for number, url in enumerate(sys.argv[1:]):
    host = Host.objects.create(site=site, name=f"m{number}", country_id="DE")
    copy = HostCategory.objects.create(host=host, category=category)
    HostCategoryUrl.objects.create(host_category=copy, url=url)
"""
STATES = "SELECT host_id, state FROM crawler_crawlrun ORDER BY id"


@pytest.mark.sqlite_only
def test_kill_9_loses_the_hosts_in_flight_and_no_others(tmp_path: Path) -> None:
    environment = os.environ | {
        "STATE_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "DJANGO_SETTINGS_MODULE": "mirrorsite.settings",
        "PROBE_ALLOW_PRIVATE": "1",
    }
    crawl = [sys.executable, "manage.py", "crawl"]
    files = {"/pub/d/a": b"x"}
    with Mirror(files) as one, Mirror(files) as two, Mirror(files, answer=hang) as slow:
        setup = [sys.executable, "-c", SETUP, one.url, slow.url, two.url]
        subprocess.run(setup, env=environment, cwd=PROJECT, check=True)
        with sqlite3.connect(tmp_path / "db.sqlite3") as database:
            victim = subprocess.Popen(crawl, env=environment, cwd=PROJECT)
            for _ in range(3000):
                states = sorted(state for _, state in database.execute(STATES).fetchall())
                if states == ["finished", "finished", "running"]:
                    break
                time.sleep(0.01)
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            assert dict(database.execute(STATES).fetchall()) == {
                1: "finished", 2: "running", 3: "finished",
            }  # fmt: skip
            found = "SELECT host_id, up2date_count FROM registry_hostcategory ORDER BY host_id"
            assert database.execute(found).fetchall() == [(1, 1), (2, 0), (3, 1)]
            slow.answer = None
            again = [*crawl, "--host", "m1"]
            subprocess.run(again, env=environment, cwd=PROJECT, check=True, capture_output=True)
            assert database.execute(found).fetchall() == [(1, 1), (2, 1), (3, 1)]
            rows = database.execute("SELECT state, reason FROM crawler_crawlrun WHERE host_id = 2")
            (killed, why), (taken_over, _) = rows.fetchall()
        database.close()
    assert (killed, taken_over) == ("abandoned", "finished")
    assert why.startswith("Its process ")
    assert why.endswith(" has ended.")
