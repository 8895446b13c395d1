from datetime import datetime

import pytest
from django.contrib.auth.models import User

from registry.models import Event, Host, Notification, Site
from registry.services.switches import (
    disable_hosts,
    disable_sites,
    enable_hosts,
    enable_sites,
)
from tests.factories import HostFactory, SiteFactory

pytestmark = pytest.mark.django_db


def test_a_disabled_host_is_out_of_service_and_its_people_know_why(
    ada: User, ben: User, site: Site, now: datetime
) -> None:
    host = HostFactory.create(site=site)
    assert disable_hosts([host], actor=ada, now=now, sentence="Wrong content.") == 1
    assert not Host.objects.active().exists()
    assert Host.objects.get().disable_reason == "Wrong content."
    event = Event.objects.get()
    assert event.facts == {
        "admin_active": [True, False],
        "disable_reason": ["", "Wrong content."],
    }
    assert Notification.objects.get().recipient == "ben@example.org"


def test_a_host_is_disabled_once(ada: User, now: datetime) -> None:
    host = HostFactory.create()
    stale = Host.objects.get()
    assert disable_hosts([host], actor=ada, now=now, sentence="Wrong content.") == 1
    assert disable_hosts([host], actor=ada, now=now, sentence="Again.") == 0
    assert disable_hosts([stale], actor=ada, now=now, sentence="Too late.") == 0
    assert Event.objects.count() == 1


def test_disabling_needs_a_sentence(ada: User, now: datetime) -> None:
    with pytest.raises(ValueError, match="Say in a sentence why"):
        disable_hosts([HostFactory.create()], actor=ada, now=now, sentence="")


@pytest.mark.parametrize(("user_active", "reason"), [(True, ""), (False, "Moving house.")])
def test_enabling_leaves_the_reason_of_the_other_switch(
    ada: User, now: datetime, *, user_active: bool, reason: str
) -> None:
    host = HostFactory.create(
        admin_active=False, user_active=user_active, disable_reason="Moving house."
    )
    assert enable_hosts([host], actor=ada, now=now) == 1
    assert Host.objects.get().admin_active
    assert Host.objects.get().disable_reason == reason
    assert enable_hosts([host], actor=ada, now=now) == 0


def test_people_never_touch_the_verdict_of_the_system(ada: User, now: datetime) -> None:
    host = HostFactory.create(system_active=False, admin_active=False)
    enable_hosts([host], actor=ada, now=now)
    assert not Host.objects.get().system_active


def test_a_disabled_site_takes_its_hosts_with_it(ada: User, now: datetime) -> None:
    host = HostFactory.create()
    assert disable_sites([host.site], actor=ada, now=now, sentence="Closed.") == 1
    assert not Host.objects.active().exists()
    assert Event.objects.get().site == host.site
    assert enable_sites([host.site, SiteFactory.create()], actor=ada, now=now) == 1
    assert Host.objects.active().exists()
