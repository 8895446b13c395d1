from datetime import datetime

import pytest
from pyroaring import BitMap
from pytest_django import DjangoAssertNumQueries

from registry.logic.check_in import CheckInReason
from registry.models import (
    Category,
    Directory,
    DirectoryIssue,
    Event,
    EventKind,
    Host,
    HostCategory,
    Site,
)
from registry.services.check_ins import record_check_in
from tests.factories import (
    CategoryFactory,
    DirectoryFactory,
    HostCategoryFactory,
    HostFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def category() -> Category:
    category: Category = CategoryFactory.create(name="Fedora Linux", top_directory="pub/fedora")
    for path in ("pub/fedora", "pub/fedora/releases", "pub/fedora/updates"):
        DirectoryFactory.create(category=category, path=path)
    return category


@pytest.fixture
def host(category: Category) -> Host:
    host: Host = HostFactory.create(private=True, name="inside.example.org")
    HostCategoryFactory.create(host=host, category=category)
    return host


def ids(*paths: str) -> set[int]:
    return set(Directory.objects.filter(path__in=paths).values_list("id", flat=True))


def up2date() -> set[int]:
    return set(HostCategory.objects.get().up2date)


def test_what_a_private_host_reports_becomes_its_up2date_set(host: Host, now: datetime) -> None:
    outcome = record_check_in(host, {"fedora linux": ["", "releases"]}, now=now)
    assert outcome.sentence == "Fedora Linux: 2 directories added, 0 removed, 0 kept."
    assert up2date() == ids("pub/fedora", "pub/fedora/releases")
    host.refresh_from_db()
    assert host.last_checked_in_at == now
    assert HostCategory.objects.get().reason == "The Host reported 2 of 3 directories."


def test_what_is_no_longer_reported_leaves_the_set(host: Host, now: datetime) -> None:
    record_check_in(host, {"Fedora Linux": ["", "releases"]}, now=now)
    (only,) = record_check_in(host, {"Fedora Linux": ["releases", "updates"]}, now=now).categories
    assert (only.kept, only.added, only.removed) == (1, 1, 1)
    assert up2date() == ids("pub/fedora/releases", "pub/fedora/updates")


def test_a_check_in_settles_old_issues(host: Host, now: datetime) -> None:
    DirectoryIssue.objects.create(
        host_category=HostCategory.objects.get(),
        directory=Directory.objects.get(path="pub/fedora/updates"),
        state="stale",
        reason="old",
        sentence="It was old.",
        since_at=now,
        seen_at=now,
    )
    HostCategory.objects.update(issue_count=1)
    record_check_in(host, {"Fedora Linux": ["updates"]}, now=now)
    assert not DirectoryIssue.objects.exists()


def test_directories_closed_to_the_public_are_not_taken_over(host: Host, now: datetime) -> None:
    Directory.objects.filter(path="pub/fedora/updates").update(readable=False)
    record_check_in(host, {"Fedora Linux": ["releases", "updates"]}, now=now)
    assert up2date() == ids("pub/fedora/releases")


def test_an_event_tells_what_happened(host: Host, now: datetime) -> None:
    record_check_in(host, {"Fedora Linux": ["updates", "odd"]}, now=now)
    event = Event.objects.get(kind=EventKind.CHECKED_IN)
    assert (event.host, event.at) == (host, now)
    assert event.facts == {
        "categories": {
            "Fedora Linux": {
                "reason": "applied",
                "added": 1,
                "removed": 0,
                "kept": 0,
                "stale": 0,
                "unknown": 1,
            }
        }
    }


def test_a_public_host_is_refused(host: Host, now: datetime) -> None:
    host.private = False
    outcome = record_check_in(host, {"Fedora Linux": ["releases"]}, now=now)
    assert outcome.reason is CheckInReason.NOT_PRIVATE
    assert "is not private" in outcome.sentence
    assert up2date() == set()


def test_a_host_of_a_private_site_is_private_too(host: Host, now: datetime) -> None:
    Host.objects.update(private=False)
    Site.objects.update(private=True)
    host = Host.objects.get(pk=host.pk)
    assert record_check_in(host, {"Fedora Linux": ["releases"]}, now=now).applied


def test_a_private_host_of_a_public_site_may_check_in(host: Host, now: datetime) -> None:
    assert not host.site.private
    assert record_check_in(host, {"Fedora Linux": ["releases"]}, now=now).applied


@pytest.mark.parametrize(
    ("reported", "reason"),
    [
        ({}, CheckInReason.EMPTY),
        ({"Fedora Linux": []}, CheckInReason.EMPTY),
        ({"Other": ["x"]}, CheckInReason.NOT_CARRIED),
    ],
)
def test_a_report_that_applies_to_nothing_changes_nothing(
    reported: dict[str, list[str]], reason: CheckInReason, host: Host, now: datetime
) -> None:
    before = BitMap(ids("pub/fedora/releases"))
    HostCategory.objects.update(up2date=before)
    outcome = record_check_in(host, reported, now=now)
    assert not outcome.applied
    assert outcome.reason is reason
    assert outcome.sentence
    host.refresh_from_db()
    assert host.last_checked_in_at is None
    assert up2date() == set(before)
    assert Event.objects.get().kind == EventKind.CHECK_IN_IGNORED


def test_categories_that_are_not_reported_stay(host: Host, now: datetime) -> None:
    other = HostCategoryFactory.create(host=host, up2date=BitMap([7]))
    record_check_in(host, {"Fedora Linux": ["releases"]}, now=now)
    other.refresh_from_db()
    assert set(other.up2date) == {7}


def test_the_number_of_queries_does_not_grow_with_the_report(
    host: Host,
    category: Category,
    now: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(300):
        DirectoryFactory.create(category=category, path=f"pub/fedora/many/{number}")
    with django_assert_max_num_queries(12):
        record_check_in(host, {"Fedora Linux": [f"many/{n}" for n in range(300)]}, now=now)
    assert len(up2date()) == 300
