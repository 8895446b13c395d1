"""What services take from owners, whichever page or script it comes by."""

from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import override_settings

from registry.models import (
    Approval,
    Category,
    Country,
    Event,
    EventKind,
    Host,
    HostCategory,
    Notification,
    Site,
)
from registry.services.belongings import count_belongings
from registry.services.credentials import issue_host_token
from registry.services.edits import EditRefusedError, StaleEditError, edit, remove
from registry.services.hosts import accept_host, add_host, add_url, change_url, offer_host
from registry.services.owner_switches import switch_host
from registry.services.sites import register_site
from tests.factories import CategoryFactory, HostFactory, HostNetblockFactory, WebhookFactory, carry

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(site: Site) -> Host:
    made: Host = HostFactory.create(site=site, name="mirror.example.org")
    return made


@pytest.fixture
def copy(host: Host) -> HostCategory:
    category: Category = CategoryFactory.create()
    return carry(host, category, "https://mirror.example.org/pub")


def test_names_are_stored_in_one_spelling(ben: User, site: Site, now: datetime) -> None:
    made = register_site({"name": "  New \t University "}, actor=ben, now=now)
    assert made.name == "New University"
    germany = Country.objects.get(code="DE")
    host = add_host(site, {"name": "Münchén.Example.", "country": germany}, actor=ben, now=now)
    assert host.name == "xn--mnchn-esa3k.example"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "exаmple.org"),
        ("name", "a\0b"),
        ("comment", "x" * 1_000_000),
        ("comment", "a\0b"),
        ("latitude", float("nan")),
        ("contact", "ben\u202e@example.org"),
    ],
)
def test_hostile_values_are_a_sentence_at_their_field(
    ben: User, host: Host, now: datetime, field: str, value: Any
) -> None:
    with pytest.raises(ValidationError) as refused:
        edit(host, {field: value, "bandwidth_mbps": 5}, actor=ben, now=now)
    assert set(refused.value.message_dict) == {field}
    assert Host.objects.get().revision == 0


def test_an_old_name_that_nobody_touches_stays(ben: User, host: Host, now: datetime) -> None:
    Host.objects.update(name="our mirror")
    host.refresh_from_db()
    edit(host, {"name": "our mirror", "bandwidth_mbps": 5}, actor=ben, now=now)
    assert Host.objects.get().bandwidth_mbps == 5


def test_a_host_does_not_take_somebody_elses_name_to_have_its_urls(
    ada: User, ben: User, host: Host, copy: HostCategory, now: datetime
) -> None:
    with pytest.raises(ValidationError, match="No URL of this Host has the name"):
        edit(host, {"name": "mirror.famous.example"}, actor=ben, now=now)
    url = add_url(copy, "https://ftp.example.org/pub", actor=ben, now=now)
    host.refresh_from_db()
    with pytest.raises(ValidationError, match="No URL of this Host"):
        edit(host, {"name": "ftp.example.org"}, actor=ben, now=now)
    url.approval = Approval.APPROVED
    url.save()
    host.refresh_from_db()
    edit(host, {"name": "ftp.example.org"}, actor=ben, now=now)
    edit(host, {"name": "third.example.org"}, actor=ada, now=now)
    assert Host.objects.get().name == "third.example.org"


@override_settings(APPROVAL_KINDS=["host"])
def test_where_urls_need_no_approval_names_need_none(ben: User, host: Host, now: datetime) -> None:
    edit(host, {"name": "any.example.org"}, actor=ben, now=now)
    assert Host.objects.get().name == "any.example.org"


def test_a_private_url_stays_private_when_its_owner_changes_it(
    ben: User, copy: HostCategory, now: datetime
) -> None:
    url = copy.urls.get()
    url.private = True
    url.save()
    assert change_url(url, "https://mirror.example.org/new", actor=ben, now=now).private


def test_what_is_deleted_is_told_to_programs(ben: User, host: Host, now: datetime) -> None:
    remove(host, actor=ben, now=now)
    facts = Event.objects.get(kind=EventKind.DELETED).facts
    assert "mirror.example.org" in str(facts)
    assert "Example University" in str(facts)


