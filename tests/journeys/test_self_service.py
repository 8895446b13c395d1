"""A newcomer through the front door: registers, waits, is approved, adds a URL, is listed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from registry.models import Category, Directory, Event, Host, HostCategoryUrl, Site
from tests.crawler.mirrors import Mirror
from tests.crawler.world import crawl, good_files, make_category
from tests.factories import RepositoryFactory

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
ASKED = {"repo": "fedora-42", "arch": "x86_64", "ip": "127.0.0.1"}
NAME = "mirror.newcomer.example"
HOST_FORM = {
    "name": NAME,
    "country": "DE",
    "bandwidth_mbps": "1000",
    "max_connections": "4",
    "reach": "everybody",
    "asn_clients": "on",
}


@pytest.fixture
def category(settings: Settings, tmp_path: Path) -> Category:
    settings.MIRRORLIST_SNAPSHOT_DIR = tmp_path / "snapshots"
    settings.MIRRORLIST_MINIMUM_HOSTS = 1
    category = make_category(name="Fedora Linux")
    directory = Directory.objects.get(path=f"{category.top_directory}/42/os")
    RepositoryFactory.create(directory=directory, prefix="fedora-42")
    return category


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror(good_files()) as server:
        yield server


def go(client: Client, address: str, **form: object) -> str:
    """Send a form, follow to where it leads, and return what is there."""
    answer = client.post(address, form, follow=True)
    assert answer.status_code == 200, answer.content.decode()
    assert answer.redirect_chain
    return answer.content.decode()


def approve(operator: Client, thing: Site | Host | HostCategoryUrl) -> None:
    changelist = reverse(f"admin:registry_{thing._meta.model_name}_changelist")
    chosen = {"action": "approve_selected", "_selected_action": [thing.pk]}
    assert operator.post(changelist, chosen, follow=True).status_code == 200


def listed(client: Client, url: str) -> bool:
    call_command("build_snapshot", "--force", verbosity=0)
    return url in client.get("/mirrorlist", ASKED).content.decode()


def test_a_newcomer_registers_is_approved_adds_a_url_and_is_listed(
    category: Category, mirror: Mirror, admin: Client
) -> None:
    dora = Client()
    dora.force_login(User.objects.create_user("dora", "dora@example.org"))
    assert reverse("my:site-new") in dora.get("/my/").content.decode()

    text = go(dora, "/my/sites/new/", name="Newcomer University", user_active="on")
    assert "An operator looks at it meanwhile" in text
    site = Site.objects.get(name="Newcomer University")
    text = go(dora, f"/my/sites/{site.pk}/hosts/new/", **HOST_FORM)
    host = Host.objects.get(name=NAME)
    assert (site.approval, host.approval) == ("pending", "pending")

    approve(admin, site)
    approve(admin, host)
    go(dora, f"/my/hosts/{host.pk}/categories/", category=category.pk)
    copy = host.host_categories.get()
    text = go(dora, f"/my/hosts/{host.pk}/categories/{copy.pk}/urls/", url=mirror.url)
    assert "127.0.0.1 is a new name for this Host" in text
    crawl(host)
    assert not mirror.requests
    assert not listed(dora, mirror.url)

    approve(admin, copy.urls.get())
    crawl(host)
    assert listed(dora, mirror.url)
    sentences = "\n".join(Event.objects.filter(host=host).values_list("sentence", flat=True))
    assert "dora added the Host" in sentences
    assert f"dora added {mirror.url}" in sentences
