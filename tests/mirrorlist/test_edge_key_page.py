"""A token for an edge in the admin: shown once, by whoever may."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from mirrorlist.models import EdgeKey
from mirrorlist.services.edge_keys import authenticate_edge

pytestmark = pytest.mark.django_db
NEW = "/admin/mirrorlist/edgekey/new/"


def test_a_new_token_is_shown_once_and_works(admin: Client) -> None:
    assert "New token" in admin.get("/admin/mirrorlist/edgekey/").content.decode()
    answer = admin.post(NEW, {"edge": "edge-1"})
    token = answer.context["token"]
    assert token in answer.content.decode()
    assert answer.headers["Cache-Control"].startswith("no-store")
    row = authenticate_edge(token, now=timezone.now())
    assert row is not None
    assert row.edge == "edge-1"
    assert token not in admin.get(NEW).content.decode()


def test_a_name_that_no_edge_has_is_refused(admin: Client) -> None:
    text = admin.post(NEW, {"edge": "no name"}).content.decode()
    assert "letters, digits, dots and hyphens, not" in text
    assert not EdgeKey.objects.exists()


def test_who_may_only_look_issues_none(client: Client) -> None:
    dora = User.objects.create_user("dora", is_staff=True)
    dora.user_permissions.add(Permission.objects.get(codename="view_edgekey"))
    client.force_login(dora)
    assert client.post(NEW, {"edge": "edge-1"}).status_code == 403
    assert "New token" not in client.get("/admin/mirrorlist/edgekey/").content.decode()
