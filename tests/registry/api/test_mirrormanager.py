"""MirrorManager's two JSON addresses: its shapes for its programs, and names for nobody else."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from registry.models import Arch, Host, Site
from tests import factories
from tests.registry.api.calling import Caller

pytestmark = pytest.mark.django_db


def ask(path: str, caller: Caller | None = None) -> Any:
    headers = {"Authorization": f"Bearer {caller.token}"} if caller and caller.token else {}
    return Client().get(path, headers=headers)


@pytest.mark.parametrize("slash", ["", "/"])
def test_repositories_are_listed_by_prefix_in_the_order_of_arches(slash: str) -> None:
    rows = [
        ("updates-released-f42", "x86_64", "pub/fedora/updates/42/x86_64"),
        ("fedora-42", "aarch64", "pub/fedora/42/aarch64"),
        ("", "x86_64", "pub/fedora/unrecognized"),
    ]
    for prefix, arch, path in rows:
        directory = factories.DirectoryFactory.create(path=path)
        found = Arch.objects.get(name=arch)
        factories.RepositoryFactory.create(directory=directory, prefix=prefix, arch=found)
    answer = ask(f"/api/repositories{slash}")
    assert answer.status_code == 200
    named = {prefix: {"directory": path, "name": path} for prefix, _, path in rows if prefix}
    listed = answer.json()["repositories"]
    assert answer.json()["total"] == 2
    assert {name: one for entry in listed for name, one in entry.items()} == named
    order = Arch.objects.order_by("pk").filter(name__in=["x86_64", "aarch64"])
    assert [next(iter(entry.values()))["directory"].rpartition("/")[2] for entry in listed] == [
        arch.name for arch in order
    ]


def test_strangers_get_no_names_of_accounts(callers: dict[str, Caller]) -> None:
    answer = ask("/api/mirroradmins")
    assert answer.status_code == 401
    assert set(answer.json()) == {"message"}
    assert "ben" not in answer.text


@pytest.mark.parametrize("slash", ["", "/"])
def test_names_are_listed_for_those_who_may_see_them(
    slash: str, callers: dict[str, Caller], site: Site
) -> None:
    factories.SiteAdminFactory.create(site=site, user=User.objects.get(username="cara"))
    path = f"/api/mirroradmins{slash}"
    assert ask(path, callers["operator"]).json() == {"admins": ["ben", "cara"], "total": 2}
    assert ask(path, callers["owner"]).json() == {"admins": ["ben", "cara"], "total": 2}
    assert ask(path, callers["reviewer"]).json()["total"] == 2


def test_one_host_or_site_gives_its_admins_and_who_registered_it(
    callers: dict[str, Caller], site: Site, host: Host, rita: User
) -> None:
    Site.objects.filter(pk=site.pk).update(created_by=rita)
    for name in (host.name, site.name):
        answer = ask(f"/api/mirroradmins?name={name}", callers["operator"])
        assert answer.json() == {"admins": ["ben", "rita"], "total": 2}


@pytest.mark.parametrize("name", ["nobody", "", "a%00b", "Another University"])
def test_what_one_may_not_see_is_unknown(name: str, callers: dict[str, Caller]) -> None:
    answer = ask(f"/api/mirroradmins?name={name}", callers["owner"])
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("No host or site found for ")


def test_operators_may_keep_names_public_as_they_were(
    callers: dict[str, Caller], settings: Any, other_site: Site
) -> None:
    settings.API_PUBLIC_ADMIN_NAMES = True
    Site.objects.filter(pk=other_site.pk).update(private=True)
    assert ask("/api/mirroradmins").json() == {"admins": ["ben"], "total": 1}
    assert ask("/api/mirroradmins?name=Another University").status_code == 400
