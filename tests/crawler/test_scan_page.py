"""The page of a master scan: it is shown anew while the scan runs, and says how far it is."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from crawler.models import MasterScan
from crawler.services.scan_lease import claim, renew
from tests.factories import CategoryFactory

pytestmark = pytest.mark.django_db

LEASE = timedelta(minutes=15)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def page_of(client: Client, scan: MasterScan) -> tuple[str | None, str]:
    answer = client.get(f"/admin/crawler/masterscan/{scan.pk}/change/")
    return answer.headers.get("Refresh"), answer.content.decode()


def test_a_running_scan_is_shown_anew_with_its_progress(admin: Client) -> None:
    scan = claim(CategoryFactory.create(), now=NOW, lease=LEASE)
    refresh, text = page_of(admin, scan)
    assert refresh == "3"
    assert "It begins." in text
    renew(scan, now=NOW, lease=LEASE, counts={"so_far_scan": 12000}, log="Odd: x")
    refresh, text = page_of(admin, scan)
    assert "scan: 12,000 directories" in text
    assert "Odd: x" in text


def test_a_scan_that_ended_stays_as_it_is(admin: Client) -> None:
    scan = claim(CategoryFactory.create(), now=NOW, lease=LEASE)
    MasterScan.objects.update(state="finished", finished_at=NOW, reason="Done.")
    refresh, text = page_of(admin, scan)
    assert refresh is None
    assert "It begins." not in text
