"""Logs of mirrorlist-server in the admin: read by a worker, looked at, then counted."""

import gzip
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from mirrorlist import tasks
from mirrorlist.models import AccessStat, LogImport
from mirrorlist.services import log_imports
from mirrorlist.services.statistics import statistics_policy
from tests.mirrorlist.logic.test_request_log import line
from tests.test_pages import Outline

pytestmark = pytest.mark.django_db
LIST, READ = "/admin/mirrorlist/logimport/", "/admin/mirrorlist/logimport/read/"
LOG = "".join(
    [line(), line(country="FR"), line(day="2026-11-18"), line("127.0.0.1"), "<garbage>\n"]
)
State = LogImport.State


@pytest.fixture
def logs(settings: Any, tmp_path: Path) -> Path:
    directory = tmp_path / "logs"
    directory.mkdir()
    (directory / "mirrorlist.log").write_text(LOG)
    settings.MIRRORLIST_LOG_DIR = directory
    return directory


def work() -> list[str]:
    """Do what waits in the queue as a worker would; return what came of it."""
    told = []
    for row in OrmQ.objects.order_by("id"):
        assert (row.key, row.task["func"]) == ("crawl", "mirrorlist.tasks.read_log")
        told.append(tasks.read_log(*row.task["args"]))
        row.delete()
    return told


def page(admin: Client, row: LogImport) -> Any:
    return admin.get(f"{LIST}{row.pk}/change/")


def total() -> int:
    return sum(
        AccessStat.objects.filter(span="day", dimension="kind").values_list("count", flat=True)
    )


def test_a_log_is_looked_at_first_and_counted_once_somebody_agrees(admin, logs) -> None:
    admin.post(READ, {"chosen": "mirrorlist.log"})
    row = LogImport.objects.get()
    waiting = page(admin, row)
    assert waiting.headers["Refresh"] == "2"
    assert "waits for a worker" in waiting.content.decode()
    assert work() == ["3 requests would be counted."]
    looked = page(admin, row)
    text = looked.content.decode()
    assert "Refresh" not in looked.headers
    assert '<th scope="row">2026-11-19</th><td>2</td>' in text
    assert "1 of private addresses, 0 of other days, 1 lines that are none of this log" in text
    assert "&lt;xxxxxxx&gt;" in text
    assert "Count 3 requests" in text
    assert not Outline(text).inline
    assert total() == 0
    admin.post(f"{LIST}{row.pk}/count/")
    assert work() == ["3 requests were counted."]
    assert total() == 3
    after = page(admin, row).content.decode()
    assert "Count 3 requests" not in after
    assert (logs / "mirrorlist.log").exists()


def test_what_was_counted_before_is_said_in_the_preview(admin, logs) -> None:
    admin.post(READ, {"chosen": "mirrorlist.log"})
    work()
    admin.post(f"{LIST}{LogImport.objects.get().pk}/count/")
    work()
    admin.post(READ, {"chosen": "mirrorlist.log", "only_day": "2026-11-18"})
    work()
    row = LogImport.objects.latest("id")
    assert (row.state, row.reason) == (
        State.LOOKED_AT,
        "0 requests would be counted. 1 were counted before.",
    )
    assert "were counted before" in page(admin, row).content.decode()
    assert total() == 3


def test_an_upload_is_deleted_once_it_was_counted(admin, logs) -> None:
    packed = SimpleUploadedFile("../../ä access.log.gz", gzip.compress(LOG.encode()))
    admin.post(READ, {"upload": packed, "only_day": "2026-11-19"})
    row = LogImport.objects.get()
    assert row.filename.startswith("upload-")
    assert row.filename.endswith("-__access.log.gz")
    assert (logs / row.filename).stat().st_mode & 0o077 == 0
    assert work() == ["2 requests would be counted."]
    admin.post(f"{LIST}{row.pk}/count/")
    assert (logs / row.filename).exists()
    assert work() == ["2 requests were counted."]
    assert not (logs / row.filename).exists()
    assert total() == 2


def test_a_log_that_changed_since_it_was_looked_at_is_not_counted(admin, logs) -> None:
    admin.post(READ, {"chosen": "mirrorlist.log"})
    work()
    with (logs / "mirrorlist.log").open("a") as file:
        file.write(line())
    row = LogImport.objects.get()
    admin.post(f"{LIST}{row.pk}/count/")
    [told] = work()
    assert "has changed since it was looked at. Nothing of it was counted." in told
    row.refresh_from_db()
    assert (row.state, total()) == (State.FAILED, 0)


def test_a_log_that_cannot_be_read_says_why(admin, logs) -> None:
    (logs / "cut.gz").write_bytes(gzip.compress(LOG.encode())[:-9])
    admin.post(READ, {"chosen": "cut.gz"})
    assert "Nothing of it was counted." in work()[0]
    row = LogImport.objects.get()
    assert row.state == State.FAILED
    assert (
        "There is nothing to count now"
        in admin.post(f"{LIST}{row.pk}/count/", follow=True).content.decode()
    )


