import json
from datetime import datetime
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from registry.models import (
    Approval,
    CloudProvider,
    Event,
    EventKind,
    Host,
    HostNetblock,
    HostNetblockSource,
    SourceState,
)
from registry.services.cloud_ranges import Outcome, RangesPolicy, ranges_policy, update_sources
from registry.services.netblocks import add_netblock
from registry.tasks import update_cloud_ranges
from tests.crawler.mirrors import Mirror
from tests.factories import HostFactory, HostNetblockFactory, HostNetblockSourceFactory

pytestmark = pytest.mark.django_db

LIST = b"9.9.8.0/24\n9.9.9.0/24\n10.0.0.0/8\n"


@pytest.fixture
def cloud():
    with Mirror({"/pub/list": LIST}) as mirror:
        yield mirror


@pytest.fixture
def host() -> Host:
    made: Host = HostFactory.create(name="m1.example.org")
    return made


@pytest.fixture
def source(host: Host, cloud: Mirror) -> HostNetblockSource:
    made: HostNetblockSource = HostNetblockSourceFactory.create(
        host=host, name="Our cloud", url=f"{cloud.url}/list"
    )
    return made


def update(now: datetime, *, force: bool = False, dry_run: bool = False) -> list[Outcome]:
    return update_sources(
        HostNetblockSource.objects.all(),
        now=now,
        policy=ranges_policy(),
        force=force,
        dry_run=dry_run,
    )


def netblocks(host: Host) -> dict[str, int | None]:
    return dict(HostNetblock.objects.filter(host=host).values_list("netblock", "source"))


def test_a_host_gets_what_is_published_approved_and_marked(host, source, now) -> None:
    (outcome,) = update(now)
    assert outcome.reason == (
        "1 netblock added, 0 removed. Left out, not being networks of the Internet: 1 entry."
    )
    assert netblocks(host) == {"9.9.8.0/23": source.pk}
    row = HostNetblock.objects.get()
    assert (row.approval, row.name) == (Approval.APPROVED, "Our cloud")
    event = Event.objects.get(host=host)
    assert event.kind == EventKind.CHANGED
    assert event.facts["added"] == ["9.9.8.0/23"]


def test_a_second_look_changes_nothing_and_tells_nobody(host, source, now) -> None:
    update(now)
    (outcome,) = update(now)
    assert outcome.reason.startswith("Nothing new: 1 netblock.")
    assert Event.objects.count() == 1


def test_what_is_no_longer_published_goes_and_what_people_wrote_stays(
    host, source, cloud, now
) -> None:
    HostNetblockFactory.create(host=host, netblock="192.0.2.0/24")
    HostNetblockFactory.create(host=host, netblock="9.9.8.0/24")
    cloud.files["/pub/list"] = b"9.9.8.0/24\n9.9.7.0/24\n9.9.5.0/24\n"
    update(now)
    cloud.files["/pub/list"] = b"9.9.7.0/24\n"
    update(now)
    assert netblocks(host) == {"192.0.2.0/24": None, "9.9.8.0/24": None, "9.9.7.0/24": source.pk}


def test_what_people_write_later_takes_the_place_of_what_is_published(
    host, source, cloud, now, ada
) -> None:
    cloud.files["/pub/list"] = b"9.9.8.0/24\n9.9.5.0/24\n"
    update(now)
    add_netblock(host, "9.9.8.0/24", actor=ada, now=now)
    update(now)
    assert netblocks(host) == {"9.9.8.0/24": None, "9.9.5.0/24": source.pk}


def test_a_list_that_lost_much_is_not_believed_unless_forced(host, source, cloud, now) -> None:
    update(now)
    cloud.files["/pub/list"] = b"8.8.8.0/24\n"
    for _ in range(2):
        (outcome,) = update(now)
        assert outcome.state == SourceState.REFUSED
    assert netblocks(host) == {"9.9.8.0/23": source.pk}
    refusals = Event.objects.filter(kind=EventKind.RANGES_REFUSED)
    assert [event.host for event in refusals] == [host], "the timeline hears of it once"
    update(now, force=True)
    assert netblocks(host) == {"8.8.8.0/24": source.pk}


@pytest.mark.parametrize(
    ("content", "state", "reason"),
    [
        (b"", SourceState.REFUSED, "The list has no network"),
        (None, SourceState.FAILED, "answers 404."),
    ],
)
def test_a_list_without_use_changes_nothing_and_says_why(
    content, state, reason, host, source, cloud, now
) -> None:
    update(now)
    del cloud.files["/pub/list"]
    if content is not None:
        cloud.files["/pub/list"] = content
    update(now)
    source.refresh_from_db()
    assert (source.state, source.last_fetched_at) == (state, now)
    assert reason in source.reason
    assert netblocks(host) == {"9.9.8.0/23": source.pk}


def test_a_document_of_somebody_else_fails(host, source, now) -> None:
    source.provider = CloudProvider.AWS
    source.save()
    (outcome,) = update(now)
    assert outcome.reason == "The document is not what this provider publishes."


def test_a_list_is_fetched_once_for_all_hosts(source, cloud, now) -> None:
    HostNetblockSourceFactory.create(url=source.url)
    assert len(update(now)) == 2
    assert cloud.asked("/pub/list") == ["GET"]


def test_lists_are_not_fetched_from_private_addresses(source, now) -> None:
    (outcome,) = update_sources(
        HostNetblockSource.objects.all(), now=now, policy=RangesPolicy(), force=False
    )
    assert "it is this machine itself" in outcome.reason


def test_the_netblocks_of_a_source_go_with_it(host, source, now) -> None:
    update(now)
    source.delete()
    assert netblocks(host) == {}


def test_a_provider_without_an_address_needs_one(host: Host) -> None:
    source = HostNetblockSource(host=host, name="Azure", provider=CloudProvider.AZURE)
    with pytest.raises(ValidationError, match="Give the address of the list"):
        source.full_clean()
    HostNetblockSource(host=host, name="AWS", provider=CloudProvider.AWS).full_clean()


def test_the_task_says_what_happened(source) -> None:
    assert update_cloud_ranges().startswith("Our cloud of m1.example.org: 1 netblock added")
    HostNetblockSource.objects.all().delete()
    assert update_cloud_ranges() == "No Host has a list of ranges."


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("cloud_ranges", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_shows_what_would_change_and_then_changes_it(host, source, cloud) -> None:
    cloud.files["/pub/list"] = b"".join(b"9.%d.0.0/24\n" % n for n in range(30))
    shown = run("--dry-run", "--host", "m1.example.org")
    assert "  + 9.0.0.0/24\n" in shown
    assert "  + … and 10 more" in shown
    assert not HostNetblock.objects.exists()
    (facts,) = json.loads(run("--json"))
    assert (facts["state"], len(facts["added"]), facts["removed"]) == ("up2date", 30, [])
    assert HostNetblock.objects.count() == 30


def test_the_command_fails_where_a_list_changed_nothing(source, cloud) -> None:
    cloud.files.clear()
    with pytest.raises(CommandError, match="1 of 1 lists changed nothing") as raised:
        run()
    assert raised.value.returncode == 1
    with pytest.raises(CommandError, match="add one on its admin page") as raised:
        run("--host", "nobody")
    assert raised.value.returncode == 2
