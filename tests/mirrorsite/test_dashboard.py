"""The first page operators see: what wants attention, where it leads, and at what cost."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task

from crawler.models import CrawlRun, MasterScan
from mirrorlist.models import AccessStat, EdgeKey, Snapshot
from mirrorsite.dashboard import Vital, load_dashboard
from registry.logic.vitals import Tone
from registry.models import Host
from tests.factories import (
    CategoryFactory,
    HostFactory,
    NotificationFactory,
    SiteFactory,
    carry,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def vital(label: str, now: datetime) -> Vital:
    return next(row for row in load_dashboard(now=now).vitals if row.label == label)


def crawl(host: Host, started: datetime, state: str) -> None:
    CrawlRun.objects.create(host=host, started_at=started, lease_until_at=started, state=state)


def test_an_empty_installation_says_what_it_lacks(now: datetime) -> None:
    tones = {row.label: row.tone for row in load_dashboard(now=now).vitals}
    assert {label for label, tone in tones.items() if tone is not Tone.OK} == {"Snapshot served"}
    assert {bar.height for chart in load_dashboard(now=now).charts for bar in chart.all_bars} == {0}


def test_what_waits_for_approval_is_named(now: datetime) -> None:
    SiteFactory.create_batch(2, approval="pending")
    found = vital("Approvals waiting", now)
    assert (found.value, found.tone, found.sentence) == ("2", Tone.WARN, "2 Sites")


def test_failing_and_disabled_hosts_are_counted_among_those_we_visit(now: datetime) -> None:
    category = CategoryFactory.create()
    failing = carry(HostFactory.create(), category, "https://m1/")
    failing.urls.update(state="failing")
    private = carry(HostFactory.create(private=True), category, "https://m2/")
    private.urls.update(state="failing")
    HostFactory.create(system_active=False)
    assert vital("Hosts with a failing URL", now)[1:4] == ("1", Tone.BAD, "of 2 that we visit")
    assert vital("Hosts the system disabled", now).value == "1"


def test_categories_without_a_finished_scan_for_a_day_are_stale(now: datetime) -> None:
    for name, age, state in (
        ("Fresh", HOUR, "finished"),
        ("Old", 25 * HOUR, "finished"),
        ("Failed", HOUR, "failed"),
    ):
        category = CategoryFactory.create(name=name, source_location="/srv")
        at = now - age
        MasterScan.objects.create(
            category=category, state=state, started_at=at, finished_at=at, lease_until_at=at
        )
    CategoryFactory.create(name="Elsewhere")
    found = vital("Stale Categories", now)
    assert found.value == "2"
    assert found.sentence == "No UMDL finished for a day: Failed, Old."


@pytest.mark.parametrize(
    ("age", "value", "tone"),
    [
        (HOUR, "60 min", Tone.OK),
        (3 * HOUR, "3 h", Tone.WARN),
        (72 * HOUR, "3 days", Tone.BAD),
    ],
)
def test_the_age_of_the_snapshot_served_is_judged(
    now: datetime, age: timedelta, value: str, tone: Tone
) -> None:
    Snapshot.objects.create(state="published", built_at=now - age)
    assert vital("Snapshot served", now)[1:3] == (value, tone)


def test_a_refused_snapshot_does_not_hide_the_one_that_is_served(now: datetime) -> None:
    Snapshot.objects.create(state="published", built_at=now - HOUR)
    Snapshot.objects.create(state="refused", built_at=now, reason="It lost all Hosts.")
    found = vital("Snapshot served", now)
    assert found.value == "60 min"
    assert found.sentence == "The newest is refused. It lost all Hosts."


def test_crawls_of_a_day_are_counted_and_drawn(now: datetime) -> None:
    host = HostFactory.create()
    crawl(host, now - HOUR, "finished")
    crawl(host, now - HOUR, "failed")
    crawl(host, now - 48 * HOUR, "finished")
    crawl(host, now - HOUR, "abandoned")
    crawl(host, now - HOUR, "abandoned")
    crawl(host, now - 30 * HOUR, "running")
    crawl(HostFactory.create(), now - 500 * HOUR, "running")
    found = vital("Crawls running", now)
    assert (found.value, found.tone) == ("2", Tone.BAD)
    assert found.sentence == "4 in 24 hours, 3 of them failed"
    chart = load_dashboard(now=now).charts[-1]
    assert [bar.height for bar in chart.all_bars[-3:]] == [8, 8, 32]
    assert [bar.height for bar in chart.failed_bars[-3:]] == [0, 0, 8]
    assert chart.sentence == "6 crawls in 14 days, 1 of them failed; at most 4 a day."


def test_what_needs_somebody_stands_first_and_the_worst_before_the_rest(now: datetime) -> None:
    SiteFactory.create(approval="pending")
    found = load_dashboard(now=now)
    assert [row.label for row in found.urgent] == ["Snapshot served", "Approvals waiting"]
    assert len(found.urgent) + len(found.fine) == len(found.vitals)


def test_crawls_that_are_overdue_lead_to_their_hosts(admin: Client) -> None:
    moment = timezone.now()
    category = CategoryFactory.create()
    for name, age in (("late", 13 * HOUR), ("seen", HOUR)):
        host = HostFactory.create(name=name, last_crawled_at=moment - age)
        carry(host, category, f"https://{name}/")
    HostFactory.create(name="empty", last_crawled_at=moment - 99 * HOUR)
    found = vital("Crawls overdue", moment)
    assert (found.value, dict(found.filters)) == ("1", {"standing": "late"})
    page = admin.get("/admin/registry/host/?standing=late")
    assert [host.name for host in page.context["cl"].result_list] == ["late"]


def test_a_refused_scan_is_bad_until_one_finishes(now: datetime) -> None:
    category = CategoryFactory.create(name="Linux", source_location="/srv")

    def scan(state: str, age: timedelta) -> None:
        at = now - age
        MasterScan.objects.create(
            category=category, state=state, started_at=at, finished_at=at, lease_until_at=at
        )

    scan("refused", 2 * HOUR)
    assert vital("Scans refused", now)[1:3] == ("1", Tone.BAD)
    scan("finished", HOUR)
    assert vital("Scans refused", now)[1:3] == ("0", Tone.OK)


def test_silent_edges_late_schedules_and_messages_given_up_are_counted(now: datetime) -> None:
    for prefix, used in (("a", None), ("b", now - 30 * HOUR), ("c", now - HOUR)):
        EdgeKey.objects.create(edge=prefix, prefix=prefix, created_at=now, last_used_at=used)
    EdgeKey.objects.create(edge="d", prefix="d", created_at=now, revoked_at=now)
    Schedule.objects.create(name="x", func="x", next_run=now - HOUR)
    NotificationFactory.create(state="failed", due_at=now - HOUR)
    NotificationFactory.create(state="failed", due_at=now - 8 * 24 * HOUR)
    assert vital("Edges silent", now)[1:3] == ("2", Tone.BAD)
    assert vital("Schedules late", now)[1:3] == ("1", Tone.BAD)
    assert vital("Messages given up", now)[1:3] == ("1", Tone.WARN)


def test_keys_are_filtered_by_whether_their_edge_was_heard_of(admin: Client) -> None:
    moment = timezone.now()
    for prefix, used in (("old", moment - 30 * HOUR), ("new", moment)):
        EdgeKey.objects.create(edge=prefix, prefix=prefix, created_at=moment, last_used_at=used)
    for value, edge in (("silent", "old"), ("lately", "new")):
        page = admin.get(f"/admin/mirrorlist/edgekey/?heard={value}")
        assert [key.edge for key in page.context["cl"].result_list] == [edge]


def test_the_oldest_geo_file_is_judged(now: datetime, settings: Any, tmp_path: Path) -> None:
    assert vital("Geo data", now)[1:3] == ("built-in", Tone.OK)
    path = tmp_path / "country.mmdb"
    settings.MIRRORLIST_COUNTRY_MMDB = str(path)
    assert vital("Geo data", now)[1:3] == ("none", Tone.BAD)
    path.write_text("")
    moment = (now - timedelta(days=50)).timestamp()
    os.utime(path, (moment, moment))
    assert vital("Geo data", now)[1:3] == ("50 days", Tone.WARN)


def test_hosts_and_requests_are_drawn_by_day(now: datetime) -> None:
    for hours, hosts in ((1, 8), (2, 99), (24, 4)):
        Snapshot.objects.create(
            state="replaced", built_at=now - hours * HOUR, counts={"hosts": hosts}
        )
    Snapshot.objects.filter(counts={"hosts": 99}).update(state="refused")
    for key, count in (("mirrorlist", 30), ("metalink", 10)):
        AccessStat.objects.create(
            span="day", day=now.date(), dimension="kind", key=key, count=count
        )
    drawn, requests, _ = load_dashboard(now=now).charts
    assert [bar.height for bar in drawn.all_bars[-3:]] == [0, 16, 32]
    assert requests.sentence == "40 in 14 days; at most 40 a day."


def test_queue_and_failed_tasks_are_counted(now: datetime) -> None:
    OrmQ.objects.create(key="default", payload="")
    Task.objects.create(id="x", name="x", func="x", started=now, stopped=now - HOUR, success=False)
    assert vital("Tasks queued", now).value == "1"
    assert vital("Tasks failed", now)[1:3] == ("1", Tone.WARN)


def test_the_index_leads_to_filtered_lists_within_its_budget(
    admin: Client, django_assert_max_num_queries
) -> None:
    HostFactory.create_batch(3)
    Snapshot.objects.create(state="published", built_at=timezone.now() - HOUR)
    Snapshot.objects.create(state="refused", built_at=timezone.now())
    admin.get("/admin/")
    with django_assert_max_num_queries(11):  # nine of ours, two of the session
        text = admin.get("/admin/").content.decode()
    assert 'href="/admin/registry/host/?standing=system"' in text
    assert 'href="/admin/approvals/"' in text
    assert 'href="/admin/django_q/failure/"' in text
    assert text.index("Who carries what") < text.index("Authentication and Authorization")
