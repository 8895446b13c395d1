"""Owners see whether and why their Host is offered, and nothing of the others."""

import pytest
from django.test import Client

from mirrorlist.services.snapshots import build_snapshot
from registry.models import Host
from tests.factories import HostFactory, SiteAdminFactory, UserFactory

pytestmark = pytest.mark.django_db
ASKED = {"ip": "193.99.144.80", "repo": "fedora-42", "arch": "x86_64", "kind": "mirrorlist"}


@pytest.fixture
def world(network, policy, now):
    network.host("good")
    network.host("stale", has=[network.os])
    network.host("secret-neighbor", private=True)
    build_snapshot(now=now, policy=policy)
    return network


def explained(client: Client, name: str, **asked: str) -> str:
    host = Host.objects.get(name=name)
    user = UserFactory.create()
    SiteAdminFactory.create(site=host.site, user=user)
    client.force_login(user)
    answer = client.get(f"/my/hosts/{host.pk}/explain/", asked)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_listed_host_is_offered_and_why(world, client) -> None:
    text = explained(client, "good", **ASKED)
    assert "It is number 1 of 1 in this draw." in text
    assert "It is in the client&#x27;s country." in text


def test_a_stale_host_is_not_offered_and_why(world, client) -> None:
    text = explained(client, "stale", **ASKED)
    assert "not offered" in text
    assert "does not have this Directory up2date" in text


def test_other_hosts_are_not_named(world, client) -> None:
    for name in ("good", "stale"):
        text = explained(client, name, **ASKED)
        assert "secret-neighbor" not in text
        assert ("stale" in text) is (name == "stale")


def test_the_form_starts_with_a_repository_that_it_carries(world, client) -> None:
    text = explained(client, "good")
    assert 'value="fedora-42"' in text
    assert "<h2>The answer</h2>" not in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ip": "nonsense"}, "Enter a valid IPv4 or IPv6 address."),
        ({"repo": ""}, "Fill in a path, or a Repository and an Arch."),
        ({"repo": "nothing-1"}, "404"),
    ],
)
def test_what_cannot_be_explained_says_why(world, client, changes, said) -> None:
    assert said in explained(client, "good", **ASKED | changes)


def test_a_host_that_the_snapshot_does_not_know_is_said(world, client) -> None:
    HostFactory.create(name="new")
    assert "The snapshot does not know it" in explained(client, "new", **ASKED)


def test_without_a_snapshot_that_is_said(network, client, settings, tmp_path) -> None:
    settings.MIRRORLIST_SNAPSHOT_DIR = tmp_path
    network.host("good")
    assert "There is no snapshot yet." in explained(client, "good", **ASKED)


def test_others_do_not_find_it(world, client, cara) -> None:
    client.force_login(cara)
    host = Host.objects.get(name="good")
    assert client.get(f"/my/hosts/{host.pk}/explain/", ASKED).status_code == 404


def test_strangers_are_asked_to_sign_in(world, client) -> None:
    host = Host.objects.get(name="good")
    assert client.get(f"/my/hosts/{host.pk}/explain/").status_code == 302
