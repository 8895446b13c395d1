"""What owners and operators do to Sites and Hosts, whichever page or script they use."""

from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import override_settings
from pyroaring import BitMap

from registry.models import (
    Approval,
    Country,
    Event,
    EventKind,
    Host,
    HostCategory,
    HostCategoryUrl,
    Site,
)
from registry.services.credentials import issue_host_token
from registry.services.edits import EditRefusedError, StaleEditError, edit, remove
from registry.services.hosts import (
    accept_host,
    add_host,
    add_url,
    carry,
    change_url,
    offer_host,
    remove_url,
    stop_carrying,
    withdraw_offer,
)
from registry.services.sites import PENDING_PER_PERSON, register_site
from tests.factories import CategoryFactory, DirectoryIssueFactory, HostFactory, SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(site: Site) -> Host:
    made: Host = HostFactory.create(site=site, name="mirror.example.org")
    return made


@pytest.fixture
def copy(host: Host) -> HostCategory:
    return HostCategory.objects.create(
        host=host, category=CategoryFactory.create(), up2date=BitMap([1, 2]), up2date_count=2
    )


def test_whoever_registers_a_site_is_its_admin_and_waits(ben: User, now: datetime) -> None:
    made = register_site({"name": "New University"}, actor=ben, now=now)
    assert (made.approval, made.created_by) == (Approval.PENDING, ben)
    assert "waits until an operator" in made.approval_reason
    assert made.admins.get().user == ben
    assert Event.objects.get(site=made).kind == EventKind.CREATED


def test_an_operators_site_counts_at_once(ada: User, now: datetime) -> None:
    assert register_site({"name": "New"}, actor=ada, now=now).approval == Approval.APPROVED


def test_nobody_fills_the_queue_alone(ben: User, now: datetime) -> None:
    for n in range(PENDING_PER_PERSON):
        register_site({"name": f"Site {n}"}, actor=ben, now=now)
    with pytest.raises(EditRefusedError, match="Wait for an answer first"):
        register_site({"name": "One more"}, actor=ben, now=now)


@pytest.mark.parametrize("field", ["admin_active", "approval", "password", "id"])
def test_what_is_not_an_owners_is_not_taken(
    ben: User, site: Site, host: Host, now: datetime, field: str
) -> None:
    for attempt in (
        lambda: register_site({"name": "x", field: True}, actor=ben, now=now),
        lambda: add_host(site, {"name": "x", field: True}, actor=ben, now=now),
        lambda: edit(host, {field: True}, actor=ben, now=now),
    ):
        with pytest.raises(EditRefusedError):
            attempt()
    assert Site.objects.count() == 1
    assert Host.objects.count() == 1


def test_a_host_is_added_and_waits(ben: User, site: Site, now: datetime) -> None:
    values = {"name": "new.example.org", "country": Country.objects.get(code="DE")}
    made = add_host(site, values, actor=ben, now=now)
    assert made.approval == Approval.PENDING
    with pytest.raises(ValidationError, match="has a Host of this name already"):
        add_host(site, values, actor=ben, now=now)


def test_an_edit_is_on_the_timeline_with_before_and_after(
    ben: User, host: Host, now: datetime
) -> None:
    event = edit(host, {"bandwidth_mbps": 1000, "comment": ""}, actor=ben, now=now, seen=0)
    assert event is not None
    assert event.facts == {"bandwidth_mbps": [100, 1000]}
    host.refresh_from_db()
    assert (host.bandwidth_mbps, host.revision) == (1000, 1)
    assert edit(host, {"bandwidth_mbps": 1000}, actor=ben, now=now) is None


def test_of_two_edits_at_once_the_second_is_told(ben: User, host: Host, now: datetime) -> None:
    in_another_tab = Host.objects.get(pk=host.pk)
    edit(host, {"comment": "first"}, actor=ben, now=now, seen=0)
    for seen in (0, None):
        with pytest.raises(StaleEditError, match="changed by somebody else"):
            edit(in_another_tab, {"comment": "second"}, actor=ben, now=now, seen=seen)
    with pytest.raises(StaleEditError):
        edit(Host.objects.get(pk=host.pk), {"comment": "third"}, actor=ben, now=now, seen=0)
    assert Host.objects.get().comment == "first"


@pytest.mark.parametrize(
    ("field", "value"),
    [("bandwidth_mbps", 0), ("latitude", 100.0), ("contact", "nobody"), ("crawl_from", 24)],
)
def test_what_the_model_refuses_is_not_written(
    ben: User, host: Host, now: datetime, field: str, value: object
) -> None:
    with pytest.raises(ValidationError):
        edit(host, {field: value}, actor=ben, now=now)
    assert Host.objects.get().revision == 0


@pytest.mark.parametrize("whole_site", [True, False])
def test_going_private_forgets_what_was_believed_before(
    ben: User, host: Host, copy: HostCategory, now: datetime, *, whole_site: bool
) -> None:
    DirectoryIssueFactory.create(host_category=copy)
    edit(host.site if whole_site else host, {"private": True}, actor=ben, now=now)
    copy.refresh_from_db()
    assert (list(copy.up2date), copy.up2date_count, copy.up2date_revision) == ([], 0, 1)
    assert "tells us itself" in copy.reason
    assert not copy.issues.exists()


def test_what_is_deleted_stays_on_the_timeline(ben: User, host: Host, now: datetime) -> None:
    site = host.site
    remove(host, actor=ben, now=now)
    assert Event.objects.get(kind=EventKind.DELETED).subject == "host: mirror.example.org"
    remove(site, actor=ben, now=now)
    assert not Site.objects.exists()
    assert Event.objects.filter(kind=EventKind.DELETED).count() == 2


