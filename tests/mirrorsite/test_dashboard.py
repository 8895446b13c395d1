"""The first page operators see: what wants attention, where it leads, and at what cost."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django_q.models import OrmQ, Task

from crawler.models import CrawlRun, MasterScan
from mirrorlist.models import Snapshot
from mirrorsite.dashboard import Vital, load_dashboard
from registry.logic.vitals import Tone
from registry.models import Host
from tests.factories import CategoryFactory, HostFactory, SiteFactory, carry

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def vital(label: str, now: datetime) -> Vital:
    return next(row for row in load_dashboard(now=now).vitals if row.label == label)


def crawl(host: Host, started: datetime, state: str) -> None:
    CrawlRun.objects.create(host=host, started_at=started, lease_until_at=started, state=state)


def test_an_empty_installation_says_what_it_lacks(now: datetime) -> None:
    tones = {row.label: row.tone for row in load_dashboard(now=now).vitals}
    assert {label for label, tone in tones.items() if tone is not Tone.OK} == {"Snapshot served"}
    assert load_dashboard(now=now).chart.failed_bars[0].height == 0


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
    crawl(host, now - 30 * HOUR, "running")
    found = vital("Crawls running", now)
    assert (found.value, found.tone) == ("1", Tone.BAD)
    assert found.sentence == "2 in 24 hours, 1 of them failed"
    chart = load_dashboard(now=now).chart
    assert [bar.height for bar in chart.all_bars[-3:]] == [16, 16, 32]
    assert [bar.height for bar in chart.failed_bars[-3:]] == [0, 0, 16]


def test_queue_and_failed_tasks_are_counted(now: datetime) -> None:
    OrmQ.objects.create(key="default", payload="")
    Task.objects.create(id="x", name="x", func="x", started=now, stopped=now - HOUR, success=False)
    assert vital("Tasks queued", now).value == "1"
    assert vital("Tasks failed", now)[1:3] == ("1", Tone.WARN)


def test_the_index_leads_to_filtered_lists_within_its_budget(
    admin: Client, django_assert_max_num_queries
) -> None:
    HostFactory.create_batch(3)
    admin.get("/admin/")
    with django_assert_max_num_queries(15):
        text = admin.get("/admin/").content.decode()
    assert 'href="/admin/registry/host/?standing=system"' in text
    assert 'href="/admin/approvals/"' in text
    assert 'href="/admin/django_q/failure/"' in text
    assert text.index("Who carries what") < text.index("Authentication and Authorization")
