from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User

from registry.logic.expiry import ExpiryPolicy, Stage, judge_silence
from registry.models import (
    Directory,
    DirectoryIssue,
    Event,
    EventKind,
    Host,
    HostCategory,
    Notification,
    Site,
)
from registry.services import expiry
from registry.services.check_ins import record_check_in
from registry.services.expiry import ExpiryOutcome, expire_check_ins
from registry.tasks import expire_check_ins as task
from tests.registry.checking_in import PATHS, make_category, make_host, up2date

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TOP = "pub/fedora/linux"
POLICY = ExpiryPolicy(propagation=DAY, warn=3 * DAY, expire=7 * DAY)


@pytest.fixture
def host(site: Site, ben: User, now: datetime) -> Host:
    """A private Host that has reported everything."""
    host = make_host(site, make_category())
    record_check_in(host, {"Fedora Linux": PATHS}, now=now)
    return host


def change(path: str, at: datetime) -> None:
    Directory.objects.filter(path=f"{TOP}/{path}").update(changed_at=at)


def tick(now: datetime) -> ExpiryOutcome:
    return expire_check_ins(now=now, policy=POLICY)


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))[1:]


def test_a_host_of_a_private_site_is_looked_at_too(host: Host, now: datetime) -> None:
    Host.objects.update(private=False)
    Site.objects.update(private=True)
    assert "1 private copies looked at" in tick(now).sentence
    Site.objects.update(private=False)
    assert "0 private copies looked at" in tick(now).sentence


def test_silence_is_fine_while_the_master_does_not_change(host: Host, now: datetime) -> None:
    outcome = tick(now + 365 * DAY)
    assert outcome.sentence == (
        "1 private copies looked at: 0 warned, 0 expired, 0 directories dropped."
    )
    assert len(up2date()) == 4
    assert HostCategory.objects.get().silent_since_at is None


def test_what_changed_stays_for_the_propagation_window_and_then_drops(
    host: Host, now: datetime
) -> None:
    change("updates", now + 30 * DAY)
    tick(now + 30 * DAY)
    assert len(up2date()) == 4
    assert tick(now + 31 * DAY).dropped == 1
    assert up2date() == {TOP, f"{TOP}/releases", f"{TOP}/releases/42"}
    assert DirectoryIssue.objects.get().reason == "changed_since_check_in"
    assert kinds() == [EventKind.CHECK_IN_OUTDATED]
    assert tick(now + 31 * DAY).dropped == 0
    assert not Notification.objects.exists()


def test_the_owner_is_warned_once_and_then_everything_drops(host: Host, now: datetime) -> None:
    Host.objects.update(contact="robot@example.org")
    change("updates", now + DAY)
    for hours in range(0, 12 * 24, 6):
        tick(now + DAY + timedelta(hours=hours))
    assert kinds() == [
        EventKind.CHECK_IN_OUTDATED,
        EventKind.CHECK_IN_MISSED,
        EventKind.CHECK_IN_EXPIRED,
    ]
    assert up2date() == set()
    assert "clients are no longer sent to it" in HostCategory.objects.get().reason
    told = Notification.objects.order_by("id").values_list("event__kind", "recipient")
    assert list(told) == [
        (kind, address)
        for kind in (EventKind.CHECK_IN_MISSED, EventKind.CHECK_IN_EXPIRED)
        for address in ("ben@example.org", "robot@example.org")
    ]


def test_a_check_in_stops_the_clock_and_brings_everything_back(host: Host, now: datetime) -> None:
    change("updates", now + DAY)
    for days in (1, 2, 4, 8):
        tick(now + days * DAY)
    assert up2date() == set()
    record_check_in(host, {"Fedora Linux": PATHS}, now=now + 9 * DAY)
    assert len(up2date()) == 4
    assert not DirectoryIssue.objects.exists()
    assert Notification.objects.filter(event__kind=EventKind.CHECKED_IN).count() == 1
    tick(now + 60 * DAY)
    assert len(up2date()) == 4


def test_a_report_that_leaves_the_change_out_lets_the_rest_stay(host: Host, now: datetime) -> None:
    change("updates", now + DAY)
    tick(now + DAY)
    record_check_in(host, {"Fedora Linux": ["releases"]}, now=now + 2 * DAY)
    tick(now + 60 * DAY)
    assert up2date() == {f"{TOP}/releases"}


def test_a_busy_master_does_not_keep_a_silent_host_alive(host: Host, now: datetime) -> None:
    for days in range(1, 9):
        change("updates", now + days * DAY)
        tick(now + days * DAY)
    assert up2date() == set()


def test_a_clock_that_is_ahead_is_no_change(host: Host, now: datetime) -> None:
    change("updates", now + 400 * DAY)
    tick(now + 100 * DAY)
    assert HostCategory.objects.get().silent_since_at is None


def test_a_job_that_did_not_run_costs_nobody_their_time(host: Host, now: datetime) -> None:
    change("updates", now + DAY)
    tick(now + 100 * DAY)
    assert len(up2date()) == 4


@pytest.mark.parametrize(
    "change_of",
    [{"private": False}, {"user_active": False}, {"admin_active": False}],
)
def test_hosts_that_are_crawled_or_switched_off_are_left_alone(
    change_of: dict[str, bool], host: Host, now: datetime
) -> None:
    Host.objects.update(**change_of)
    change("updates", now + DAY)
    for days in (1, 9):
        assert tick(now + days * DAY).looked_at == 0
    assert len(up2date()) == 4


def test_a_copy_taken_for_up2date_without_looking_never_expires(host: Host, now: datetime) -> None:
    HostCategory.objects.update(always_up2date=True)
    assert tick(now + DAY).looked_at == 0


def test_a_host_that_became_private_has_been_seen_when_it_was_crawled(
    host: Host, now: datetime
) -> None:
    HostCategory.objects.update(last_checked_in_at=None, last_crawled_at=now)
    tick(now + 30 * DAY)
    assert HostCategory.objects.get().silent_since_at is None
    HostCategory.objects.update(last_crawled_at=None)
    tick(now + 30 * DAY)
    assert HostCategory.objects.get().silent_since_at == now + 30 * DAY


def test_a_check_in_at_the_same_moment_wins(
    host: Host, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    change("updates", now + DAY)
    tick(now + DAY)

    def check_in_meanwhile(*arguments, **named):
        record_check_in(host, {"Fedora Linux": PATHS}, now=now + 9 * DAY)
        return judge_silence(*arguments, **named)

    monkeypatch.setattr(expiry, "judge_silence", check_in_meanwhile)
    assert tick(now + 9 * DAY).stages[Stage.EXPIRED] == 0
    assert len(up2date()) == 4


def test_the_task_says_what_it_did(host: Host) -> None:
    assert "1 private copies looked at" in task()