def test_what_goes_with_a_site_is_counted(
    site: Site, host: Host, copy: HostCategory, now: datetime
) -> None:
    HostNetblockFactory.create_batch(3, host=host)
    issue_host_token(host, now=now)
    WebhookFactory.create(site=site)
    of_host = {"categories": 1, "urls": 1, "netblocks": 3, "tokens": 1}
    assert count_belongings(host) == of_host
    assert count_belongings(site) == {"hosts": 1, **of_host, "webhooks": 1}
    assert count_belongings(HostFactory.create()) == {}


def test_the_owners_switch_takes_a_reason_and_gives_it_back(
    ben: User, host: Host, now: datetime
) -> None:
    with pytest.raises(ValidationError, match="Say in a sentence why"):
        switch_host(host, " ", active=False, actor=ben, now=now)
    with pytest.raises(ValidationError, match="invisible character"):
        switch_host(host, "\u202e", active=False, actor=ben, now=now)
    switch_host(host, "New disks.", active=False, actor=ben, now=now, seen=0)
    host.refresh_from_db()
    assert (host.user_active, host.disable_reason, host.revision) == (False, "New disks.", 1)
    with pytest.raises(EditRefusedError, match="switched off already"):
        switch_host(host, "Again.", active=False, actor=ben, now=now)
    switch_host(host, "", active=True, actor=ben, now=now)
    host.refresh_from_db()
    assert (host.user_active, host.disable_reason) == (True, "")
    assert Event.objects.filter(host=host, kind=EventKind.CHANGED).count() == 2


def test_the_operators_sentence_is_not_the_owners_to_change(
    ben: User, host: Host, now: datetime
) -> None:
    Host.objects.update(admin_active=False, disable_reason="It serves old files.")
    host.refresh_from_db()
    switch_host(host, "New disks.", active=False, actor=ben, now=now)
    assert Host.objects.get().disable_reason == "It serves old files."


def test_a_switch_turned_by_somebody_else_is_told(ben: User, host: Host, now: datetime) -> None:
    in_another_tab = Host.objects.get(pk=host.pk)
    edit(host, {"comment": "x"}, actor=ben, now=now)
    with pytest.raises(StaleEditError):
        switch_host(in_another_tab, "Why.", active=False, actor=ben, now=now)
    with pytest.raises(StaleEditError):
        switch_host(host, "Why.", active=False, actor=ben, now=now, seen=0)


def test_a_site_that_is_full_accepts_no_host(
    ben: User, cara: User, host: Host, other_site: Site, now: datetime, monkeypatch: Any
) -> None:
    monkeypatch.setattr("registry.services.hosts.HOSTS_PER_SITE", 0)
    offer = offer_host(host, other_site.name, actor=ben, now=now)
    with pytest.raises(EditRefusedError, match="at most 0 Hosts"):
        accept_host(offer, actor=cara, now=now)


def test_of_two_clicks_at_once_the_second_is_told(
    ada: User, ben: User, site: Site, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both requests looked before either wrote: what the first stored, the second does not see.
    monkeypatch.setattr(Site, "full_clean", lambda self, **more: None)
    monkeypatch.setattr(Host, "full_clean", lambda self, **more: None)
    values = {"name": "new.example.org", "country": Country.objects.get(code="DE")}
    add_host(site, values, actor=ben, now=now)
    other = HostFactory.create(site=site, name="mirror.example.org")
    for attempt in (
        lambda: register_site({"name": "Example University"}, actor=ben, now=now),
        lambda: add_host(site, values, actor=ben, now=now),
        lambda: edit(other, {"name": "new.example.org"}, actor=ada, now=now),
    ):
        with pytest.raises(EditRefusedError, match="at the same moment"):
            attempt()


def test_people_of_both_sites_are_written_to_about_a_host_that_moves(
    ben: User, cara: User, host: Host, other_site: Site, now: datetime
) -> None:
    offer = offer_host(host, other_site.name, actor=ben, now=now)
    assert list(Notification.objects.values_list("recipient", flat=True)) == ["cara@example.org"]
    accept_host(offer, actor=cara, now=now)
    told = Notification.objects.order_by("pk").values_list("recipient", flat=True)
    assert list(told) == ["cara@example.org", "ben@example.org"]
