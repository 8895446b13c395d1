"""Filters of lists under names: one's own, shared ones, and what nobody may do to another's."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from registry.models import SavedFilter
from registry.querysets import REVIEWERS
from registry.services import filters
from registry.services.filters import FilterError, filters_of, save_filter
from tests.factories import HostFactory, SavedFilterFactory

pytestmark = pytest.mark.django_db

HOSTS = "/admin/registry/host/"
SAVE = "/admin/filters/save/"


@pytest.fixture
def rita(db: None) -> User:
    """Rita, a reviewer."""
    user = User.objects.create_user("rita", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=REVIEWERS)[0])
    return user


def test_a_filter_is_saved_from_the_list_shown_on_it_and_deleted(admin: Client) -> None:
    HostFactory.create(name="off", admin_active=False)
    page = admin.get(f"{HOSTS}?standing=operators&p=1")
    assert "Save this filter" in page.content.decode()
    data = {"table": "registry_host", "query": "standing=operators&p=1", "name": "Switched off"}
    saved = admin.post(SAVE, data, follow=True)
    assert saved.redirect_chain[-1][0] == f"{HOSTS}?standing=operators"
    text = admin.get(HOSTS).content.decode()
    assert f'<a href="{HOSTS}?standing=operators"' in text
    assert "Save this filter" not in text
    row = SavedFilter.objects.get()
    assert f"/admin/filters/{row.pk}/delete/" in saved.content.decode()
    admin.post(f"/admin/filters/{row.pk}/delete/")
    assert not SavedFilter.objects.exists()


def test_the_same_name_replaces_ones_own(admin: Client, ada: User) -> None:
    for query in ("standing=failing", "standing=system"):
        save_filter("registry_host", "Mine", query, user=ada)
    assert SavedFilter.objects.get().query == "standing=system"


def test_operators_share_filters_and_reviewers_do_not(ada: User, rita: User) -> None:
    shared = save_filter("registry_host", "For all", "standing=failing", user=ada, shared=True)
    own = save_filter("registry_host", "Mine", "standing=system", user=rita)
    assert list(filters_of("registry_host", user=rita)) == [shared, own]
    assert list(filters_of("registry_host", user=ada)) == [shared]
    with pytest.raises(FilterError, match="Only operators share"):
        save_filter("registry_host", "Hers", "standing=system", user=rita, shared=True)


def test_nobody_deletes_what_is_another_s(client: Client, ada: User, rita: User) -> None:
    private = SavedFilterFactory.create(user=ada, shared=False)
    shared = SavedFilterFactory.create(user=ada, shared=True)
    client.force_login(rita)
    for row in (private, shared):
        assert client.post(f"/admin/filters/{row.pk}/delete/").status_code == 404
    assert client.get(f"/admin/registry/savedfilter/{private.pk}/change/").status_code == 302
    assert SavedFilter.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        ("", "a=1", "needs a name"),
        ("x" * 61, "a=1", "needs a name"),
        ("Empty", "p=3&all=", "Nothing is filtered"),
        ("Long", "q=" + "x" * 1001, "too long"),
    ],
)
def test_what_is_no_filter_is_refused(ada: User, name: str, query: str, sentence: str) -> None:
    with pytest.raises(FilterError, match=sentence):
        save_filter("registry_host", name, query, user=ada)


def test_a_list_has_so_many_filters_of_one_user(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "FILTERS_PER_LIST", 1)
    save_filter("registry_host", "One", "a=1", user=ada)
    save_filter("registry_host", "One", "a=2", user=ada)
    with pytest.raises(FilterError, match="Delete one first"):
        save_filter("registry_host", "Two", "a=1", user=ada)


@pytest.mark.parametrize("table", ["registry_nonsense", "nonsense", "", "auth_permission"])
def test_lists_that_do_not_exist_have_no_filters(admin: Client, table: str) -> None:
    data = {"table": table, "query": "a=1", "name": "x"}
    assert admin.post(SAVE, data).status_code == 404


def test_a_filter_leads_nowhere_but_to_its_list(admin: Client) -> None:
    evil: Any = {"table": "registry_host", "query": "//evil.example/", "name": "x"}
    assert admin.post(SAVE, evil)["Location"] == f"{HOSTS}?//evil.example/"
    assert not SavedFilter.objects.exists()


def test_clerks_save_no_filter_of_lists_they_may_not_see(client: Client) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    client.force_login(clerk)
    data = {"table": "registry_host", "query": "standing=failing", "name": "x"}
    assert client.post(SAVE, data).status_code == 403
