from typing import Any

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.test import Client

from registry.querysets import REVIEWERS, is_reviewer
from registry.roles import AccountBackend

pytestmark = pytest.mark.django_db

OWN, SHARED, MISSING = "registry.change_site", "registry.change_host", "registry.delete_host"


def permission(name: str) -> Permission:
    app, _, codename = name.partition(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


@pytest.fixture(autouse=True)
def everybody() -> None:
    """One account of each sort, each with a permission of its own and one of its group."""
    group = Group.objects.create(name="Editors")
    group.permissions.add(permission(SHARED), permission(OWN))
    sorts: tuple[tuple[str, Any], ...] = (
        ("member", {}),
        ("staff", {"is_staff": True}),
        ("superuser", {"is_superuser": True}),
        ("inactive", {"is_active": False}),
        ("inactive superuser", {"is_active": False, "is_superuser": True}),
    )
    for name, traits in sorts:
        user = User.objects.create_user(name, **traits)
        user.user_permissions.add(permission(OWN))
        user.groups.add(group)
    User.objects.create_user("bare")


def account(name: str) -> Any:
    """Return an account as a request loads it: it remembers nothing."""
    return User.objects.get(username=name) if name else AnonymousUser()


def told(backend: ModelBackend, name: str) -> dict[str, Any]:
    """Return what a backend says about an account, each answer by an object that is new."""
    host = Group()
    return {
        "all": backend.get_all_permissions(account(name)),
        "all of an object": backend.get_all_permissions(account(name), host),
        "own": backend.get_user_permissions(account(name)),
        "of groups": backend.get_group_permissions(account(name)),
        "has": [backend.has_perm(account(name), each) for each in (OWN, SHARED, MISSING, "", ".")],
        "has on an object": backend.has_perm(account(name), OWN, host),
        "modules": [
            backend.has_module_perms(account(name), app) for app in ("registry", "auth", "")
        ],
    }


@pytest.mark.parametrize(
    "name", ["", "bare", "member", "staff", "superuser", "inactive", "inactive superuser"]
)
def test_permissions_are_those_that_django_would_find(name: str) -> None:
    assert told(AccountBackend(), name) == told(ModelBackend(), name)


@pytest.mark.parametrize("name", [OWN, SHARED, MISSING])
@pytest.mark.parametrize("wanted", [{}, {"is_active": None}, {"include_superusers": False}])
def test_accounts_with_a_permission_are_those_that_django_would_find(
    name: str, wanted: dict[str, Any]
) -> None:
    found = AccountBackend().with_perm(name, **wanted)
    assert set(found) == set(ModelBackend().with_perm(name, **wanted))


@pytest.mark.parametrize("names", [[], ["Editors"], ["Editors", REVIEWERS], [REVIEWERS]])
def test_one_query_tells_permissions_and_whether_somebody_is_a_reviewer(
    names: list[str], django_assert_num_queries: Any
) -> None:
    account("staff").groups.set([Group.objects.get_or_create(name=name)[0] for name in names])
    user = account("staff")
    with django_assert_num_queries(1):
        assert user.has_perm(OWN)
        assert user.has_perm(SHARED) == ("Editors" in names)
        assert user.has_perm("registry.view_site") == (REVIEWERS in names)
        assert is_reviewer(user) == (REVIEWERS in names)


def test_a_group_is_no_permission_whatever_its_name() -> None:
    account("bare").groups.add(Group.objects.create(name=MISSING))
    assert account("bare").get_all_permissions() == set()


def test_changes_hold_from_the_next_request() -> None:
    client = Client()
    client.force_login(account("staff"))
    page = "/admin/registry/country/"
    assert client.get(page).status_code == 403
    account("staff").user_permissions.add(permission("registry.view_country"))
    assert client.get(page).status_code == 200
    account("staff").user_permissions.clear()
    assert client.get(page).status_code == 403
    account("staff").groups.add(Group.objects.get_or_create(name=REVIEWERS)[0])
    assert client.get(page).status_code == 200
    account("staff").groups.clear()
    assert client.get(page).status_code == 403