def test_a_log_is_read_once_however_often_the_task_comes(admin, logs) -> None:
    admin.post(READ, {"chosen": "mirrorlist.log"})
    row = LogImport.objects.get()
    work()
    assert tasks.read_log(row.pk) == "Somebody else reads it, or it was read."
    assert tasks.read_log(row.pk + 1) == "Somebody else reads it, or it was read."


def test_the_worker_says_how_far_it_is(admin, logs, monkeypatch) -> None:
    monkeypatch.setattr("mirrorlist.services.request_logs.LINES_AT_ONCE", 2)
    moments: list[int] = []

    def clock() -> Any:
        moments.extend(LogImport.objects.values_list("lines", flat=True))
        return timezone.now()

    admin.post(READ, {"chosen": "mirrorlist.log"})
    row = LogImport.objects.get()
    log_imports.read_log(row.pk, clock=clock, policy=statistics_policy())
    assert {2, 4, 5} <= set(moments)


def test_a_worker_that_died_while_it_counted_can_be_replaced(admin, ada, logs) -> None:
    admin.post(READ, {"chosen": "mirrorlist.log"})
    work()
    row, now = LogImport.objects.get(), timezone.now()
    LogImport.objects.update(state=State.RUNNING, counts=True, seen_at=now)
    assert not log_imports.count_log(row, actor=ada, now=now)
    assert log_imports.count_log(row, actor=ada, now=now + timedelta(minutes=11))
    assert work() == ["3 requests were counted."]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "Choose a log on the server, or upload one."),
        ({"chosen": "../mirrorlist.log"}, "Select a valid choice"),
        ({"chosen": "link.log"}, "Select a valid choice"),
        ({"chosen": ".hidden"}, "Select a valid choice"),
        ({"chosen": "mirrorlist.log", "only_day": "yesterday"}, "Enter a valid date"),
    ],
)
def test_only_files_of_the_directory_are_read(admin, logs, facts, words) -> None:
    (logs / ".hidden").write_text(LOG)
    (logs.parent / "secret").write_text(LOG)
    os.symlink(logs.parent / "secret", logs / "link.log")
    assert words in admin.post(READ, facts).content.decode()
    assert not LogImport.objects.exists()


def test_without_a_directory_an_upload_makes_one_or_says_why_not(admin, logs, settings) -> None:
    settings.MIRRORLIST_LOG_DIR = logs / "new"
    assert "mirrorlist.log" not in admin.get(READ).content.decode()
    admin.post(READ, {"upload": SimpleUploadedFile("a.log", LOG.encode())})
    assert work() == ["3 requests would be counted."]
    settings.MIRRORLIST_LOG_DIR = logs / "mirrorlist.log"
    text = admin.post(READ, {"upload": SimpleUploadedFile("a.log", b"x")}).content.decode()
    assert "It cannot be kept in" in text


def test_too_large_uploads_are_refused(admin, logs, monkeypatch) -> None:
    monkeypatch.setattr("mirrorlist.forms.GREATEST_UPLOAD_BYTES", 3)
    text = admin.post(READ, {"upload": SimpleUploadedFile("a.log", b"1234")}).content.decode()
    assert "Put the log into the directory instead." in text


def test_old_uploads_are_deleted_and_logs_of_the_server_are_not(admin, logs, monkeypatch) -> None:
    monkeypatch.setattr("mirrorlist.log_files.LOGS_LISTED", 1)  # also those too many to be listed
    admin.post(READ, {"upload": SimpleUploadedFile("a.log", LOG.encode())})
    upload = logs / LogImport.objects.get().filename
    for path in (upload, logs / "mirrorlist.log"):
        os.utime(path, (0, 0))
    (logs / "newer.log").write_text("")
    assert tasks.expire_statistics() == "0 rows of statistics and 1 uploaded logs were too old."
    assert sorted(path.name for path in logs.iterdir()) == ["mirrorlist.log", "newer.log"]


def test_deleting_the_row_deletes_the_upload_and_no_other_log(admin, logs) -> None:
    admin.post(READ, {"upload": SimpleUploadedFile("a.log", LOG.encode())})
    admin.post(READ, {"chosen": "mirrorlist.log"})
    first, second = LogImport.objects.order_by("id")
    admin.post(f"{LIST}{second.pk}/delete/", {"post": "yes"})
    data = {"action": "delete_selected", "_selected_action": [first.pk], "post": "yes"}
    admin.post(LIST, data)
    assert not LogImport.objects.exists()
    assert [path.name for path in logs.iterdir()] == ["mirrorlist.log"]


def test_who_may_only_look_reads_nothing(client: Client, admin: Client, logs) -> None:
    admin.post(READ, {"chosen": "mirrorlist.log"})
    row = LogImport.objects.get()
    work()
    dora = User.objects.create_user("dora", is_staff=True)
    dora.user_permissions.add(Permission.objects.get(codename="view_logimport"))
    client.force_login(dora)
    assert client.get(READ).status_code == 403
    assert client.post(f"{LIST}{row.pk}/count/").status_code == 403
    assert client.get(f"{LIST}{row.pk}/count/").status_code == 405
    text = client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "3 requests would be counted." in text
    assert "Count 3 requests" not in text
    assert "Read a log" not in client.get(LIST).content.decode()
