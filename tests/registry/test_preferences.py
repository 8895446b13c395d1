"""What people choose on their page is what happens; links in letters work without signing in."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from registry.models import (
    EventKind,
    Host,
    Notification,
    NotificationPreference,
    Site,
)
from registry.services.events import record_event
from registry.services.notifications import queue_emails
from tests.conftest import NOW
from tests.factories import HostFactory
from tests.registry.post_office import post_office, run, said
from tests.test_pages import assert_well_formed

pytestmark = pytest.mark.django_db
PAGE = "/my/notifications/"
HOUR = timedelta(hours=1)


@pytest.fixture
def host(site: Site, ben: User) -> Host:
    return HostFactory.create(site=site, name="m1.example.org")


def tell(host: Host, kind: EventKind = EventKind.URL_FAILED, *, after: timedelta = 0 * HOUR) -> int:
    event = record_event(host, kind, f"{kind.label} after {after}.", now=NOW + after)
    return queue_emails(event, site=host.site, host=host)


def choose(client: Client, user: User, **choices: object) -> int:
    client.force_login(user)
    return client.post(PAGE, {"digest_hour": 7, **choices}).status_code


def test_the_page_shows_what_holds_and_what_cannot_be_turned_off(client: Client, ben: User) -> None:
    client.force_login(ben)
    text = client.get(PAGE).content.decode()
    assert_well_formed(text)
    assert "ben@example.org" in text
    assert text.count("Cannot be turned off:") == 2
    assert "Operators write seldom" in text
    assert 'name="operations"' not in text


def test_operators_choose_about_operations(admin: Client) -> None:
    text = admin.get(PAGE).content.decode()
    assert 'name="operations"' in text
    assert 'name="warned"' not in text


def test_who_wants_nothing_of_a_topic_gets_nothing(client: Client, host: Host, ben: User) -> None:
    assert choose(client, ben, warned="never") == 302
    assert tell(host) == 0
    assert tell(host, EventKind.SYSTEM_DISABLED) == 1


@pytest.mark.parametrize(
    "choices",
    [
        {"message": "never"},
        {"approval": "never"},
        {"warned": "sometimes"},
        {"operations": "immediate"},
        {"digest_hour": "24"},
        {"digest_hour": "-1"},
        {"digest_hour": "٣"},
        {"digest_hour": "9" * 50},
    ],
)
def test_what_the_page_does_not_offer_is_refused(client: Client, ben: User, choices) -> None:
    assert choose(client, ben, **choices) == 400
    assert not NotificationPreference.objects.exists()


def test_the_digest_is_one_letter_a_day_at_the_chosen_hour(
    client: Client, host: Host, ben: User
) -> None:
    choose(client, ben, warned="digest", recovered="digest", digest_hour=6)
    for hour in range(10):
        tell(host, EventKind.URL_FAILED, after=hour * HOUR)
    with post_office() as box:
        assert run(17 * HOUR).letters.sent == 0
        assert run(18 * HOUR).letters.sent == 1
        assert run(42 * HOUR).letters.sent == 0
    (letter,) = box.letters
    assert letter["Subject"] == "[Mirrorsite] Daily digest: 10 messages about m1.example.org"
    assert "What happened since the last digest" in said(letter)


def test_what_waits_for_the_digest_moves_with_its_hour(
    client: Client, host: Host, ben: User
) -> None:
    choose(client, ben, warned="digest", digest_hour=6)
    tell(host)
    choose(client, ben, digest_hour=5)
    assert Notification.objects.get().due_at.hour == 5


def link_in(letter) -> str:
    found = re.fullmatch(
        r"<http://127.0.0.1:8000(/unsubscribe/.+/)>", letter["List-Unsubscribe"].strip()
    )
    assert found, letter["List-Unsubscribe"]
    return found[1]


def test_one_click_unsubscribes_without_a_session_or_a_cookie(host: Host, ben: User) -> None:
    tell(host)
    with post_office() as box:
        run()
    (letter,) = box.letters
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stranger = Client(enforce_csrf_checks=True)
    answer = stranger.post(link_in(letter), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert_well_formed(answer.content.decode())
    assert ben.notification_preference.paces == {"warned": "never"}
    assert tell(host) == 0
    assert tell(host, EventKind.SYSTEM_DISABLED) == 1


def test_looking_at_the_link_unsubscribes_nobody(host: Host, client: Client) -> None:
    tell(host)
    with post_office() as box:
        run()
    page = client.get(link_in(box.letters[0]))
    assert_well_formed(page.content.decode())
    assert "warnings" in page.content.decode()
    assert not NotificationPreference.objects.exists()


def test_a_bare_address_unsubscribes_for_itself_only(host: Host, client: Client) -> None:
    host.contact = "NOC@example.org"
    host.save()
    tell(host)
    with post_office() as box:
        run()
    client.post(link_in(box.to("NOC@example.org")[0]))
    tell(host, after=HOUR)
    assert list(
        Notification.objects.filter(state="waiting").values_list("recipient", flat=True)
    ) == ["ben@example.org"]


def test_unsubscribing_takes_what_waits_out_of_the_outbox(host: Host, client: Client) -> None:
    tell(host)
    with post_office() as box:
        run()
        tell(host, after=HOUR)
        client.post(link_in(box.letters[0]))
        run(2 * HOUR)
    assert len(box.letters) == 1
    assert Notification.objects.filter(reason="Its recipient unsubscribed.").count() == 1


def test_an_answer_to_a_request_has_no_way_out_and_says_why(host: Host) -> None:
    tell(host, EventKind.APPROVED)
    with post_office() as box:
        run()
    (letter,) = box.letters
    assert letter["List-Unsubscribe"] is None
    assert "It cannot be turned off" in said(letter)


@pytest.mark.parametrize("token", ["x", "eyJ1IjoxfQ:1vAbc:forged", "%00"])
def test_a_forged_link_changes_nothing_and_says_so(client: Client, ben: User, token: str) -> None:
    answer = client.post(f"/unsubscribe/{token}/")
    assert answer.status_code == 404
    assert "This link does not work" in answer.content.decode()
    assert not NotificationPreference.objects.exists()


def test_the_link_of_somebody_who_left_says_so(host: Host, ben: User, client: Client) -> None:
    tell(host)
    with post_office() as box:
        run()
    ben.delete()
    assert client.post(link_in(box.letters[0])).status_code == 404


def test_accounts_that_are_switched_off_get_no_letters(host: Host, ben: User) -> None:
    ben.is_active = False
    ben.save()
    assert tell(host) == 0


def test_a_contact_that_is_a_siteadmin_gets_one_letter_as_one(host: Host, ben: User) -> None:
    host.contact = "Ben@Example.org"
    host.save()
    assert tell(host) == 1
    assert Notification.objects.get().user == ben


def test_people_who_share_an_address_get_what_the_most_eager_wants(
    client: Client, site: Site, host: Host, ben: User, cara: User
) -> None:
    cara.email = ben.email
    cara.save()
    site.admins.create(user=cara)
    choose(client, ben, warned="never")
    assert tell(host) == 1
    assert Notification.objects.get().user == cara
