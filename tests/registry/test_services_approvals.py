from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.test import override_settings

from registry.models import Approval, Event, EventKind, Host, Notification, Site
from registry.services.approvals import approve, count_pending, describe, reject, reopen
from registry.services.netblocks import add_netblock
from tests.factories import EnrolRequestFactory, HostFactory, HostNetblockFactory, SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(site: Site) -> Host:
    host: Host = HostFactory.create(
        site=site, name="new.example.org", approval="pending", contact="noc@example.org"
    )
    return host


def test_an_approved_host_counts_and_its_people_are_told_once(
    ada: User, ben: User, waiting: Host, now: datetime
) -> None:
    assert not Host.objects.active().exists()
    assert approve([waiting], actor=ada, now=now).done == [waiting]
    again = approve([waiting], actor=ada, now=now)
    assert again.skipped == [(waiting, "It is approved already.")]
    assert list(Host.objects.active()) == [waiting]
    event = Event.objects.get()
    assert (event.kind, event.actor, event.host) == (EventKind.APPROVED, ada, waiting)
    assert event.sentence == "Host “new.example.org” was approved."
    told = Notification.objects.order_by("recipient").values_list("recipient", flat=True)
    assert list(told) == ["ben@example.org", "noc@example.org"]


def test_a_rejected_host_stores_the_sentence_its_people_are_told(
    ada: User, ben: User, waiting: Host, now: datetime
) -> None:
    reject([waiting], actor=ada, now=now, sentence=" It is a laptop. ")
    waiting.refresh_from_db()
    assert waiting.approval == Approval.REJECTED
    assert waiting.approval_reason == "It is a laptop."
    assert (waiting.approval_decided_at, waiting.approval_decided_by) == (now, ada)
    assert Event.objects.get().sentence == "Host “new.example.org” was rejected: It is a laptop."


def test_a_rejection_needs_a_sentence(ada: User, waiting: Host, now: datetime) -> None:
    with pytest.raises(ValueError, match="Say in a sentence why"):
        reject([waiting], actor=ada, now=now, sentence="  ")
    assert not Event.objects.exists()


def test_of_two_operators_with_the_same_page_the_first_one_counts(
    ada: User, waiting: Host, now: datetime
) -> None:
    stale = Host.objects.get(pk=waiting.pk)
    reject([waiting], actor=ada, now=now, sentence="It is a laptop.")
    outcome = approve([stale], actor=ada, now=now)
    assert outcome.skipped == [(stale, "Somebody else decided it in the meantime.")]
    assert Host.objects.get().approval == Approval.REJECTED
    assert Event.objects.count() == 1


def test_only_operators_decide(ben: User, waiting: Host, now: datetime) -> None:
    outcome = approve([waiting], actor=ben, now=now)
    assert outcome.skipped == [(waiting, "Only operators and reviewers approve and reject.")]
    assert Host.objects.get().approval == Approval.PENDING


def test_what_is_decided_can_be_put_back(ada: User, waiting: Host, now: datetime) -> None:
    reject([waiting], actor=ada, now=now, sentence="It is a laptop.")
    assert reopen([waiting], actor=ada, now=now).done == [waiting]
    assert reopen([waiting], actor=ada, now=now).skipped == [(waiting, "It waits already.")]
    fresh = Host.objects.get()
    assert (fresh.approval, fresh.approval_decided_at) == (Approval.PENDING, None)


def test_what_waits_is_counted_by_kind_in_one_query(
    now: datetime, django_assert_num_queries
) -> None:
    SiteFactory.create_batch(2, approval="pending")
    HostNetblockFactory.create(approval="pending")
    EnrolRequestFactory.create()
    EnrolRequestFactory.create(expires_at=now)
    with django_assert_num_queries(1):
        counts = count_pending(now=now)
    assert counts == {
        "site": 2,
        "host": 0,
        "hostnetblock": 1,
        "hostcategoryurl": 0,
        "enrolrequest": 1,
    }


def test_a_node_that_belongs_to_nobody_yet_is_decided_without_mail(
    ada: User, now: datetime
) -> None:
    request = EnrolRequestFactory.create()
    outcome = approve([request], actor=ada, now=now)
    assert describe(outcome, "Approved") == ["Approved: 1 object."]
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("text", "approval"),
    [
        ("11.1.2.0/24", "approved"),
        ("11.0.0.0/8", "pending"),
        ("10.1.2.3/24", "pending"),
        ("2a00::/16", "pending"),
    ],
)
def test_netblocks_of_site_admins_that_are_hard_to_believe_wait(
    ben: User, site: Site, now: datetime, text: str, approval: str
) -> None:
    host = HostFactory.create(site=site)
    netblock = add_netblock(host, text, actor=ben, now=now)
    assert netblock.approval == approval
    assert netblock.approval_reason


def test_netblocks_of_operators_count_at_once(ada: User, site: Site, now: datetime) -> None:
    netblock = add_netblock(HostFactory.create(site=site), "11.0.0.0/8", actor=ada, now=now)
    assert netblock.approval == "approved"


@override_settings(APPROVAL_KINDS=["site"])
def test_an_installation_can_let_netblocks_count_at_once(
    ben: User, site: Site, now: datetime
) -> None:
    netblock = add_netblock(HostFactory.create(site=site), "11.0.0.0/8", actor=ben, now=now)
    assert netblock.approval == "approved"


def test_a_netblock_is_added_once_however_it_is_written(
    ben: User, site: Site, now: datetime
) -> None:
    host = HostFactory.create(site=site)
    first = add_netblock(host, "11.1.2.9/255.255.255.0", actor=ben, now=now, name="campus")
    assert add_netblock(host, "11.1.2.0/24", actor=ben, now=now) == first
    assert Event.objects.count() == 1
    with pytest.raises(ValueError, match="is not an address range"):
        add_netblock(host, "campus", actor=ben, now=now)
