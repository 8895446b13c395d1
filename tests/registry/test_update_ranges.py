"""Cloud ranges in the admin: what would come and go is shown before it does."""

from typing import Any

import pytest
from django.test import Client

from registry.models import Event, Host, HostNetblock, HostNetblockSource
from registry.services.operations import cloud_ranges
from registry.services.slots import network_slot
from tests.crawler.mirrors import Mirror
from tests.factories import HostFactory, HostNetblockFactory, HostNetblockSourceFactory
from tests.registry.operating import queued

pytestmark = pytest.mark.django_db
PAGE = "/admin/operations/update-ranges/"


@pytest.fixture
def cloud():
    with Mirror({"/pub/list": b"9.9.8.0/24\n9.9.6.0/24\n"}) as mirror:
        yield mirror


@pytest.fixture
def source(cloud: Mirror) -> HostNetblockSource:
    """A list of a Host that has one netblock of it, one that is gone and one that people wrote."""
    host = HostFactory.create(name="m1.example.org")
    made: HostNetblockSource = HostNetblockSourceFactory.create(
        host=host, name="Our cloud", url=f"{cloud.url}/list"
    )
    for netblock in ("9.9.8.0/24", "9.9.4.0/24"):
        HostNetblockFactory.create(host=host, netblock=netblock, source=made)
    HostNetblockFactory.create(host=host, netblock="192.0.2.0/24")
    return made


def steps(answer: Any) -> list[str]:
    return [step.line for step in answer.context["plan"].steps]


def netblocks() -> set[str]:
    return set(HostNetblock.objects.values_list("netblock", flat=True))


def test_each_netblock_that_comes_or_goes_is_a_step(admin: Client, source) -> None:
    before = netblocks()
    shown = admin.post(PAGE, {})
    assert steps(shown) == [
        "= Our cloud of m1.example.org: 1 netblock added, 1 removed.",
        "+ 9.9.6.0/24: clients in it are sent to m1.example.org first.",
        "- 9.9.4.0/24: m1.example.org loses it: it left the list.",
    ]
    assert netblocks() == before
    done = admin.post(PAGE, {"shown": shown.context["plan"].fingerprint}, follow=True)
    assert "Written." in done.content.decode()
    assert netblocks() == {"9.9.8.0/24", "9.9.6.0/24", "192.0.2.0/24"}
    assert Event.objects.filter(host=source.host, actor__username="ada").exists()
    assert queued() == ["mirrorlist.tasks.build_snapshot"]
    assert steps(admin.post(PAGE, {})) == [
        "= Our cloud of m1.example.org: Nothing new: 2 netblocks."
    ]


def test_a_list_that_changed_since_the_preview_is_shown_again(admin: Client, source, cloud) -> None:
    before = netblocks()
    shown = admin.post(PAGE, {}).context["plan"].fingerprint
    cloud.files["/pub/list"] = b"9.9.8.0/24\n9.9.1.0/24\n"
    again = admin.post(PAGE, {"shown": shown})
    assert "Look again." in again.content.decode()
    assert netblocks() == before


def test_a_list_that_lost_much_needs_a_tick(admin: Client, source, cloud) -> None:
    cloud.files["/pub/list"] = b"8.8.8.0/24\n"
    refused = admin.post(PAGE, {})
    assert "! Our cloud of m1.example.org: 2 of 2 netblocks would go" in steps(refused)[0]
    assert not refused.context["plan"].writes
    assert len(admin.post(PAGE, {"force": "on"}).context["plan"].writes) == 3


def test_a_list_that_cannot_be_had_is_refused_with_the_reason(admin: Client, source, cloud) -> None:
    cloud.files.clear()
    [step] = steps(admin.post(PAGE, {}))
    assert step.startswith("! Our cloud of m1.example.org: ")
    assert step.endswith("answers 404.")


def test_lists_are_chosen_by_host_or_on_their_list(admin: Client, source, cloud) -> None:
    other: Host = HostFactory.create(name="m2.example.org")
    mine = HostNetblockSourceFactory.create(host=other, name="Theirs", url=source.url)
    assert len(admin.post(PAGE, {"host": other.pk}).context["plan"].writes) == 2
    data = {"action": "update_ranges", "_selected_action": [mine.pk]}
    page = admin.post("/admin/registry/hostnetblocksource/", data)
    assert [line[2:8] for line in steps(page)] == ["Theirs", "9.9.6.", "9.9.8."]
    assert len(steps(admin.post(PAGE, {}))) == 6


def test_without_lists_there_is_nothing_to_fetch(admin: Client, db) -> None:
    assert "add one on its page" in admin.post(PAGE, {}).content.decode()


def test_a_list_that_comes_too_slowly_is_not_waited_for(admin: Client, source, monkeypatch) -> None:
    monkeypatch.setattr(cloud_ranges, "SECONDS", 0)
    [step] = steps(admin.post(PAGE, {}))
    assert "There was no time left to fetch" in step


def test_an_operator_who_waits_already_is_told_so(admin: Client, ada, source, cloud) -> None:
    with network_slot(ada.pk):
        text = admin.post(PAGE, {}).content.decode()
    assert "Another check of yours still waits" in text
    assert cloud.requests == []
