import re
from datetime import datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from registry.admin.base import ModelAdmin
from registry.admin.credentials import new_check_in_password, new_host_token
from registry.models import Event, Host, HostToken, Site, SiteToSite, WrongPassword
from registry.services.credentials import TOKENS_PER_HOST, authenticate_token, issue_host_token
from tests.factories import HostFactory

pytestmark = pytest.mark.django_db


def act(action: Any, model: Any, user: User, **data: str) -> Any:
    """Run an action as the admin does; the page of the table itself may not exist yet."""
    page = ModelAdmin(model, admin.site)
    request = RequestFactory().post("/admin/", {"action": action.__name__} | data)
    request.user = user
    return action(page, request, model.objects.all()).render()


def test_a_new_password_is_asked_for_first(site: Site, ada: User) -> None:
    answer = act(new_check_in_password, Site, ada)
    assert "The old one ends at once" in answer.content.decode()
    assert 'name="confirmed"' in answer.content.decode()
    assert Site.objects.get().password == ""


def test_a_new_password_is_shown_once_and_kept_by_no_cache(site: Site, ada: User) -> None:
    answer = act(new_check_in_password, Site, ada, confirmed="1")
    (shown,) = re.findall(r"<code>(.*?)</code>", answer.content.decode())
    assert check_password(shown, Site.objects.get().password)
    assert answer["Cache-Control"] == "no-store"
    assert Event.objects.get().actor == ada


def test_a_new_token_is_shown_once(site: Site, ada: User, now: datetime) -> None:
    HostFactory.create(site=site)
    answer = act(new_host_token, Host, ada, confirmed="1")
    (shown,) = re.findall(r"<code>(.*?)</code>", answer.content.decode())
    row = authenticate_token(shown, scope=HostToken.Scope.CHECK_IN, now=now)
    assert row is not None
    assert row.created_by == ada


def test_a_host_with_too_many_tokens_does_not_hide_the_token_of_another(
    site: Site, ada: User, now: datetime
) -> None:
    full, _ = (HostFactory.create(site=site) for _ in range(2))
    for _ in range(TOKENS_PER_HOST):
        issue_host_token(full, now=now)
    answer = act(new_host_token, Host, ada, confirmed="1")
    shown = re.findall(r"<code>(.*?)</code>", answer.content.decode())
    assert sorted("revoke one" in one for one in shown) == [False, True]


def test_tokens_are_listed_without_their_secret_and_revoked(
    site: Site,
    admin: Client,
    now: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    issued = [issue_host_token(HostFactory.create(site=site), now=now) for _ in range(5)]
    url = reverse("admin:registry_hosttoken_changelist")
    with django_assert_max_num_queries(8):
        page = admin.get(url).content.decode()
    assert issued[0].row.prefix in page
    assert issued[0].row.token_hash not in page
    rows = [str(one.row.pk) for one in issued[:2]]
    answer = admin.post(url, {"action": "revoke", "_selected_action": rows}, follow=True)
    assert "2 token(s) were revoked" in answer.content.decode()
    assert HostToken.objects.filter(revoked_at=None).count() == 3


def test_only_whoever_may_change_tokens_revokes_them(
    site: Site, client: Client, now: datetime
) -> None:
    row = issue_host_token(HostFactory.create(site=site), now=now).row
    reader = User.objects.create_user("reader", is_staff=True)
    client.force_login(reader)
    url = reverse("admin:registry_hosttoken_changelist")
    client.post(url, {"action": "revoke", "_selected_action": [str(row.pk)]})
    assert HostToken.objects.get().revoked_at is None


def test_guesses_and_rights_have_their_pages(
    site: Site, other_site: Site, admin: Client, now: datetime
) -> None:
    WrongPassword.objects.create(
        network="192.0.2.1", site=site, fingerprint="x", first_at=now, last_at=now
    )
    SiteToSite.objects.create(upstream=site, downstream=other_site)
    for model, text in ((WrongPassword, "192.0.2.1"), (SiteToSite, "Another University")):
        url = reverse(f"admin:registry_{model._meta.model_name}_changelist")
        assert text in admin.get(url).content.decode()
        assert text in str(model.objects.get()) or model is WrongPassword


@pytest.mark.parametrize(
    ("table", "action"), [("site", "new_check_in_password"), ("host", "new_host_token")]
)
def test_the_pages_of_sites_and_hosts_have_the_actions(
    table: str, action: str, site: Site, admin: Client
) -> None:
    row = site if table == "site" else HostFactory.create(site=site)
    url = reverse(f"admin:registry_{table}_changelist")
    asked = admin.post(url, {"action": action, "_selected_action": [str(row.pk)]})
    assert 'name="confirmed"' in asked.content.decode()
    shown = admin.post(url, {"action": action, "_selected_action": [str(row.pk)], "confirmed": "1"})
    assert "<code>" in shown.content.decode()
