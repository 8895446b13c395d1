"""Letters as a real mail server gets them."""

from datetime import datetime, timedelta
from random import Random

import pytest
from django.contrib.auth.models import User
from django.test import override_settings

from registry.models import Event, EventKind, Host, Notification, Site
from registry.services.events import record_event
from registry.services.notification_mail import send_letters
from registry.services.notifications import queue_emails
from tests.conftest import NOW
from tests.factories import HostFactory
from tests.ports import free_port
from tests.registry.post_office import SMTP, post_office, run, said, states

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def tell(host: Host, kind: EventKind = EventKind.URL_FAILED, *, now: datetime = NOW) -> Event:
    sentence = f"{kind.label} at {now:%H:%M}: <b>{host}</b>."
    event = record_event(host, kind, sentence, now=now)
    queue_emails(event, site=host.site, host=host)
    return event


@pytest.fixture
def host(site: Site, ben: User) -> Host:
    return HostFactory.create(site=site, name="m1.example.org")


def test_a_letter_has_text_and_html_and_leads_back_to_the_host(host: Host) -> None:
    tell(host)
    with post_office() as box, override_settings(BASE_URL="https://mirrors.example.org"):
        assert run().letters.sent == 1
    (letter,) = box.letters
    assert letter["Subject"] == "[Mirrorsite] m1.example.org: warnings"
    assert letter["To"] == "ben@example.org"
    assert letter["From"] == "mirrorsite@localhost"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@mirrors.example.org>")
    text, html = letter.iter_parts()
    page = f"https://mirrors.example.org/my/hosts/{host.pk}/"
    assert page in text.get_content()
    assert "URL failed at 12:00: <b>m1.example.org</b>." in text.get_content()
    assert f'href="{page}"' in html.get_content()
    assert "&lt;b&gt;m1.example.org&lt;/b&gt;" in html.get_content()
    assert "src=" not in html.get_content()
    assert "style" not in html.get_content()


def test_a_letter_waits_for_others_and_is_sent_once(host: Host) -> None:
    tell(host)
    with post_office() as box:
        assert run(MINUTE).letters.sent == 0
        tell(host, EventKind.URL_RECOVERED, now=NOW + MINUTE)
        assert run(2 * MINUTE).letters.sent == 1
        assert run(60 * MINUTE).letters.sent == 0
    assert box.letters[0]["Subject"] == "[Mirrorsite] m1.example.org: warnings, recovered"
    assert set(Notification.objects.values_list("state", flat=True)) == {"sent"}
    assert Notification.objects.values("letter").distinct().count() == 1


def test_somebody_with_fifty_hosts_gets_one_letter(site: Site, ben: User) -> None:
    for _ in range(50):
        tell(HostFactory.create(site=site))
    with post_office() as box:
        run()
    assert [letter["Subject"] for letter in box.letters] == [
        "[Mirrorsite] 50 messages about 50 mirrors: warnings"
    ]


def test_a_flapping_host_makes_four_letters_a_day_and_then_one_with_a_count(host: Host) -> None:
    with post_office() as box:
        for hour in range(12):
            kind = EventKind.URL_RECOVERED if hour % 2 else EventKind.URL_FAILED
            tell(host, kind, now=NOW + timedelta(hours=hour))
            run(timedelta(hours=hour, minutes=3))
        assert len(box.letters) == 4
        held = Notification.objects.filter(state="waiting")
        assert held.count() == 8
        assert all("4 letters about this Host" in row.reason for row in held)
        run(timedelta(hours=24, minutes=4))
    assert len(box.letters) == 5
    assert "8 messages came together; these are the last 3." in said(box.letters[-1])


def test_a_refused_address_is_given_up_with_what_the_server_said(host: Host) -> None:
    tell(host)
    with post_office() as box:
        box.answers["ben@example.org"] = "550 5.1.1 No such user"
        assert run().letters.failed == 1
    row = Notification.objects.get()
    assert row.state == "failed"
    assert row.reason == ("Given up: The mail server refused the address: 550 5.1.1 No such user")


def test_a_busy_server_is_asked_again_later_and_others_get_theirs(host: Host, site: Site) -> None:
    host.contact = "noc@example.org"
    host.save()
    tell(host)
    with post_office() as box:
        box.answers["ben@example.org"] = "450 4.2.0 Greylisted"
        outcome = run().letters
        assert (outcome.sent, outcome.failed) == (1, 1)
        assert states() == {"ben@example.org": "waiting", "noc@example.org": "sent"}
        row = Notification.objects.get(recipient="ben@example.org")
        assert "Attempt 1 failed" in row.reason
        assert NOW + 2 * MINUTE < row.due_at < NOW + 4 * MINUTE
        box.answers.clear()
        assert run(5 * MINUTE).letters.sent == 1
    assert len(box.to("ben@example.org")) == 1


def test_a_server_that_is_down_ends_the_run_and_costs_one_attempt(host: Host) -> None:
    host.contact = "noc@example.org"
    host.save()
    tell(host)
    port = free_port()
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port):
        assert run().letters.failed == 1
    assert sorted(Notification.objects.values_list("attempts", flat=True)) == [0, 1]
    assert set(states().values()) == {"waiting"}


def test_a_slow_server_does_not_keep_a_run_for_ever(host: Host) -> None:
    host.contact = "noc@example.org"
    host.save()
    tell(host)
    moments = iter(NOW + number * 3 * MINUTE for number in range(1, 99))
    with post_office() as box:
        assert send_letters(clock=lambda: next(moments), rng=Random(0)).sent == 1
    assert len(box.letters) == 1
    assert sorted(states().values()) == ["sent", "waiting"]


def test_without_a_mail_server_letters_wait_and_the_run_says_so(host: Host) -> None:
    tell(host)
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):
        assert "EMAIL_URL is not set" in run().sentence
    assert states() == {"ben@example.org": "waiting"}


def test_what_could_not_be_sent_for_days_is_no_news(host: Host) -> None:
    tell(host)
    with post_office() as box:
        run(timedelta(days=4))
    assert box.letters == []
    assert "is no news" in Notification.objects.get().reason


def test_finished_messages_are_forgotten_after_a_while(host: Host) -> None:
    tell(host)
    with post_office():
        run()
        run(timedelta(days=89))
        assert Notification.objects.count() == 1
        run(timedelta(days=91))
    assert Notification.objects.count() == 0
    assert Event.objects.count() == 1
