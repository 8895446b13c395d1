from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Task
from django_q.scheduler import scheduler
from pytest_django import DjangoAssertNumQueries

from mirrorsite.schedule_table import declared_work, run_now, sync_schedules

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let django-q2's scheduler, which drops old connections, find the test's one worth keeping."""
    connection = connections["default"]
    monkeypatch.setattr(connection, "close_at", None)
    monkeypatch.setitem(connection.settings_dict, "AUTOCOMMIT", False)


def command(*arguments: str) -> str:
    output = StringIO()
    call_command("sync_schedules", *arguments, stdout=output)
    return output.getvalue()


def queued() -> list[tuple[str, str]]:
    return sorted((row.key, row.task["func"]) for row in OrmQ.objects.all())


def failed_task(**over: object) -> Task:
    values: dict[str, object] = {
        "id": "1" * 32,
        "name": "blue-fish",
        "func": "crawler.tasks.crawl_hosts",
        "args": ([1, 2],),
        "kwargs": {"seed": 3},
        "group": "Crawl what is due",
        "cluster": "crawl",
        "started": timezone.now(),
        "stopped": timezone.now(),
        "success": False,
        "result": "It broke.",
    }
    return Task.objects.create(**values | over)


def test_the_command_creates_all_schedules_and_says_so() -> None:
    assert "“UMDL” was missing" in command()
    assert set(Schedule.objects.values_list("name", flat=True)) == set(declared_work())


def test_the_second_time_there_is_nothing_to_do() -> None:
    command()
    assert command() == "All schedules are as declared.\n"


def test_a_dry_run_changes_nothing() -> None:
    assert "dry run" in command("--dry-run")
    assert not Schedule.objects.exists()


def test_the_command_corrects_and_deletes(now: datetime) -> None:
    sync_schedules(now=now)
    Schedule.objects.filter(name="UMDL").update(minutes=7, kwargs="broken((")
    Schedule.objects.create(name="by hand", func="os.system", next_run=now)
    sync_schedules(now=now)
    assert sync_schedules(now=now) == ()
    assert Schedule.objects.get(name="UMDL").minutes == 60


def test_intervals_come_from_the_settings(settings, now: datetime) -> None:
    settings.SCHEDULE_UMDL_MINUTES = 3
    sync_schedules(now=now)
    assert Schedule.objects.get(name="UMDL").minutes == 3


@pytest.mark.usefixtures("kept_connection")
def test_django_q_queues_every_schedule_for_the_cluster_that_was_declared() -> None:
    sync_schedules(now=timezone.now() - timedelta(minutes=1))
    scheduler()
    assert queued() == sorted((work.cluster, work.task) for work in declared_work().values())
    assert not Schedule.objects.filter(next_run__lt=timezone.now()).exists()


def test_run_now_queues_on_the_cluster_of_the_work(now: datetime) -> None:
    sync_schedules(now=now)
    run_now(Schedule.objects.get(name="UMDL"))
    assert queued() == [("crawl", "crawler.tasks.umdl")]


def test_run_now_refuses_what_is_not_declared(now: datetime) -> None:
    row = Schedule.objects.create(name="by hand", func="os.system", next_run=now)
    with pytest.raises(ValueError, match="is not declared"):
        run_now(row)
    assert queued() == []


def test_the_run_now_action_reports_both(admin: Client, now: datetime) -> None:
    sync_schedules(now=now)
    Schedule.objects.create(name="by hand", func="os.system", next_run=now)
    rows = [str(pk) for pk in Schedule.objects.values_list("pk", flat=True)]
    url = reverse("admin:django_q_schedule_changelist")
    page = admin.post(url, {"action": "start_now", "_selected_action": rows}, follow=True)
    assert f"{len(rows) - 1} task(s) queued".encode() in page.content
    assert "“by hand” is not declared" in page.content.decode()


def test_schedules_can_be_read_but_not_edited(admin: Client, now: datetime) -> None:
    sync_schedules(now=now)
    row = Schedule.objects.get(name="UMDL")
    page = admin.post(reverse("admin:django_q_schedule_change", args=[row.pk]), {"name": "x"})
    assert page.status_code == 403
    assert admin.get(reverse("admin:django_q_schedule_add")).status_code == 403


def test_the_schedule_page_says_why_and_how_the_last_run_ended(admin: Client, now) -> None:
    sync_schedules(now=now)
    Schedule.objects.create(name="by hand", func="os.system", next_run=now)
    Schedule.objects.filter(name="UMDL").update(task=failed_task().id)
    Schedule.objects.filter(name="Snapshot").update(task=failed_task(id="2", success=True).id)
    Schedule.objects.filter(name="Crawl what is due").update(task="not finished yet")
    page = admin.get(reverse("admin:django_q_schedule_changelist")).content.decode()
    assert "Reads the master trees" in page
    assert "Not declared" in page
    assert 'title="It broke."' in page
    assert "pill-warn" in page


def test_run_again_queues_the_same_call_and_keeps_the_record(admin: Client) -> None:
    task = failed_task()
    url = reverse("admin:django_q_failure_changelist")
    admin.post(url, {"action": "start_again", "_selected_action": [task.pk]})
    (row,) = OrmQ.objects.all()
    assert (row.key, row.task["args"], row.task["kwargs"]) == ("crawl", ([1, 2],), {"seed": 3})
    assert Failure.objects.count() == 1


def test_failures_may_be_deleted_and_successes_not(admin: Client) -> None:
    task, success = failed_task(), failed_task(id="2" * 32, success=True)
    url = reverse("admin:django_q_failure_delete", args=[task.pk])
    assert admin.get(url).status_code == 200
    url = reverse("admin:django_q_success_delete", args=[success.pk])
    assert admin.get(url).status_code == 403


@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize("name", ["schedule", "success", "failure", "ormq"])
def test_the_pages_of_background_work_need_few_queries(
    name: str, admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sync_schedules(now=timezone.now() - timedelta(minutes=1))
    scheduler()
    failed_task()
    failed_task(id="2" * 32, success=True)
    with django_assert_max_num_queries(8):
        assert admin.get(reverse(f"admin:django_q_{name}_changelist")).status_code == 200
