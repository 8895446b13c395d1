"""Pills and lists that only show something for rows in a particular state."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.logic.listings import Entry
from registry.models import Arch, Directory
from tests.factories import (
    LATER,
    THEN,
    DirectoryFactory,
    DirectoryIssueFactory,
    HostCategoryFactory,
    HostFactory,
    NodeKeyFactory,
    PairingCodeFactory,
    RepositoryFactory,
    SiteAdminFactory,
    SiteFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "pill"),
    [
        ({}, "pill-warn"),
        ({"revoked_at": THEN}, "pill-bad"),
        ({"redeemed_at": THEN}, "pill-ok"),
        ({"expires_at": datetime.fromisoformat("2020-01-01T00:00:00Z")}, "pill-muted"),
    ],
)
def test_a_pairing_code_shows_what_became_of_it(
    admin: Client, state: dict[str, Any], pill: str
) -> None:
    PairingCodeFactory.create(**state)
    assert f'class="pill {pill}"' in admin.get("/admin/registry/pairingcode/").content.decode()


@pytest.mark.parametrize(
    ("state", "pill"),
    [
        ({"expires_at": LATER}, "pill-ok"),
        ({"revoked_at": THEN, "revoked_reason": "Lost."}, "pill-bad"),
        ({"expires_at": datetime.fromisoformat("2020-01-01T00:00:00Z")}, "pill-muted"),
    ],
)
def test_a_node_key_shows_whether_it_works(admin: Client, state: dict[str, Any], pill: str) -> None:
    NodeKeyFactory.create(**state)
    assert f'class="pill {pill}"' in admin.get("/admin/registry/nodekey/").content.decode()


@pytest.mark.parametrize(
    ("state", "label"),
    [({"disabled": True}, "disabled"), ({"prefix": ""}, "no prefix"), ({}, "active")],
)
def test_a_repository_shows_whether_clients_can_ask_for_it(
    admin: Client, state: dict[str, Any], label: str
) -> None:
    RepositoryFactory.create(**state)
    text = admin.get("/admin/registry/repository/").content.decode()
    assert f">{label}</span>" in text


def test_a_directory_says_who_has_it_and_what_is_in_it(admin: Client) -> None:
    issue = DirectoryIssueFactory.create(sentence="repomd.xml is from last week.")
    HostCategoryFactory.create(category=issue.directory.category, always_up2date=True)
    text = admin.get(f"/admin/registry/directory/{issue.directory.pk}/change/").content.decode()
    assert "repomd.xml is from last week." in text
    assert "An operator takes this copy for up2date without looking." in text
    assert "It has no files." in text


def test_a_long_listing_is_cut(admin: Client) -> None:
    files = tuple(Entry(f"file{number:03}", number, 0) for number in range(250))
    directory: Directory = DirectoryFactory.create(entries=files)
    text = admin.get(f"/admin/registry/directory/{directory.pk}/change/").content.decode()
    assert "file199" in text
    assert "file200" not in text
    assert "and 50 more" in text
    assert "No Host carries it." in text


def test_a_site_page_costs_the_same_with_many_rows_on_it(admin: Client) -> None:
    one, many = SiteFactory.create(), SiteFactory.create()
    for site, times in ((one, 1), (many, 5)):
        HostFactory.create_batch(times, site=site)
        SiteAdminFactory.create_batch(times, site=site)
    admin.get(f"/admin/registry/site/{one.pk}/change/")
    with CaptureQueriesContext(connection) as few:
        admin.get(f"/admin/registry/site/{one.pk}/change/")
    with CaptureQueriesContext(connection) as more:
        text = admin.get(f"/admin/registry/site/{many.pk}/change/").content.decode()
    assert len(few) == len(more) <= 20
    assert "The operators have the Site switched on." in text


def test_the_page_of_one_app_lists_all_its_tables(admin: Client) -> None:
    (app,) = admin.get("/admin/registry/").context["app_list"]
    assert app["name"] == "Registry"
    assert len(app["models"]) > 25


def test_arches_of_the_reference_data_can_be_found(admin: Client) -> None:
    page = admin.get("/admin/registry/arch/", {"q": "x86_64"})
    assert list(page.context["cl"].result_list) == list(Arch.objects.filter(name="x86_64"))
