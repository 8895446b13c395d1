from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from registry.models import Event, EventKind, Host, HostCategory, Site
from registry.services.check_ins import record_check_in
from registry.services.expiry import expire_check_ins
from tests.factories import HostCategoryFactory
from tests.registry.checking_in import (
    PATHS,
    make_category,
    make_host,
    payload,
    report_mirror,
    up2date,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
Result = TypeVar("Result")


@pytest.fixture
def host(site: Site) -> Host:
    host = make_host(site, make_category())
    HostCategoryFactory.create(host=host, category=make_category("Fedora EPEL", "pub/epel"))
    return host


def all_at_once(calls: list[Callable[[], Result]]) -> list[Result]:
    def run(call: Callable[[], Result]) -> Result:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_check_ins_of_one_host_at_once_all_count_and_one_wins(
    host: Host, live_server: LiveServer
) -> None:
    trees: list[dict[str, Any]] = [
        {path: {} for path in PATHS[:2]},
        {path: {} for path in PATHS[2:]},
    ]
    names = ["fedora linux", "fedora epel"]

    def report(number: int) -> str:
        # Each names the Categories in another order, and another half of the directories.
        section = {"enabled": "1", "dirtree": trees[number % 2]}
        ordered = dict.fromkeys(names[:: 1 if number % 2 else -1], section)
        return report_mirror(live_server.url, payload(**{"fedora linux": None}) | ordered)

    answers = all_at_once([partial(report, number) for number in range(8)])
    assert all(answer.endswith("checked in successful") for answer in answers)
    assert Event.objects.filter(kind=EventKind.CHECKED_IN).count() == 8
    halves = ({"", "/releases"}, {"/releases/42", "/updates"})
    assert up2date() in [{f"pub/fedora/linux{path}" for path in half} for half in halves]
    linux, epel = (
        HostCategory.objects.get(category__name=n) for n in ("Fedora Linux", "Fedora EPEL")
    )
    assert (linux.up2date_revision, epel.up2date_revision) == (8, 8)


def test_an_expiry_never_wipes_what_was_just_reported(host: Host, now: datetime) -> None:
    later = now + timedelta(days=30)
    record_check_in(host, {"Fedora Linux": PATHS}, now=now)
    HostCategory.objects.filter(up2date_count__gt=0).update(silent_since_at=now)
    HostCategory.objects.get(category__name="Fedora Linux").category.directories.update(
        changed_at=now + timedelta(days=1)
    )
    all_at_once(
        [
            lambda: record_check_in(host, {"Fedora Linux": PATHS}, now=later) and None,
            lambda: expire_check_ins(now=later) and None,
        ]
        * 3
    )
    assert len(up2date()) == 4
