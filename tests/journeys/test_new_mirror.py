"""A mirror through the front door: pending, approved, listed, stale, dropped, current again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from mirrorsite.demo.disk import DemoDisk
from mirrorsite.demo.mirrors import mirror_ports, serve_mirrors
from mirrorsite.demo.world import build_world
from registry.models import Category, DirectoryIssue, Host
from tests.conftest import NOW
from tests.factories import HostFactory, carry
from tests.ports import free_port

ASKED = {"repo": "updates-released-f42", "arch": "x86_64", "ip": "127.0.0.1"}
NAME = "mirror.newcomer.example"


@pytest.fixture
def world(
    settings: Settings,
    tmp_path: Path,
    django_db_serialized_rollback: None,
    transactional_db: None,
) -> Iterator[DemoDisk]:
    """The demo world with its mirrors, and a newcomer that copied the master and waits."""
    settings.STATE_DIR = tmp_path
    settings.MIRRORLIST_SNAPSHOT_DIR = tmp_path / "snapshots"
    settings.MIRRORLIST_MINIMUM_HOSTS = 1
    disk = DemoDisk(tmp_path / "demo")
    disk.build()
    disk.follow("newcomer")
    ports = mirror_ports(free_port(5))
    roots = {name: disk.mirror(name) for name in ports}
    newcomer = max(ports.values()) + 1
    build_world(disk, ports, now=NOW)
    host = HostFactory.create(name=NAME, approval="pending")
    url = f"http://127.0.0.1:{newcomer}/pub/fedora/linux"
    carry(host, Category.objects.get(name="Fedora Linux"), url)
    with serve_mirrors(
        {**roots, "newcomer": disk.mirror("newcomer")}, {**ports, "newcomer": newcomer}
    ):
        yield disk


def look_around() -> None:
    """Do what the schedules do."""
    call_command("umdl", verbosity=0)
    call_command("crawl", verbosity=0)
    call_command("build_snapshot", "--force", verbosity=0)


def listed(client: Client) -> bool:
    url = Host.objects.get(name=NAME).host_categories.get().urls.get().url
    answer = client.get("/metalink", ASKED)
    assert answer.status_code == 200
    return url in answer.content.decode()


def explained(client: Client) -> str:
    page = client.get(reverse("admin:mirrorlist_snapshot_explain"), ASKED)
    return page.content.decode()


def approve(client: Client, host: Host) -> None:
    changelist = reverse("admin:registry_host_changelist")
    chosen = {"action": "approve_selected", "_selected_action": [host.pk]}
    assert client.post(changelist, chosen, follow=True).status_code == 200


def test_a_mirror_is_listed_while_it_is_current_and_everybody_can_see_why(
    world: DemoDisk, admin: Client
) -> None:
    host = Host.objects.get(name=NAME)
    look_around()
    assert not listed(admin)
    assert NAME not in admin.get("/mirrors/").content.decode()

    approve(admin, host)
    look_around()
    assert listed(admin)
    assert NAME in admin.get("/mirrors/").content.decode()

    world.advance()  # the master moves on, the newcomer does not
    look_around()
    assert not listed(admin)
    assert "still has the state of" in explained(admin)
    issue = DirectoryIssue.objects.filter(host_category__host=host, state="stale").first()
    assert issue is not None
    assert "still has the state of" in issue.sentence

    world.follow("newcomer")
    look_around()
    assert listed(admin)
    assert not DirectoryIssue.objects.filter(host_category__host=host).exists()