def test_a_category_is_carried_once_and_some_only_with_an_operator(
    ada: User, ben: User, host: Host, now: datetime
) -> None:
    category = CategoryFactory.create()
    row = carry(host, category, actor=ben, now=now)
    with pytest.raises(EditRefusedError, match="already"):
        carry(host, category, actor=ben, now=now)
    internal = CategoryFactory.create(admin_only=True)
    with pytest.raises(EditRefusedError, match="Only operators"):
        carry(host, internal, actor=ben, now=now)
    carry(host, internal, actor=ada, now=now)
    stop_carrying(row, actor=ben, now=now)
    assert host.host_categories.get().category == internal


def test_a_url_of_a_new_name_waits_and_is_neither_visited_nor_given(
    ada: User, ben: User, copy: HostCategory, now: datetime
) -> None:
    own = add_url(copy, "https://mirror.example.org/pub/", actor=ben, now=now)
    strange = add_url(copy, "https://elsewhere.example.net/pub", actor=ben, now=now)
    assert (own.url, own.approval) == ("https://mirror.example.org/pub", Approval.APPROVED)
    assert strange.approval == Approval.PENDING
    assert "elsewhere.example.net is a new name" in strange.approval_reason
    assert list(HostCategoryUrl.objects.public()) == [own]
    by_operator = add_url(copy, "https://third.example.net/pub", actor=ada, now=now)
    assert by_operator.approval == Approval.APPROVED
    later = add_url(copy, "http://third.example.net/pub", actor=ben, now=now)
    assert later.approval == Approval.APPROVED


@override_settings(APPROVAL_KINDS=[])
def test_an_installation_can_let_urls_count_at_once(
    ben: User, copy: HostCategory, now: datetime
) -> None:
    assert add_url(copy, "https://e.example.net/p", actor=ben, now=now).approval == "approved"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("javascript:alert(1)", "must begin with one of"),
        ("https://user:pass@mirror.example.org/", "user name or password"),
        ("https://mirror.example.org/" + "x" * 500, "at most 500"),
        ("https://mirror.example.org/pub", "is a URL of"),
        ("https://taken.example.org/pub", "belongs to another mirror"),
    ],
)
def test_what_is_no_url_or_taken_is_said(
    ben: User, copy: HostCategory, now: datetime, text: str, problem: str
) -> None:
    add_url(copy, "https://mirror.example.org/pub", actor=ben, now=now)
    other = HostCategory.objects.create(host=HostFactory.create(), category=copy.category)
    HostCategoryUrl.objects.create(host_category=other, url="https://taken.example.org/pub")
    with pytest.raises(EditRefusedError, match=problem) as refused:
        add_url(copy, text, actor=ben, now=now)
    assert other.host.name not in str(refused.value)
    assert copy.urls.count() == 1


def test_an_owner_cannot_hide_a_url(ben: User, copy: HostCategory, now: datetime) -> None:
    with pytest.raises(EditRefusedError, match="Only operators may change private"):
        add_url(copy, "https://mirror.example.org/", private=True, actor=ben, now=now)


def test_a_changed_url_is_judged_anew(ben: User, copy: HostCategory, now: datetime) -> None:
    url = add_url(copy, "https://mirror.example.org/pub", actor=ben, now=now)
    assert change_url(url, "https://mirror.example.org/pub/", actor=ben, now=now) == url
    changed = change_url(url, "https://evil.example.net/pub", actor=ben, now=now)
    assert changed.approval == Approval.PENDING
    assert copy.urls.get() == changed
    with pytest.raises(EditRefusedError):
        change_url(changed, "nothing", actor=ben, now=now)
    assert copy.urls.count() == 1
    remove_url(changed, actor=ben, now=now)
    assert not copy.urls.exists()


def test_a_url_that_is_taken_leaves_the_old_one(
    ben: User, copy: HostCategory, now: datetime
) -> None:
    url = add_url(copy, "https://mirror.example.org/a", actor=ben, now=now)
    add_url(copy, "https://mirror.example.org/b", actor=ben, now=now)
    with pytest.raises(EditRefusedError):
        change_url(url, "https://mirror.example.org/b", actor=ben, now=now)
    assert copy.urls.count() == 2


def test_a_host_moves_when_the_other_site_accepts(
    ben: User, cara: User, host: Host, other_site: Site, now: datetime
) -> None:
    token = issue_host_token(host, now=now).row
    offer = offer_host(host, other_site.name, actor=ben, now=now)
    assert accept_host(offer, actor=cara, now=now).site == other_site
    token.refresh_from_db()
    assert token.revoked_at == now
    assert not Host.objects.filter(site=ben.site_adminships.get().site).exists()
    with pytest.raises(EditRefusedError, match="withdrawn in the meantime"):
        accept_host(offer, actor=cara, now=now)


@pytest.mark.parametrize("name", ["Nobody", "", "\0", "Example University", "Waiting"])
def test_a_host_is_only_offered_to_another_active_site(
    ben: User, host: Host, now: datetime, name: str
) -> None:
    SiteFactory.create(name="Waiting", approval="pending")
    with pytest.raises(EditRefusedError):
        offer_host(host, name, actor=ben, now=now)


def test_an_offer_is_declined_or_stopped_by_a_name(
    ben: User, cara: User, host: Host, other_site: Site, now: datetime
) -> None:
    withdraw_offer(offer_host(host, other_site.name, actor=ben, now=now), actor=cara, now=now)
    assert Host.objects.get(pk=host.pk).site != other_site
    HostFactory.create(site=other_site, name="MIRROR.example.org")
    offer = offer_host(host, other_site.name, actor=ben, now=now)
    with pytest.raises(EditRefusedError, match="Rename one of them"):
        accept_host(offer, actor=cara, now=now)
