"""Operators write to the owners of Hosts: who gets it is shown first, and each gets it once."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from registry.models import Category, Event, EventKind, Host, Notification, Site
from registry.services.owner_messages import MessageError, find_audience, write_to_owners
from tests.conftest import NOW
from tests.factories import CategoryFactory, HostFactory, SiteAdminFactory, SiteFactory, carry
from tests.registry.post_office import post_office, run, said

pytestmark = pytest.mark.django_db
TEXT = "The tree moves on Monday.\n\nSee https://example.org/move."


@pytest.fixture
def hosts(site: Site, other_site: Site, ben: User, cara: User) -> list[Host]:
    """Two Hosts of Ben, one of Cara for which Ben is a SiteAdmin, too, and one of nobody."""
    SiteAdminFactory.create(site=other_site, user=ben)
    return [
        HostFactory.create(site=site, name="m1.example.org"),
        HostFactory.create(site=site, name="m2.example.org", contact="noc@example.org"),
        HostFactory.create(site=other_site, name="m3.example.org"),
        HostFactory.create(site=SiteFactory.create(name="Zero"), name="m4.example.org"),
    ]


def test_the_audience_says_who_for_which_hosts_and_who_cannot_be_reached(hosts) -> None:
    audience = find_audience(hosts)
    assert {(each.address, each.hosts) for each in audience.readers} == {
        ("ben@example.org", ("m1.example.org", "m2.example.org", "m3.example.org")),
        ("cara@example.org", ("m3.example.org",)),
        ("noc@example.org", ("m2.example.org",)),
    }
    assert audience.unreachable == [hosts[3]]
    assert not Event.objects.exists()


def test_each_person_gets_one_letter_and_each_site_has_it_on_its_timeline(hosts, ada) -> None:
    assert write_to_owners(hosts, "  Moving\nsoon ", TEXT, actor=ada, now=NOW) == 3
    with post_office() as box:
        assert run().letters.sent == 3
    (letter,) = box.to("ben@example.org")
    assert letter["Subject"] == "[Mirrorsite] Moving soon"
    assert letter["List-Unsubscribe"] is None
    text = said(letter)
    assert text.startswith("The tree moves on Monday.")
    assert "m1.example.org, m2.example.org, m3.example.org" in text
    assert '<a href="https://example.org/move"' in said(letter, "html")
    assert box.to("noc@example.org")[0]["List-Unsubscribe"]
    events = Event.objects.filter(kind=EventKind.MESSAGE)
    assert {event.site.name for event in events if event.site} == {
        "Example University",
        "Another University",
        "Zero",
    }


def test_two_messages_are_two_letters(hosts, ada) -> None:
    for subject in ("One", "Two"):
        write_to_owners(hosts[:1], subject, TEXT, actor=ada, now=NOW)
    with post_office() as box:
        run()
    assert len(box.letters) == 2


@pytest.mark.parametrize(
    ("subject", "text"),
    [("", TEXT), (" \n ", TEXT), ("Moving", " "), ("x" * 121, TEXT), ("Moving", "x" * 20_001)],
)
def test_a_message_that_says_nothing_or_too_much_is_not_sent(hosts, ada, subject, text) -> None:
    with pytest.raises(MessageError):
        write_to_owners(hosts, subject, text, actor=ada, now=NOW)
    assert not Event.objects.exists()


def test_a_message_that_nobody_would_get_leaves_no_trace(hosts, ada) -> None:
    with pytest.raises(MessageError, match="Nobody would get it"):
        write_to_owners(hosts[3:], "Moving", TEXT, actor=ada, now=NOW)
    assert not Event.objects.exists()


def act(admin: Client, model: str, things: list[Host] | list[Category], **form: str):
    return admin.post(
        f"/admin/registry/{model}/",
        {
            "action": "write_to_owners_action",
            "_selected_action": [thing.pk for thing in things],
            **form,
        },
    )


def test_an_operator_sees_who_gets_a_message_before_it_is_sent(admin: Client, hosts) -> None:
    page = act(admin, "host", hosts).content.decode()
    assert "3 people would get it, about 4 Hosts" in page
    assert 'name="send"' not in page
    page = act(admin, "host", hosts, subject="Moving", text=TEXT, preview="1").content.decode()
    assert 'name="send"' in page
    assert not Notification.objects.exists()
    answer = act(admin, "host", hosts, subject="Moving", text=TEXT, send="1")
    assert answer.status_code == 302
    assert Notification.objects.filter(topic="message").count() == 4


def test_a_message_about_a_category_reaches_those_who_carry_it(admin: Client, hosts) -> None:
    category: Category = CategoryFactory.create()
    carry(hosts[2], category, "https://m3.example.org/pub")
    carry(HostFactory.create(approval="rejected"), category, "https://m5.example.org/pub")
    page = act(admin, "category", [category]).content.decode()
    assert "2 people would get it, about 1 Hosts" in page
    act(admin, "category", [category], subject="Moving", text=TEXT, send="1")
    assert set(Notification.objects.values_list("recipient", flat=True)) == {
        "ben@example.org",
        "cara@example.org",
    }


def test_an_empty_message_stays_on_the_page_with_the_reason(admin: Client, hosts) -> None:
    page = act(admin, "host", hosts, subject="", text=TEXT, send="1").content.decode()
    assert "A message needs a subject and a text." in page


def test_a_thousand_hosts_cost_few_queries(ada, site, ben, django_assert_max_num_queries) -> None:
    hosts = [HostFactory.create(site=site) for _ in range(50)]
    with django_assert_max_num_queries(10):
        write_to_owners(
            Host.objects.filter(pk__in=[host.pk for host in hosts]).select_related("site"),
            "Moving",
            TEXT,
            actor=ada,
            now=NOW,
        )
