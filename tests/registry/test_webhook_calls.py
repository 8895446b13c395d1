"""Webhooks as a real receiver gets them, and what becomes of those that fail."""

import hmac
import time
from datetime import timedelta
from hashlib import sha256

import pytest
from django.contrib.auth.models import User
from django.test import override_settings

from registry.models import Event, EventKind, Host, Notification, Site, Webhook
from registry.outgoing import Call, post_all
from registry.services.events import record_event
from registry.services.webhooks import WebhookError, add_webhook, renew_secret, secret_of
from tests.conftest import NOW
from tests.factories import HostFactory, WebhookFactory
from tests.registry.post_office import SOON, post_office, receiver, run, said

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def host(site: Site, ben: User) -> Host:
    return HostFactory.create(site=site, name="m1.example.org", asn=64496)


def happen(host: Host, kind: EventKind = EventKind.SYSTEM_DISABLED, **over) -> Event:
    return record_event(host, kind, "4 visits failed.", now=over.pop("now", NOW), **over)


def hook_of(site: Site | None, url: str, **over) -> Webhook:
    return WebhookFactory.create(site=site, url=url, kinds=["system_disabled"], **over)


def test_a_call_has_the_facts_and_a_signature_that_fits(host: Host) -> None:
    with receiver() as hook:
        webhook = hook_of(host.site, hook.url)
        event = happen(host)
        assert run().webhooks.sent == 1
    (call,) = hook.calls
    assert call.json["id"] == event.pk
    assert call.json["site"]["admins"] == ["ben"]
    assert call.json["host"]["name"] == "m1.example.org"
    assert call.json["reason"] == "4 visits failed."
    signed = f"{call.headers['X-Mirrorsite-Timestamp']}.".encode() + call.body
    expected = hmac.new(secret_of(webhook).encode(), signed, sha256).hexdigest()
    assert call.headers["X-Mirrorsite-Signature"] == f"sha256={expected}"
    assert call.headers["X-Mirrorsite-Event"] == "system_disabled"
    assert call.headers["User-Agent"].startswith("mirrorsite-webhook/")
    webhook.refresh_from_db()
    assert webhook.last_result == "It answered 200."


def test_a_webhook_gets_its_own_site_and_its_kinds_only(host: Host, other_site: Site) -> None:
    with receiver() as mine, receiver() as others, receiver() as everything:
        hook_of(host.site, mine.url)
        hook_of(other_site, others.url)
        hook_of(None, everything.url)
        hook_of(None, mine.url, active=False)
        happen(host)
        happen(host, EventKind.URL_FAILED)
        run()
    assert [len(each.calls) for each in (mine, others, everything)] == [1, 0, 1]


def test_a_failed_call_is_made_again_with_the_same_id(host: Host) -> None:
    with receiver(status=503) as hook:
        webhook = hook_of(host.site, hook.url)
        happen(host)
        assert run().webhooks.failed == 1
        webhook.refresh_from_db()
        assert (webhook.last_result, webhook.failing_since_at) == ("It answered 503.", NOW + SOON)
        hook.status = 200
        run(2 * SOON)
    first, second = hook.calls
    assert first.body == second.body
    webhook.refresh_from_db()
    assert webhook.failing_since_at is None
    assert Notification.objects.get().state == "sent"


def test_a_redirect_is_not_followed(host: Host) -> None:
    with receiver() as target, receiver(status=302, location=target.url) as hook:
        hook_of(host.site, hook.url)
        happen(host)
        assert run().webhooks.failed == 1
    assert target.calls == []
    assert "redirects are not followed" in Notification.objects.get().reason


def test_a_receiver_that_hangs_is_left_in_time_and_delays_nobody(host: Host) -> None:
    with receiver(hang=True) as slow, receiver() as quick:
        hook_of(host.site, slow.url)
        hook_of(host.site, quick.url)
        happen(host)
        with override_settings(WEBHOOK_TIMEOUT_SECONDS=0.5):
            begun = time.monotonic()
            outcome = run().webhooks
        assert time.monotonic() - begun < 5
    assert (outcome.sent, outcome.failed) == (1, 1)
    row = Notification.objects.get(recipient=slow.url)
    assert "did not answer within 0.5 seconds" in row.reason


@pytest.mark.parametrize(
    "host_name",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "0.0.0.0"],
)
def test_addresses_of_our_own_network_are_not_called(host: Host, host_name: str) -> None:
    with receiver() as hook, override_settings(PROBE_ALLOW_PRIVATE=False):
        port = hook.url.split(":")[2]
        hook_of(host.site, f"http://{host_name}:{port}")
        happen(host)
        assert run().webhooks.failed == 1
    assert hook.calls == []
    assert "may not be visited" in Notification.objects.get().reason


def test_what_cannot_be_called_at_all_is_an_answer_too() -> None:
    (answer,) = post_all(
        [Call("http://exa mple/", {}, b"")], allow_private=True, user_agent="t", seconds=1
    )
    assert answer.status is None
    assert answer.fault


def test_a_webhook_that_fails_for_days_is_switched_off_and_its_owner_told(host: Host) -> None:
    with receiver(status=500) as hook, post_office() as box:
        webhook = hook_of(host.site, hook.url)
        for day in range(4):
            happen(host, now=NOW + day * DAY)
            run(day * DAY + SOON)
        webhook.refresh_from_db()
        assert not webhook.active
        calls = len(hook.calls)
        run(3 * DAY + 3 * SOON)
        run(8 * DAY)
        assert len(hook.calls) == calls
    letters = [each for each in box.letters if "webhooks" in each["Subject"]]
    assert len(letters) == 1
    assert "every call failed for 3 days" in said(letters[0])
    assert set(Notification.objects.filter(channel="webhook").values_list("state", flat=True)) == {
        "failed"
    }


def test_a_receiver_that_is_gone_is_switched_off_at_once(host: Host, ada: User) -> None:
    with receiver(status=410) as hook:
        webhook = hook_of(None, hook.url, created_by=ada)
        happen(host)
        assert run().webhooks.switched_off == 1
    webhook.refresh_from_db()
    assert not webhook.active
    assert Notification.objects.get(channel="email").recipient == "ada@example.org"


def test_a_dead_webhook_with_a_long_queue_leaves_room_for_others(host: Host) -> None:
    with receiver(status=500) as dead, receiver() as alive:
        hook_of(host.site, dead.url)
        for _ in range(30):
            happen(host)
        run(0 * DAY)
        hook_of(host.site, alive.url)
        happen(host)
        run()
        assert len(alive.calls) == 1
        assert len(dead.calls) <= 40


def test_a_new_secret_signs_from_now_on_and_none_is_stored(site: Site, ben: User, now) -> None:
    webhook = add_webhook(site, "https://hooks.example.org/", ["changed"], actor=ben, now=now)
    old = secret_of(webhook)
    new = renew_secret(webhook, actor=ben, now=now)
    assert new == secret_of(webhook) != old
    stored = str(list(Webhook.objects.values_list()))
    assert new not in stored
    assert new.removeprefix("whsec_") not in stored
    with override_settings(SECRET_KEY="another key"):
        assert secret_of(webhook) != new


def test_a_site_has_only_so_many_webhooks(site: Site, ben: User, now) -> None:
    for _ in range(10):
        add_webhook(site, "https://hooks.example.org/", ["changed"], actor=ben, now=now)
    with pytest.raises(WebhookError, match="remove one"):
        add_webhook(site, "https://hooks.example.org/", ["changed"], actor=ben, now=now)
