"""What operators start out of turn: shown first, then left to a worker."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from mirrorlist import tasks
from mirrorlist.models import AccessStat

pytestmark = pytest.mark.django_db


def confirm(client: Client, slug: str, **facts: str) -> Any:
    url = f"/admin/operations/{slug}/"
    preview = client.post(url, {"asked": "1", **facts})
    plan = preview.context.get("plan")
    if plan is not None and plan.writes:
        client.post(url, {"asked": "1", **facts, "shown": plan.fingerprint})
    return preview


def queued() -> list[str]:
    return [row.task["func"] for row in OrmQ.objects.all()]


def test_building_netblocks_shows_its_sources_first(admin: Client, settings: Any) -> None:
    settings.MIRRORLIST_NETBLOCKS_SOURCES = ["https://rib.example/v4"]
    assert "https://rib.example/v4" in confirm(admin, "build-netblocks").content.decode()
    assert queued() == ["mirrorlist.tasks.build_netblocks"]
    [row] = OrmQ.objects.all()
    assert (row.key, row.task["kwargs"]) == ("crawl", {"force": False})


def test_netblocks_that_lost_much_are_forced_by_a_tick(admin: Client, settings: Any) -> None:
    settings.MIRRORLIST_NETBLOCKS_SOURCES = ["https://rib.example/v4"]
    shown = confirm(admin, "build-netblocks", force="on").content.decode()
    assert "however much is lost" in shown
    [row] = OrmQ.objects.all()
    assert row.task["kwargs"] == {"force": True}


def test_the_preview_says_what_the_table_in_use_has(admin: Client, settings: Any, tmp_path) -> None:
    source = tmp_path / "list.txt"
    source.write_text("9.9.9.0/24 19281\n2620:fe::/48 19281\n")
    settings.MIRRORLIST_NETBLOCKS_FILE = tmp_path / "netblocks.mmdb"
    settings.MIRRORLIST_NETBLOCKS_SOURCES = [str(source)]
    assert "prefixes" not in confirm(admin, "build-netblocks").content.decode()
    assert tasks.build_netblocks(force=True).startswith("published")
    shown = confirm(admin, "build-netblocks").content.decode()
    assert "has 1 IPv4 and 1 IPv6 prefixes; is replaced once the new one was tried" in shown


def test_without_sources_there_is_nothing_to_build(admin: Client, settings: Any) -> None:
    settings.MIRRORLIST_NETBLOCKS_SOURCES = []
    text = confirm(admin, "build-netblocks").content.decode()
    assert "It has no sources: set MIRRORLIST_NETBLOCKS_SOURCES." in text
    assert queued() == []


def test_expiring_statistics_says_how_much_is_too_old(admin: Client) -> None:
    assert confirm(admin, "expire-statistics").context["plan"].writes == ()
    assert queued() == []
    day = timezone.now().date() - timedelta(days=5000)
    AccessStat.objects.create(span="day", day=day, dimension="kind", key="x", count=1)
    assert "too old: 1 row." in confirm(admin, "expire-statistics").content.decode()
    assert queued() == ["mirrorlist.tasks.expire_statistics"]


def test_the_pages_begin_without_a_complaint(admin: Client) -> None:
    for slug in ("build-netblocks", "expire-statistics"):
        assert "errornote" not in admin.get(f"/admin/operations/{slug}/").content.decode()
