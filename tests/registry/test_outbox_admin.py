"""What operators see of the outbox and of webhooks, and what they can do there and by command."""

import json
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from registry.models import Event, EventKind, Host, Notification, Site, Webhook
from registry.services.events import record_event
from registry.services.notifications import queue_emails
from registry.services.webhooks import secret_of
from tests.conftest import NOW
from tests.factories import HostFactory, NotificationFactory, WebhookFactory
from tests.registry.post_office import SOON, post_office, receiver, run

pytestmark = pytest.mark.django_db
LIST = "/admin/registry/notification/"
HOOKS = "/admin/registry/webhook/"


@pytest.fixture
def host(site: Site, ben: User) -> Host:
    return HostFactory.create(site=site, name="m1.example.org")


def tell(host: Host) -> Notification:
    event = record_event(host, EventKind.URL_FAILED, "It <fails>.", now=NOW)
    queue_emails(event, site=host.site, host=host)
    return Notification.objects.get(event=event)


def page_of(row: Notification) -> str:
    return reverse("admin:registry_notification_change", args=[row.pk])


def act(admin: Client, where: str, action: str, things: list[Any], **form: str):
    selected = [thing.pk for thing in things]
    return admin.post(where, {"action": action, "_selected_action": selected, **form})


def test_a_letter_can_be_read_before_and_after_it_is_sent(admin: Client, host: Host) -> None:
    row = tell(host)
    before = admin.get(page_of(row)).content.decode()
    assert "Subject: [Mirrorsite] m1.example.org: warnings" in before
    assert "It &lt;fails&gt;." in before
    with post_office():
        run()
    assert (
        "Subject: [Mirrorsite] m1.example.org: warnings" in admin.get(page_of(row)).content.decode()
    )


def test_the_body_of_a_call_can_be_read(admin: Client, host: Host) -> None:
    WebhookFactory.create(site=host.site, kinds=["url_failed"])
    record_event(host, EventKind.URL_FAILED, "It fails.", now=NOW)
    run()
    page = admin.get(page_of(Notification.objects.get(channel="webhook"))).content.decode()
    assert "&quot;event&quot;: &quot;url_failed&quot;" in page


def test_what_was_given_up_can_be_tried_again(admin: Client, host: Host) -> None:
    row = tell(host)
    with post_office() as box:
        box.answers["ben@example.org"] = "550 No"
        run()
        act(admin, LIST, "try_again", [row])
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("waiting", 0)
        box.answers.clear()
        run(now=timezone.now())
        assert len(box.letters) == 1


def test_what_was_sent_is_not_sent_again(admin: Client) -> None:
    row = NotificationFactory.create(state="sent")
    act(admin, LIST, "try_again", [row])
    row.refresh_from_db()
    assert row.state == "sent"


def test_an_operator_adds_a_webhook_and_sees_its_secret_once(admin: Client, ada: User) -> None:
    form = {"url": "https://hooks.example.org/all", "kinds": ["created", "deleted"], "active": "on"}
    assert admin.post(f"{HOOKS}add/", form).status_code == 302
    webhook = Webhook.objects.get()
    assert (webhook.created_by, webhook.kinds) == (ada, ["created", "deleted"])
    assert secret_of(webhook) not in admin.get(f"{HOOKS}{webhook.pk}/change/").content.decode()
    page = act(admin, HOOKS, "new_secret", [webhook], confirmed="1")
    webhook.refresh_from_db()
    assert secret_of(webhook) in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_a_url_that_cannot_be_called_is_refused_with_the_reason(admin: Client) -> None:
    form = {"url": "https://ben:secret@example.org/", "kinds": ["created"], "active": "on"}
    answer = admin.post(f"{HOOKS}add/", form)
    assert "Leave the user name and password out" in answer.content.decode()
    assert not Webhook.objects.exists()


