import os
import signal
import threading
import time
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from mirrorsite.demo.disk import DemoDisk
from mirrorsite.demo.mirrors import mirror_ports
from mirrorsite.demo.people import CATEGORIES, HOSTS, SITES
from mirrorsite.demo.world import build_world
from registry.logic.netblocks import parse_netblock
from registry.models import (
    Approval,
    Category,
    Host,
    HostCategory,
    HostCategoryUrl,
    HostNetblock,
    NetblockCountry,
    RepositoryMapping,
    Site,
)
from tests.conftest import NOW
from tests.factories import DirectoryFactory
from tests.ports import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def disk(settings, tmp_path: Path) -> DemoDisk:
    settings.STATE_DIR = tmp_path
    disk = DemoDisk(tmp_path / "demo")
    disk.build()
    return disk


def demo(*arguments: str) -> str:
    output = StringIO()
    call_command("demo", *arguments, stdout=output)
    return output.getvalue()


def test_the_world_has_four_mirrors_and_a_queue_of_approvals(disk: DemoDisk) -> None:
    build_world(disk, mirror_ports(9000), now=NOW)
    assert Host.objects.crawlable().count() == 3
    assert Host.objects.servable().filter(private=True).count() == 1
    assert Site.objects.pending().count() == 1
    assert set(Host.objects.pending().values_list("site__approval", flat=True)) == {
        Approval.APPROVED,
        Approval.PENDING,
    }


def test_everything_in_the_world_is_valid(disk: DemoDisk) -> None:
    build_world(disk, mirror_ports(9000), now=NOW)
    for model in (Site, Host, HostNetblock, HostCategoryUrl, RepositoryMapping, NetblockCountry):
        for row in model._default_manager.all():
            row.full_clean()


def test_building_twice_adds_nothing_and_keeps_what_an_operator_changed(disk: DemoDisk) -> None:
    first = build_world(disk, mirror_ports(9000), now=NOW)
    Site.objects.pending().update(approval=Approval.APPROVED)
    Host.objects.filter(name__startswith="miroir").update(admin_active=False, bandwidth_mbps=5)
    assert build_world(disk, mirror_ports(9000), now=NOW) == first
    assert not Site.objects.pending().exists()
    assert Host.objects.get(bandwidth_mbps=5).admin_active is False


def test_other_ports_and_directories_are_taken_over(disk: DemoDisk, tmp_path: Path) -> None:
    build_world(disk, mirror_ports(9000), now=NOW)
    build_world(DemoDisk(tmp_path / "moved"), mirror_ports(9001), now=NOW)
    assert sorted(HostCategoryUrl.objects.values_list("url", flat=True)) == [
        "http://127.0.0.1:9001/pub/epel",
        "http://127.0.0.1:9001/pub/fedora/linux",
        "http://127.0.0.1:9002/pub/epel",
        "http://127.0.0.1:9002/pub/fedora/linux",
        "http://127.0.0.1:9003/pub/fedora/linux",
        "http://127.0.0.1:9004/pub/fedora/linux",
    ]
    category = Category.objects.get(name="Fedora Linux")
    assert category.source_location == f"{tmp_path}/moved/master/pub/fedora/linux"


def test_the_master_tree_is_where_the_categories_say(disk: DemoDisk) -> None:
    build_world(disk, mirror_ports(9000), now=NOW)
    for location in Category.objects.values_list("source_location", flat=True):
        assert (Path(location) / "README").exists()


def test_the_private_mirror_prefers_its_networks_but_not_every_local_client() -> None:
    (private,) = (host for host in HOSTS if host.private)
    networks = [parse_netblock(netblock) for netblock, _ in private.netblocks]
    assert any(parse_netblock("127.0.0.65").subnet_of(network) for network in networks)  # type: ignore[arg-type]
    assert not any(parse_netblock("127.0.0.1").subnet_of(network) for network in networks)  # type: ignore[arg-type]


def test_every_host_belongs_to_a_site_and_carries_known_categories() -> None:
    assert {host.site for host in HOSTS} == {site.name for site in SITES}
    assert {name for host in HOSTS for name in host.categories} <= {c.name for c in CATEGORIES}


def test_the_check_in_of_the_private_mirror_fills_its_set(disk: DemoDisk) -> None:
    demo("build", "--port", "9000")
    fedora = Category.objects.get(name="Fedora Linux")
    path = "pub/fedora/linux/updates/42/Everything/x86_64/repodata"
    directory = DirectoryFactory.create(category=fedora, path=path)
    assert "Fedora Linux: 1 directories added" in demo("check-in")
    assert set(HostCategory.objects.get(host__private=True).up2date) == {directory.pk}


def test_the_command_builds_and_advances(settings, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path
    assert "The master tree is written." in demo("build")
    assert "2 Categories, 5 Sites and 6 Hosts" in demo("build")
    assert "Update 1 is published" in demo("advance", "--once")
    assert demo("advance", "--once") == ""
    assert "Update 2 is published" in demo("advance")


def test_pieces_that_need_the_world_say_so(settings, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path
    with pytest.raises(CommandError, match=r"Run “manage\.py demo build” first"):
        demo("advance")


def test_the_operator_is_created_once_and_can_sign_in(client) -> None:
    password = demo("operator").splitlines()[0].rpartition(" ")[2]
    credentials = {"username": "operator", "password": password}
    assert client.post("/accounts/login/", credentials).status_code == 302
    assert demo("operator") == ""
    assert User.objects.count() == 1


def test_the_mirrors_run_until_they_are_told_to_stop(disk: DemoDisk) -> None:
    demo("build")
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    timer = threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGTERM])
    timer.start()
    try:
        started = time.monotonic()
        output = demo("mirrors", "--port", str(free_port(4)), "--first-check-in", "0.1")
    finally:
        timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
    assert time.monotonic() - started < 10
    assert "The stale mirror answers at http://127.0.0.1:" in output
    assert "Check-in: The master tree of “Fedora Linux” has not been scanned yet" in output
