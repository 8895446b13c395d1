"""The approval queue, as an operator uses it."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from registry.models import EnrolRequest, Host, HostNetblock, Site
from tests.factories import (
    CategoryFactory,
    EnrolRequestFactory,
    HostFactory,
    HostNetblockFactory,
    SiteFactory,
    UserFactory,
    carry,
)

pytestmark = pytest.mark.django_db

QUEUE = "/admin/approvals/"


def test_everything_that_waits_is_on_one_page_with_what_is_known(admin: Client) -> None:
    SiteFactory.create(name="New College", approval="pending")
    HostFactory.create(name="new.example.org", approval="pending", bandwidth_mbps=2500)
    HostNetblockFactory.create(netblock="11.0.0.0/8", approval="pending")
    EnrolRequestFactory.create(user_code="WDJB-MJHT", description={"storage": "4 TB"})
    HostFactory.create(name="old.example.org")
    text = admin.get(QUEUE).content.decode()
    for part in ("New College", "2500 Mbit/s", "wider than /16", "WDJB-MJHT", "storage: 4 TB"):
        assert part in text
    assert "old.example.org" not in text


def test_several_are_approved_at_once(admin: Client) -> None:
    site = SiteFactory.create(approval="pending")
    host = HostFactory.create(approval="pending", site=site)
    selected = [f"site-{site.pk}", f"host-{host.pk}"]
    page = admin.post(QUEUE, {"selected": selected, "approve": "1"}, follow=True)
    assert "Approved: 2 objects." in page.content.decode()
    assert list(Host.objects.listable()) == [host]


def test_rejecting_without_a_sentence_keeps_what_was_selected(admin: Client) -> None:
    netblock = HostNetblockFactory.create(approval="pending")
    data = {"selected": f"hostnetblock-{netblock.pk}", "reject": "1"}
    page = admin.post(QUEUE, {**data, "sentence": " "})
    assert "Say in a sentence why" in page.content.decode()
    assert page.context["selected"] == [f"hostnetblock-{netblock.pk}"]
    admin.post(QUEUE, {**data, "sentence": "It is not yours."})
    assert HostNetblock.objects.get().approval_reason == "It is not yours."


def test_nothing_selected_is_said(admin: Client) -> None:
    assert "Select something first." in admin.post(QUEUE, {"approve": "1"}).content.decode()


def test_what_somebody_decided_meanwhile_is_reported(admin: Client) -> None:
    host = HostFactory.create(name="M1", approval="rejected")
    page = admin.post(QUEUE, {"selected": f"host-{host.pk}", "approve": "1"}, follow=True)
    assert "M1: It is rejected already." in page.content.decode()
    assert Host.objects.get().approval == "rejected"


def test_an_empty_queue_says_how_it_is_filled(admin: Client) -> None:
    assert "Nothing waits. New Sites" in admin.get(QUEUE).content.decode()


@pytest.mark.parametrize("selected", ["host-x", "nonsense", "user-1", "site-999999", "-"])
def test_made_up_selections_change_nothing(admin: Client, selected: str) -> None:
    SiteFactory.create(approval="pending")
    assert admin.post(QUEUE, {"selected": selected, "approve": "1"}).status_code == 200
    assert Site.objects.get().approval == "pending"


def test_staff_see_and_decide_only_the_kinds_they_may_change(client: Client) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="change_enrolrequest"))
    client.force_login(clerk)
    site, request = SiteFactory.create(approval="pending"), EnrolRequestFactory.create()
    selected = [f"site-{site.pk}", f"enrolrequest-{request.pk}"]
    client.post(QUEUE, {"selected": selected, "approve": "1"})
    assert Site.objects.get().approval == "pending"
    assert EnrolRequest.objects.get().approval == "approved"


def test_the_queue_costs_the_same_whatever_its_length(
    admin: Client, django_assert_max_num_queries
) -> None:
    for number in range(5):
        SiteFactory.create(approval="pending", created_by=UserFactory.create())
        carry(
            HostFactory.create(approval="pending"), CategoryFactory.create(), f"https://{number}/"
        )
        HostNetblockFactory.create(approval="pending")
        EnrolRequestFactory.create()
    with django_assert_max_num_queries(12):  # one a kind, four of facts, questions, the session
        assert admin.get(QUEUE).status_code == 200
