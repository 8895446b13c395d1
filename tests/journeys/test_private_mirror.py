"""A private mirror: it reports itself, falls silent, is warned, dropped, and comes back."""

import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from pyroaring import BitMap
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from registry.models import Directory, Event, Host, HostCategory, Notification, Site
from registry.tasks import expire_check_ins
from tests.factories import (
    DirectoryFactory,
    FileDetailFactory,
    HostCategoryFactory,
    HostCategoryUrlFactory,
    HostFactory,
    HostNetblockFactory,
    RepositoryFactory,
    carry,
)
from tests.registry.checking_in import (
    make_category,
    payload,
    quick_fedora_mirror,
    report_mirror,
    up2date,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
TREE: dict[str, dict[str, int]] = {"": {}, "releases": {}, "releases/42": {}, "updates": {}}


@pytest.fixture
def host(site: Site, ben: User) -> Host:
    """A private Host that Ben's Site has registered for two Categories."""
    host: Host = HostFactory.create(site=site, name="inside.example.org", private=True)
    HostCategoryFactory.create(host=host, category=make_category())
    HostCategoryFactory.create(host=host, category=make_category("Fedora EPEL", "pub/epel"))
    return host


@pytest.fixture
def password(host: Host) -> str:
    """The password that the operator prints for Ben."""
    out = StringIO()
    call_command("check_in_password", host.site.name, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def report(password: str, category: str) -> dict[str, object]:
    section = {"enabled": "1", "dirtree": TREE}
    site = {"enabled": "1", "name": "Example University", "password": password}
    return payload(site=site, **{"fedora linux": None}) | {category: section}


def hours_pass(moment: datetime, *, days: int) -> None:
    """Let the hourly job run for so many days."""
    for hour in range(days * 24):
        with time_machine.travel(moment + timedelta(hours=hour)):
            expire_check_ins()


def told() -> list[str]:
    rows = Notification.objects.filter(recipient="ben@example.org").order_by("id")
    return list(rows.values_list("event__kind", flat=True))


def reasons() -> dict[str, str]:
    return dict(HostCategory.objects.values_list("category__name", "reason"))


def test_a_private_mirror_reports_falls_silent_is_dropped_and_returns(
    host: Host, password: str, live_server: LiveServer
) -> None:
    with time_machine.travel(START):
        assert "added: 4" in report_mirror(live_server.url, report(password, "fedora linux"))
        assert quick_fedora_mirror(live_server.url, report(password, "fedora epel"))[2]
    # Half a year without a change of the master: nobody reports, and nothing is wrong.
    hours_pass(START + timedelta(days=180), days=1)
    assert (len(up2date()), len(up2date("Fedora EPEL")), told()) == (4, 4, [])

    change = START + timedelta(days=181)
    Directory.objects.filter(path="pub/fedora/linux/updates").update(changed_at=change)
    hours_pass(change, days=2)
    assert "pub/fedora/linux/updates" not in up2date()
    assert (len(up2date()), told()) == (3, [])
    hours_pass(change + timedelta(days=2), days=2)
    assert (len(up2date()), told()) == (3, ["check_in_missed"])
    hours_pass(change + timedelta(days=4), days=4)
    assert (len(up2date()), told()) == (0, ["check_in_missed", "check_in_expired"])
    assert "It comes back with its next check-in." in reasons()["Fedora Linux"]
    assert len(up2date("Fedora EPEL")) == 4

    with time_machine.travel(change + timedelta(days=9)):
        assert "added: 4" in report_mirror(live_server.url, report(password, "fedora linux"))
    assert (len(up2date()), told()[2:]) == (4, ["checked_in"])
    assert reasons()["Fedora Linux"] == "The Host reported 4 of 4 directories."
    kinds = Event.objects.filter(host=host).order_by("at").values_list("kind", flat=True)
    assert list(kinds) == [
        "checked_in", "checked_in",
        "check_in_outdated", "check_in_missed", "check_in_expired", "checked_in",
    ]  # fmt: skip


def test_a_mirror_that_was_only_warned_tells_its_owner_that_all_is_well(
    host: Host, password: str, live_server: LiveServer, client: Client
) -> None:
    with time_machine.travel(START):
        report_mirror(live_server.url, report(password, "fedora linux"))
    change = START + timedelta(days=1)
    Directory.objects.filter(path="pub/fedora/linux/updates").update(changed_at=change)
    hours_pass(change, days=4)
    with time_machine.travel(change + timedelta(days=4)):
        report_mirror(live_server.url, report(password, "fedora linux"))
    assert told() == ["check_in_missed", "checked_in"]
    assert len(up2date()) == 4


@pytest.fixture
def network_of_the_host(host: Host, settings: Settings, tmp_path: Path) -> None:
    """Its netblock, a Repository in the Category, and a public Host for everybody else."""
    settings.MIRRORLIST_SNAPSHOT_DIR = tmp_path / "snapshots"
    carried = host.host_categories.get(category__name="Fedora Linux")
    directory = Directory.objects.get(path="pub/fedora/linux/releases/42")
    HostCategoryUrlFactory.create(host_category=carried, url="https://inside.example.org/fedora")
    HostNetblockFactory.create(host=host, netblock="192.0.2.0/24")
    RepositoryFactory.create(directory=directory, prefix="fedora-42")
    repodata = DirectoryFactory.create(
        category=carried.category, path="pub/fedora/linux/releases/42/repodata"
    )
    FileDetailFactory.create(directory=repodata, sha256="a" * 64)
    public = carry(HostFactory.create(), carried.category, "https://public.example.org/fedora")
    HostCategory.objects.filter(pk=public.pk).update(
        up2date=BitMap(Directory.objects.values_list("id", flat=True))
    )


def answered(client: Client, kind: str, ip: str) -> list[str]:
    """Return the URLs of an answer, in order; those of private Hosts are marked."""
    call_command("build_snapshot", "--force", stdout=StringIO())
    question = {"repo": "fedora-42", "arch": "x86_64", "ip": ip}
    text = client.get(f"/{kind}", question).content.decode()
    if kind == "mirrorlist":
        return [line.split("/")[2] for line in text.splitlines() if line.startswith("http")]
    found = re.findall(r'<url [^>]*?( mm0:private="True")?>https://([^/]+)', text)
    return [f"{name}{mark}" for mark, name in found]


def test_only_its_own_network_gets_a_private_mirror_and_only_while_it_reports(
    host: Host, password: str, live_server: LiveServer, client: Client, network_of_the_host: None
) -> None:
    inside, outside = "192.0.2.7", "198.51.100.7"
    tree = {**TREE, "releases/42/repodata": {}}
    section = {"fedora linux": {"enabled": "1", "dirtree": tree}}
    with time_machine.travel(START):
        report_mirror(live_server.url, report(password, "fedora linux") | section)
    assert answered(client, "mirrorlist", inside) == ["inside.example.org", "public.example.org"]
    assert answered(client, "metalink", inside) == [
        'inside.example.org mm0:private="True"',
        "public.example.org",
    ]
    assert answered(client, "mirrorlist", outside) == ["public.example.org"]
    assert answered(client, "metalink", outside) == ["public.example.org"]

    change = START + timedelta(days=1)
    Directory.objects.filter(path="pub/fedora/linux/updates").update(changed_at=change)
    hours_pass(change, days=8)
    assert told() == ["check_in_missed", "check_in_expired"]
    assert answered(client, "mirrorlist", inside) == ["public.example.org"]