def test_an_operator_tries_and_switches_webhooks(admin: Client, site: Site) -> None:
    with receiver() as hook:
        webhook = WebhookFactory.create(site=None, url=hook.url)
        act(admin, HOOKS, "try_now", [webhook])
        run(now=timezone.now())
        assert hook.calls[0].json["event"] == "webhook_tested"
    act(admin, HOOKS, "switch_off", [webhook])
    webhook.refresh_from_db()
    assert not webhook.active
    act(admin, HOOKS, "try_now", [webhook])
    assert Notification.objects.count() == 1
    act(admin, HOOKS, "switch_on", [webhook])
    webhook.refresh_from_db()
    assert webhook.active


def test_a_siteadmin_adds_tries_and_removes_a_webhook(
    client: Client, site: Site, ben: User
) -> None:
    client.force_login(ben)
    with receiver() as hook:
        form = {"url": hook.url, "kinds": ["system_disabled"]}
        page = client.post(f"/my/sites/{site.pk}/webhooks/", form).content.decode()
        webhook = Webhook.objects.get()
        assert secret_of(webhook) in page
        where = f"/my/sites/{site.pk}/webhooks/{webhook.pk}/"
        client.post(f"{where}try/")
        run(now=timezone.now())
        assert len(hook.calls) == 1
    assert "It answered 200." in client.get(where).content.decode()
    client.post(f"{where}switch/")
    assert "switched off" in client.post(f"{where}try/", follow=True).content.decode()
    client.post(f"{where}remove/")
    assert not Webhook.objects.exists()
    assert Event.objects.filter(site=site, kind=EventKind.DELETED).exists()


@pytest.mark.parametrize(
    "form",
    [
        {"url": "https://hooks.example.org/", "kinds": []},
        {"url": "https://hooks.example.org/", "kinds": ["snapshot_refused"]},
        {"url": "https://hooks.example.org/", "kinds": ["message"]},
        {"url": "javascript:alert(1)", "kinds": ["changed"]},
        {"url": "https://hooks.example.org/" + "x" * 500, "kinds": ["changed"]},
    ],
)
def test_what_a_webhook_cannot_be_is_said_on_the_page(client, site, ben, form) -> None:
    client.force_login(ben)
    answer = client.post(f"/my/sites/{site.pk}/webhooks/", form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not Webhook.objects.exists()


def test_fields_that_the_form_does_not_have_are_not_taken(client, site, other_site, ben) -> None:
    client.force_login(ben)
    webhook = WebhookFactory.create(site=site)
    client.post(
        f"/my/sites/{site.pk}/webhooks/{webhook.pk}/",
        {
            "url": "https://hooks.example.org/new",
            "kinds": ["changed"],
            "site": "",
            "site_id": other_site.pk,
            "secret_salt": "x",
        },
    )
    changed = Webhook.objects.get()
    assert (changed.url, changed.site) == ("https://hooks.example.org/new", site)
    assert changed.secret_salt == webhook.secret_salt


def test_the_command_shows_what_is_due_and_sends_it(host: Host, capsys) -> None:
    row = tell(host)
    with post_office() as box, time_machine.travel(NOW + SOON, tick=False):
        call_command("send_notifications", "--dry-run")
        assert capsys.readouterr().out.splitlines() == [
            "ben@example.org: [Mirrorsite] m1.example.org: warnings (1)",
            "1 letter, 0 webhook calls and 0 bus messages are due. Nothing was sent.",
        ]
        call_command("send_notifications", "--dry-run", "--json")
        assert json.loads(capsys.readouterr().out)["due"] == {"email": 1, "webhook": 0, "bus": 0}
        assert box.letters == []
        call_command("send_notifications", "--json")
        assert json.loads(capsys.readouterr().out)["letters"]["sent"] == 1
        call_command("send_notifications")
        assert capsys.readouterr().out.startswith("0 letters, 0 webhook calls")
    row.refresh_from_db()
    assert row.state == "sent"


def test_the_list_of_a_long_outbox_is_cheap(admin: Client, django_assert_max_num_queries) -> None:
    for _ in range(60):
        NotificationFactory.create(recipient="noc@example.org")
    admin.get(LIST)
    with django_assert_max_num_queries(14), override_settings(DEBUG=False):
        assert admin.get(LIST).status_code == 200
